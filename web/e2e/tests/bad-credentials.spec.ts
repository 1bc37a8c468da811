//! Who is nobody, somebody else, or sent by somebody else's page.

import { expect, test } from "@playwright/test";
import { createHash, createPrivateKey, generateKeyPairSync, type KeyObject, randomUUID, sign } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { countOf } from "../support/databases.ts";
import { eventually } from "../support/eventually.ts";
import { Practice } from "../support/practice.ts";
import { expectRefused } from "../support/refusal.ts";
import { stack, trace } from "../support/stack.ts";
import { type Answer, ask, type Asked } from "../support/wire.ts";

const MEBIBYTE = 1024 * 1024;
const JSON_TYPE = { "content-type": "application/json" };

let practice: Practice;

test.beforeAll(async () => {
  practice = await Practice.begins();
});

/** Every request that only somebody who is signed in may send. */
function privateRequests(): Asked[] {
  const { path } = practice;
  const json = practice.jsonRequests().filter(({ path }) => !path.startsWith("/api/auth/"));
  return [
    ...["/api/users/me", "/api/sessions", path, `${path}/events`, `${path}/audio`, `${path}/audio/peaks`].map((path) => ({ path })),
    ...json.map((request) => ({ ...request, body: JSON.stringify(request.body) })),
    { method: "POST", path: `${path}/rating`, headers: { "idempotency-key": randomUUID() } },
    { method: "POST", path: `${path}/upload`, headers: { "content-type": "audio/webm" }, body: "not looked at" },
    { method: "DELETE", path },
  ];
}

/** Every request that changes something. */
function unsafeRequests(): Asked[] {
  const accounts = practice.jsonRequests().filter(({ path }) => path.startsWith("/api/auth/"));
  return [
    ...accounts.map((request) => ({ ...request, body: JSON.stringify(request.body) })),
    ...["/api/auth/refresh", "/api/auth/sign-out"].map((path) => ({ method: "POST", path })),
    ...privateRequests().filter(({ method }) => method),
  ];
}

async function changesNothing(meanwhile: () => Promise<void>): Promise<void> {
  const before = await practice.standing();
  await meanwhile();
  expect(await practice.standing()).toEqual(before);
}

const encoded = (part: unknown) => Buffer.from(JSON.stringify(part)).toString("base64url");

/** An access token, as accounts would write it. */
function token(key: KeyObject, kid: string, claims: Record<string, unknown>, alg = "EdDSA"): string {
  const said = `${encoded({ typ: "JWT", alg, kid })}.${encoded(claims)}`;
  return `${said}.${sign(null, Buffer.from(said), key).toString("base64url")}`;
}

/** The key that accounts signs with. */
function signingKey(): KeyObject {
  const settings = readFileSync(join(stack.folder, "secrets.env"), "utf8");
  // pragma: allowlist nextline secret
  const pem = /-----BEGIN PRIVATE KEY-----[^-]+-----END PRIVATE KEY-----/.exec(settings)?.[0];
  if (!pem) throw new Error("the stack has no ACCOUNTS_SIGNING_KEY");
  return createPrivateKey(pem.replaceAll("\\n", "\n"));
}

test("B25 nobody is refused wherever somebody is needed", async () => {
  await changesNothing(async () => {
    for (const asked of privateRequests()) {
      const answer = await ask({ ...asked, headers: { origin: stack.url, ...asked.headers } });
      expectRefused(answer, "unauthenticated", `${asked.method ?? "GET"} ${asked.path}`);
    }
    expectRefused(await ask({ method: "POST", path: "/api/auth/refresh", headers: { origin: stack.url } }), "unauthenticated", "refresh");
  });
});

test("B26 a token that ran out, was changed or signed with another key is refused and cleared", async () => {
  const [name = "", real = ""] = practice.cookie.split("=");
  const [head = "", body = "", signature = ""] = real.split(".");
  const { kid } = JSON.parse(Buffer.from(head, "base64url").toString()) as { kid: string };
  const claims = JSON.parse(Buffer.from(body, "base64url").toString()) as { iat: number; exp: number };
  const other = generateKeyPairSync("ed25519").privateKey;
  const own = signingKey();
  const again = token(own, kid, claims);
  expect((await ask({ path: "/api/users/me", headers: { cookie: `${name}=${again}` } })).status, "a token made here is like one of accounts").toBe(200);

  const tokens: Record<string, string> = {
    "ran out": token(own, kid, { ...claims, iat: claims.iat - 3600, exp: claims.exp - 3600 }),
    "not yet made": token(own, kid, { ...claims, iat: claims.iat + 3600, exp: claims.exp + 3600 }),
    "of another issuer": token(own, kid, { ...claims, iss: "somebody" }),
    "for another learner": `${head}.${encoded({ ...claims, sub: randomUUID() })}.${signature}`,
    "with another role": `${head}.${encoded({ ...claims, roles: ["admin"] })}.${signature}`,
    "with another signature": `${head}.${body}.${signature.startsWith("A") ? "B" : "A"}${signature.slice(1)}`,
    "without a signature": `${head}.${body}.`,
    "of no algorithm": `${encoded({ typ: "JWT", alg: "none", kid })}.${body}.`,
    "signed with another key": token(other, kid, claims),
    "signed with a key nobody published": token(other, randomUUID(), claims),
    "without a key": `${encoded({ typ: "JWT", alg: "EdDSA" })}.${body}.${signature}`,
    "not a token": "not-a-token",
    empty: "",
  };
  await changesNothing(async () => {
    for (const [what, token] of Object.entries(tokens)) {
      for (const asked of privateRequests()) {
        const answer = await practice.ask({ ...asked, headers: { ...asked.headers, cookie: `${name}=${token}` } });
        expectRefused(answer, "unauthenticated", `${what}: ${asked.method ?? "GET"} ${asked.path}`);
        expect(answer.headers.get("set-cookie"), what).toMatch(new RegExp(`^${name}=; Path=/;.*Max-Age=0`));
      }
    }
    for (const login of ["not-a-login", randomUUID(), real]) {
      const answer = await practice.ask({ method: "POST", path: "/api/auth/refresh", headers: { cookie: `${name.replace("access", "login")}=${login}` } });
      expectRefused(answer, "unauthenticated", login);
      expect(answer.headers.getSetCookie().map((line) => /^[^=]+=;.*Max-Age=0/.test(line))).toEqual([true, true]);
    }
  });
});

