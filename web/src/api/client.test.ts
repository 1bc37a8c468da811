import { QueryClient } from "@tanstack/react-query";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { answer, api, send } from "./client";
import { Problem } from "./problem";
import { rememberTrace } from "./trace";
import { meQuery } from "./users";

const origin = "http://vivavoce.test";
const get = (path: string) => new Request(`${origin}${path}`);

describe("sending a request", () => {
  const fetched = vi.fn<(input: Request | string, init?: RequestInit) => Promise<Response>>();
  let signedIn = false;

  beforeEach(() => {
    signedIn = false;
    fetched.mockReset();
    fetched.mockImplementation(async (input) => {
      await Promise.resolve();
      if (input === "/api/auth/refresh") {
        signedIn = true;
        return new Response("{}", { status: 200 });
      }
      return new Response(null, { status: signedIn ? 200 : 401 });
    });
    vi.stubGlobal("fetch", fetched);
  });
  afterEach(() => vi.unstubAllGlobals());

  const refreshes = () => fetched.mock.calls.filter(([input]) => input === "/api/auth/refresh").length;

  it("refreshes a stale login once for all requests that met it, and sends each again", async () => {
    const answers = await Promise.all(["/api/sessions", "/api/topics", "/api/users/me"].map((path) => send(get(path))));
    expect(answers.map((answer) => answer.status)).toEqual([200, 200, 200]);
    expect(refreshes()).toBe(1);
  });

  it("sends the body again too", async () => {
    const bodies: string[] = [];
    fetched.mockImplementation(async (input) => {
      if (typeof input === "string") {
        signedIn = true;
        return new Response("{}");
      }
      bodies.push(await input.text());
      return new Response(null, { status: signedIn ? 200 : 401 });
    });
    await send(new Request(`${origin}/api/sessions`, { method: "POST", body: "words" }));
    expect(bodies).toEqual(["words", "words"]);
  });

  it("gives the 401 back when the login is over", async () => {
    fetched.mockImplementation(() => Promise.resolve(new Response(null, { status: 401 })));
    expect((await send(get("/api/sessions"))).status).toBe(401);
    expect(refreshes()).toBe(1);
  });

  it.each([
    ["nobody answers", () => Promise.reject(new TypeError("Failed to fetch")), new Problem("unreachable", 0, null)],
    ["the service is down", () => Promise.resolve(new Response(null, { status: 503, headers: { "Retry-After": "2" } })), new Problem("unknown", 503, null, {}, 2)],
  ])("takes nobody for signed out when %s as the login is refreshed", async (_what, refresh, problem) => {
    fetched.mockImplementation((input) => (typeof input === "string" ? refresh() : Promise.resolve(new Response(null, { status: 401 }))));
    await expect(send(get("/api/users/me"))).rejects.toEqual(problem);
    const asked = new QueryClient({ defaultOptions: { queries: { retry: false } } });
    await expect(asked.query(meQuery())).rejects.toEqual(problem);
    expect(asked.getQueryData(meQuery().queryKey)).toBeUndefined();
  });

  it("does not refresh for a wrong password", async () => {
    expect((await send(get("/api/auth/sign-in"))).status).toBe(401);
    expect(refreshes()).toBe(0);
  });

  it("carries a session's trace", async () => {
    signedIn = true;
    rememberTrace({ id: "s1", traceparent: "00-abc-def-01" });
    await send(get("/api/sessions/s1/transcript"));
    await send(get("/api/sessions/s2"));
    const traces = fetched.mock.calls.map(([input]) => (input as Request).headers.get("traceparent"));
    expect(traces).toEqual(["00-abc-def-01", null]);
  });

  describe("that hangs", () => {
    let deadline: AbortController;
    let deadlines: number[];

    beforeEach(() => {
      deadline = new AbortController();
      deadlines = [];
      vi.spyOn(AbortSignal, "timeout").mockImplementation((ms) => {
        deadlines.push(ms);
        return deadline.signal;
      });
    });

    const passes = () => deadline.abort(new DOMException("", "TimeoutError"));
    const hangs = (init?: RequestInit) =>
      new Promise<Response>((_, reject) => {
        init?.signal?.addEventListener("abort", () => reject(init.signal?.reason as DOMException));
      });

    it("says that nobody answered", async () => {
      fetched.mockImplementation((_input, init) => hangs(init));
      const sent = send(get("/api/topics"));
      passes();
      await expect(sent).rejects.toEqual(new Problem("unreachable", 0, null));
      expect(deadlines).toEqual([10_000]);
    });

    it("says so of the refresh of a login too", async () => {
      fetched.mockImplementation((input, init) => (typeof input === "string" ? hangs(init) : Promise.resolve(new Response(null, { status: 401 }))));
      const sent = send(get("/api/topics"));
      await vi.waitFor(() => expect(refreshes()).toBe(1));
      passes();
      await expect(sent).rejects.toEqual(new Problem("unreachable", 0, null));
    });

    it("says so of an answer that breaks off", async () => {
      const begins = new ReadableStream({ start: (body) => deadline.signal.addEventListener("abort", () => body.error(deadline.signal.reason)) });
      fetched.mockImplementation(() => Promise.resolve(new Response(begins, { headers: { "content-type": "application/json" } })));
      const asked = answer(api.GET("/api/users/me"));
      passes();
      await expect(asked).rejects.toEqual(new Problem("unreachable", 0, null));
    });

    it("leaves an abort of the caller's as it is", async () => {
      fetched.mockImplementation((_input, init) => hangs(init));
      const caller = new AbortController();
      const sent = send(new Request(`${origin}/api/topics`, { signal: caller.signal }));
      caller.abort();
      await expect(sent).rejects.toMatchObject({ name: "AbortError" });
    });
  });

  it("says when nobody answers", async () => {
    fetched.mockRejectedValue(new TypeError("Failed to fetch"));
    await expect(send(get("/api/topics"))).rejects.toEqual(new Problem("unreachable", 0, null));
  });
});
