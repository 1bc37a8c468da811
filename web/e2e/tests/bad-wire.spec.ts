//! What is hardly HTTP.

import { expect, test } from "@playwright/test";
import { expectRefused } from "../support/refusal.ts";
import { stack } from "../support/stack.ts";
import { ask, say } from "../support/wire.ts";

const KIBIBYTE = 1024;
const HOST = `Host: ${new URL(stack.url).host}`;
/** One path of the edge's own, one of each service. */
const PATHS = ["/", "/api/users/me", "/api/topics", "/api/sessions", "/api/realtime/session", "/api/sessions/x/audio"];

/** A request line with headers, the last of which asks the edge to hang up. */
function written(first: string, ...lines: string[]): string {
  return [first, HOST, ...lines, "Connection: close", "", ""].join("\r\n");
}

test("B64 headers of more than 16 KiB are too large", async () => {
  const long = `X-Long: ${"a".repeat(16 * KIBIBYTE)}`;
  const several = Array.from({ length: 18 }, (_, at) => `X-Long-${at}: ${"a".repeat(1000)}`);
  for (const path of PATHS) {
    for (const lines of [[long], several]) expectRefused(await say(written(`GET ${path} HTTP/1.1`, ...lines)), "header-fields-too-large", path);
  }
});

test("B64 more than a hundred headers are too many for the API", async () => {
  const many = Array.from({ length: 101 }, (_, at) => `X-Many-${at}: a`);
  for (const path of PATHS.slice(1)) {
    const { status, body } = await say(written(`GET ${path} HTTP/1.1`, ...many));
    // The HTTP library of the services gives up before anybody can say more.
    expect([status, String(body)], path).toEqual([431, ""]);
  }
  expect((await say(written("GET /api/topics HTTP/1.1", ...many.slice(0, 80)))).status).toBe(200);
});

test("B65 an address of more than 8 KiB is too long", async () => {
  for (const path of PATHS) {
    for (const length of [8 * KIBIBYTE + 1, 12 * KIBIBYTE, 20 * KIBIBYTE]) {
      expectRefused(await ask({ path: `${path}?q=`.padEnd(length, "a") }), "uri-too-long", `${path}, ${length} bytes`);
      expectRefused(await ask({ path: `${path}/`.padEnd(length, "a") }), "uri-too-long", `${path}, ${length} bytes`);
    }
  }
  expect((await ask({ path: "/api/topics?limit=1&q=".padEnd(8 * KIBIBYTE, "%20") })).status, "8 KiB are read").toBe(422);
});

test("B66 a request that two readers could read differently is malformed, and the connection is closed", async () => {
  const second = "GET /api/topics?limit=1 HTTP/1.1\r\n";
  const body = `0\r\n\r\n${second}`;
  const posted = (...lines: string[]) => `${["POST /api/auth/sign-in HTTP/1.1", HOST, ...lines].join("\r\n")}\r\n\r\n${body}`;
  const ambiguous: Record<string, string> = {
    "a length and a coding": posted("Content-Length: 5", "Transfer-Encoding: chunked"),
    "a coding and a length": posted("Transfer-Encoding: chunked", "Content-Length: 5"),
    "a coding behind a bare line feed": posted("Content-Length: 5\nTransfer-Encoding: chunked"),
    "two lengths": posted("Content-Length: 5", "Content-Length: 6"),
    "one length twice": posted("Content-Length: 5", "Content-Length: 5"),
    "a list of lengths": posted("Content-Length: 5, 5"),
    "a negative length": posted("Content-Length: -5"),
    "two codings": posted("Transfer-Encoding: chunked", "Transfer-Encoding: chunked"),
    "another coding": posted("Transfer-Encoding: xchunked"),
    "a folded line": posted("X-Folded: one", " two"),
    "a line folded by a tab": posted("X-Folded: one", "\tContent-Length: 5"),
    "a space before the colon": posted("Content-Length : 5"),
    "a bare carriage return": posted("X-Bare: one\rContent-Length: 5"),
    "no host": "GET /api/topics HTTP/1.1\r\n\r\n",
    "two hosts": written("GET /api/topics HTTP/1.1", HOST),
    "no HTTP": "\u0000\u0001\r\n\r\n",
  };
  for (const [what, bytes] of Object.entries(ambiguous)) {
    const answer = await say(bytes);
    expectRefused(answer, "malformed-request", what);
    expect(answer.headers.get("connection"), what).toBe("close");
    expect(String(answer.body), "what follows is not another request").not.toContain("HTTP/1.1");
  }
});