test("B28 what a page of another site sends is refused", async () => {
  await changesNothing(async () => {
    for (const site of ["cross-site", "same-site", "none", ""]) {
      for (const asked of unsafeRequests()) {
        const answer = await practice.ask({ ...asked, headers: { ...asked.headers, "sec-fetch-site": site } });
        expectRefused(answer, "csrf-rejected", `${site}: ${asked.method} ${asked.path}`);
      }
    }
  });
});

test("B29 without Sec-Fetch-Site, an origin that is foreign, null or absent is refused", async () => {
  const [scheme = "", host = ""] = stack.url.split("://");
  await changesNothing(async () => {
    for (const origin of ["https://evil.example", "null", "", `${scheme}://evil.${host}`, `${stack.url}.evil.example`, `${stack.url}/`, undefined]) {
      for (const { headers, ...asked } of unsafeRequests()) {
        const answer = await ask({ ...asked, headers: { cookie: practice.cookie, ...headers, ...(origin !== undefined && { origin }) } });
        expectRefused(answer, "csrf-rejected", `${origin}: ${asked.method} ${asked.path}`);
      }
    }
  });
});

/** A sign-in that fails. */
async function fails(email: string, headers = {}): Promise<Answer> {
  const body = JSON.stringify({ email, password: "corkvine under steel" });
  return ask({ method: "POST", path: "/api/auth/sign-in", headers: { origin: stack.url, ...JSON_TYPE, ...headers }, body });
}

test("B68 failed sign-ins count for where they come from, whatever they say of it", async () => {
  const failuresAt = async (address: string) => {
    const subject = createHash("sha256").update(`address\0${address}`).digest("hex");
    return countOf("accounts", `select coalesce(max(failures), 0) from sign_in_failure where subject = '\\x${subject}'`);
  };
  const [here, elsewhere] = ["127.0.0.1", "203.0.113.7"];
  const before = await failuresAt(here);
  for (const name of ["x-real-ip", "x-forwarded-for", "forwarded"]) {
    expectRefused(await fails(`nobody-${randomUUID()}@example.test`, { [name]: name === "forwarded" ? `for=${elsewhere}` : elsewhere }), "invalid-credentials", name);
  }
  expect([await failuresAt(here), await failuresAt(elsewhere)]).toEqual([before + 3, 0]);
});

test("B69 a wrong password and an unknown address are answered alike, after the same work", async () => {
  const answers = [await fails(practice.visitor.email), await fails(practice.newcomer), await fails("not an address")];
  const bodies = answers.map(({ body }) => ({ ...(JSON.parse(String(body)) as { instance: string }), instance: "" }));
  for (const [at, answer] of answers.entries()) {
    expectRefused(answer, "invalid-credentials", String(answer.body));
    expect(bodies[at]).toEqual(bodies[0]);
    expect([...answer.headers.keys()], "not a header more").toEqual([...answers[0]!.headers.keys()]);
  }
  const [known, unknown] = await Promise.all(answers.slice(0, 2).map(async (answer) => stepsOf(answer)));
  expect(known).toContain("op.accounts.verify_password");
  expect(unknown).toEqual(known);
});

/** What a service did for an answer. */
async function stepsOf({ headers }: Answer): Promise<string[]> {
  return eventually("the trace of a sign-in", async () => {
    const spans = await trace(headers.get("trace-id")!);
    return spans.some(({ name }) => name.startsWith("http.")) ? spans.map(({ name }) => name).sort() : undefined;
  });
}

test("B70 a password that is short, common or a book is refused", async () => {
  const { headers, body, ...register } = practice.jsonRequests()[0]!;
  const registers = async (password: string) => practice.ask({ ...register, headers, body: JSON.stringify({ ...body, password }) });
  await changesNothing(async () => {
    for (const password of ["seven77", "\u4e03\u3064\u306e\u6d77\u3092\u8d8a\u3048", ""]) {
      expectRefused(await registers(password), "weak-password", password, { field: "password", reason: "too_short" });
    }
    for (const password of ["password", "Password1!", "p@ssw0rd", "12345678", "qwertyuiop", "iloveyou2", "aaaaaaaa", practice.newcomer]) {
      expectRefused(await registers(password), "weak-password", password, { field: "password", reason: "common" });
    }
    expectRefused(await registers("long enough ".repeat(86)), "validation-failed", "more than 1024 bytes", { field: "password" });
    expectRefused(await registers("p".repeat(MEBIBYTE)), "content-too-large", "a mebibyte");
  });
});
