import "fake-indexeddb/auto";
import { IDBFactory } from "fake-indexeddb";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Turn } from "@/api/contract";

let session: { state: string; revision: number; turns: Turn[] } | null;
let signedIn: string;
let saved: { revision: number }[];
let refusal: number | null;

function answer(body: unknown, status = 200): Response {
  return new Response(JSON.stringify(body), { status, headers: { "content-type": "application/json" } });
}

beforeEach(() => {
  vi.resetModules();
  vi.stubGlobal("indexedDB", new IDBFactory());
  session = { state: "open", revision: 2, turns: [] };
  signedIn = "maya";
  saved = [];
  refusal = null;
  vi.stubGlobal("fetch", async (request: Request) => {
    const { pathname } = new URL(request.url);
    if (pathname === "/api/users/me") return answer({ id: signedIn });
    if (session === null) return answer({}, 404);
    if (request.method === "GET") return answer({ id: "s1", state: session.state, traceparent: null, transcript: { revision: session.revision, turns: session.turns } });
    if (refusal !== null) return answer({}, refusal);
    saved.push((await request.json()) as { revision: number });
    return answer({ revision: saved.at(-1)?.revision });
  });
});

const turn = { item_id: "i", speaker: "learner", start_ms: 0, end_ms: 900, text: "hello", state: "complete", call: 1 } as Turn;
const draft = (revision: number) => ({ revision, turns: [turn], calls: [{ number: 1, start_ms: 0, end_ms: null }] });
const turns = () => import("./kept-turns");

describe("words that the server may not have", () => {
  it("are kept until they are forgotten", async () => {
    const { forgetTurns, keepTurns, keptTurns } = await turns();
    await keepTurns("maya", "s1", draft(3));
    expect(await keptTurns("s1")).toEqual(draft(3));
    await forgetTurns("s1");
    expect(await keptTurns("s1")).toBeNull();
  });

  it("are saved at the next visit, and then forgotten", async () => {
    const { finishTurns, keepTurns, keptTurns } = await turns();
    await keepTurns("maya", "s1", draft(3));
    await finishTurns("maya");
    expect(saved).toEqual([draft(3)]);
    expect(await keptTurns("s1")).toBeNull();
  });

  it("are not saved over newer ones", async () => {
    const { finishTurns, keepTurns, keptTurns } = await turns();
    await keepTurns("maya", "s1", draft(2));
    await finishTurns("maya");
    expect([saved.length, await keptTurns("s1")]).toEqual([0, null]);
  });

  it("are kept for the learner to read when the practice was sealed without them, and hold nobody up", async () => {
    const { finishTurns, keepTurns, keptTurns, unsavedTurnsOf } = await turns();
    session = { state: "finalized", revision: 2, turns: [] };
    await keepTurns("maya", "s1", draft(3));
    await finishTurns("maya");
    expect(await keptTurns("s1")).toEqual(draft(3));
    expect([saved.length, await unsavedTurnsOf("maya")]).toEqual([0, []]);
  });

  it("stay away when the learner lets them go while it is found out that they are too late", async () => {
    const { finishTurns, forgetTurns, keepTurns, keptTurns } = await turns();
    session = { state: "finalized", revision: 2, turns: [] };
    await keepTurns("maya", "s1", draft(3));
    const reads = globalThis.fetch;
    vi.stubGlobal("fetch", async (request: Request) => {
      await forgetTurns("s1");
      return reads(request);
    });
    await finishTurns("maya");
    expect(await keptTurns("s1")).toBeNull();
  });

  it("are forgotten when the practice is sealed with them, or gone", async () => {
    const { finishTurns, keepTurns, keptTurns } = await turns();
    session = { state: "finalized", revision: 2, turns: [turn] };
    await keepTurns("maya", "s1", draft(3));
    await finishTurns("maya");
    expect([saved.length, await keptTurns("s1")]).toEqual([0, null]);
    session = null;
    await keepTurns("maya", "s1", draft(3));
    await finishTurns("maya");
    expect(await keptTurns("s1")).toBeNull();
  });

  it("stay when the server does not answer, and when somebody else signed in meanwhile", async () => {
    const { finishTurns, keepTurns, keptTurns } = await turns();
    await keepTurns("maya", "s1", draft(3));
    refusal = 503;
    await finishTurns("maya");
    expect(await keptTurns("s1")).toEqual(draft(3));
    session = null;
    signedIn = "ben";
    await finishTurns("maya");
    expect(await keptTurns("s1")).toEqual(draft(3));
  });

  it("are nothing to another learner", async () => {
    const { finishTurns, keepTurns, keptTurns, unsavedTurnsOf } = await turns();
    await keepTurns("maya", "s1", draft(3));
    await finishTurns("ben");
    expect(await unsavedTurnsOf("ben")).toEqual([]);
    expect([saved.length, await keptTurns("s1")]).toEqual([0, draft(3)]);
  });

  it("are lost to nobody's call where the browser keeps nothing", async () => {
    vi.stubGlobal("indexedDB", { open: () => { throw new DOMException("", "UnknownError"); } });
    const { finishTurns, forgetTurns, keepTurns, keptTurns } = await turns();
    await keepTurns("maya", "s1", draft(3));
    await finishTurns("maya");
    await forgetTurns("s1");
    expect(await keptTurns("s1")).toBeNull();
  });
});
