import "fake-indexeddb/auto";
import { IDBFactory } from "fake-indexeddb";
import { Blob as NodeBlob } from "node:buffer";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { FakeTus } from "./fake-tus";

const MIB = 1024 * 1024;
const enough = 64 * 1024;
const recording = { sessionId: "s1", learnerId: "maya", zero: 1000 };

let server: FakeTus;
/** Who is signed in, and whether a refresh of the login works. */
let signedIn: string | null;
let refreshes: number;
let refreshFails: boolean;
let sessionState: string | null;

function answer(body: unknown, status = 200): Response {
  return new Response(JSON.stringify(body), { status, headers: { "content-type": "application/json" } });
}

beforeEach(() => {
  vi.resetModules();
  // Tasks of the database run as they come; only pauses are ours to pass.
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  server = new FakeTus();
  signedIn = "maya";
  refreshes = 0;
  refreshFails = false;
  sessionState = "open";
  vi.stubGlobal("indexedDB", new IDBFactory());
  vi.stubGlobal("Blob", NodeBlob);
  vi.stubGlobal("XMLHttpRequest", server.requestClass);
  vi.stubGlobal("fetch", (input: Request | string) => {
    const { pathname } = new URL(typeof input === "string" ? input : input.url, "http://localhost");
    if (pathname === "/api/auth/refresh") {
      refreshes += 1;
      if (refreshFails) return Promise.reject(new TypeError("Failed to fetch"));
      return Promise.resolve(answer({}, signedIn === null ? 401 : 200));
    }
    if (pathname === "/api/users/me") return Promise.resolve(signedIn === null ? answer({}, 401) : answer({ id: signedIn }));
    if (pathname === "/api/sessions/s1") return Promise.resolve(sessionState === null ? answer({}, 404) : answer({ id: "s1", state: sessionState, traceparent: null }));
    throw new Error(`nobody answers ${pathname}`);
  });
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** Time passes until it is so; never more than a minute of the page's. */
async function eventually(what: string, so: () => boolean | Promise<boolean>): Promise<void> {
  for (let turn = 0; turn < 6_000; turn += 1) {
    if (await so()) return;
    await new Promise(setImmediate);
    await vi.advanceTimersByTimeAsync(10);
  }
  throw new Error(`never seen: ${what}`);
}

function noise(bytes: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length: bytes }, (_, index) => (index * 31 + (index >> 8)) % 251);
}

/** Whether the server has so many bytes and knows that they are all. */
function hasAll(bytes: number): boolean {
  return server.uploads.size > 0 && server.only().length === bytes && server.only().bytes.length === bytes;
}

function same(bytes: Uint8Array, ...parts: Uint8Array[]): boolean {
  return Buffer.concat(parts).equals(bytes);
}

const page = () => import("./uploads");
const kept = () => import("./kept");

/** The same browser, opened anew: nothing of the earlier tab is left but what it kept. */
function opensAgain(): void {
  vi.resetModules();
}

async function slicesKept(): Promise<number> {
  const { slicesIn, takesOf } = await kept();
  const [take] = await takesOf("s1");
  return take === undefined ? 0 : (await slicesIn(take)).length;
}

async function isForgotten(): Promise<boolean> {
  const { recordingsOf } = await kept();
  return (await recordingsOf("maya")).length === 0;
}

describe("a recording on its way", () => {
  it("is sent while the learner speaks, and what the server has is not kept", async () => {
    const { beginTake, currentUploads, endTakes } = await page();
    const tape = beginTake(recording, 2500, "audio/webm");
    const sound = noise(enough + 100);
    tape.add(sound);
    await eventually("the bytes on the server", () => server.uploads.size === 1 && server.only().bytes.length === sound.length);
    expect(server.only().length, "the learner still speaks").toBeNull();
    expect(server.only().metadata).toContain(`start_ms ${btoa("2500")}`);
    expect(currentUploads().size, "while it is recorded there is nothing to show").toBe(0);
    await eventually("the slices gone from the browser", async () => (await slicesKept()) === 0);

    tape.finish();
    endTakes("s1");
    expect(currentUploads().get("s1")?.state).toBe("sending");
    await eventually("the length", () => hasAll(sound.length));
    await eventually("nothing kept", isForgotten);
    expect(currentUploads().get("s1")?.state).toBe("sent");
    expect(same(server.only().bytes, sound)).toBe(true);
  });

  it("waits two seconds when there is little to send", async () => {
    const { beginTake } = await page();
    const tape = beginTake(recording, 0, "audio/webm");
    tape.add(noise(2000));
    await eventually("an upload", () => server.uploads.size === 1);
    expect(server.only().bytes).toHaveLength(0);
    await vi.advanceTimersByTimeAsync(2_000);
    await eventually("the little", () => server.only().bytes.length === 2000);
  });

  it("begins nothing on the server for a take without a sound", async () => {
    const { beginTake, endTakes } = await page();
    const tape = beginTake(recording, 0, "audio/webm");
    tape.add(new Uint8Array());
    tape.finish();
    endTakes("s1");
    await eventually("nothing kept", isForgotten);
    expect(server.requests).toEqual([]);
  });

  it("keeps and sends a giant slice in pieces, in order", async () => {
    const { beginTake } = await page();
    server.always("POST", "silence");
    const tape = beginTake(recording, 0, "audio/webm");
    const sound = noise(3 * MIB + 5);
    tape.add(sound);
    tape.add(noise(7));
    tape.finish();
    await eventually("the pieces in the browser", async () => (await slicesKept()) === 5);
    server.always("POST", null);
    await eventually("all of it", () => hasAll(sound.length + 7));
    expect(Math.max(...server.requests.map(({ bytes }) => bytes))).toBe(MIB);
    expect(same(server.only().bytes, sound, noise(7))).toBe(true);
  });

  it("goes on where the network broke off, and sends nothing twice", async () => {
    const { beginTake } = await page();
    server.next("PATCH", { cutAfter: 1000 });
    const tape = beginTake(recording, 0, "audio/webm");
    const sound = noise(enough);
    tape.add(sound);
    tape.finish();
    await eventually("all of it", () => hasAll(sound.length));
    expect(same(server.only().bytes, sound)).toBe(true);
    expect(server.requests.filter(({ method }) => method === "PATCH").map(({ bytes }) => bytes)).toEqual([enough, enough - 1000]);
  });

  it("gives up a request that neither moves nor is answered, and goes on", async () => {
    const { beginTake } = await page();
    server.next("PATCH", "silence");
    const tape = beginTake(recording, 0, "audio/webm");
    tape.add(noise(enough));
    tape.finish();
    await eventually("all of it", () => hasAll(enough));
  });

  it("goes on at once when the network is back", async () => {
    const { beginTake, currentUploads, endTakes } = await page();
    server.always("POST", { cutAfter: 0 });
    const tape = beginTake(recording, 0, "audio/webm");
    tape.add(noise(100));
    tape.finish();
    endTakes("s1");
    await eventually("that it is held up", () => currentUploads().get("s1")?.failure?.code === "UPLOAD_FAILED");
    server.always("POST", null);
    const before = server.count("POST");
    window.dispatchEvent(new Event("online"));
    for (let turn = 0; turn < 50 && server.count("POST") === before; turn += 1) await new Promise(setImmediate);
    expect(server.count("POST"), "without a pause").toBe(before + 1);
    await eventually("all of it", () => currentUploads().get("s1")?.state === "sent");
  });

  it("tries again when the learner asks, and says how that goes", async () => {
    const { beginTake, currentUploads, endTakes, retryUpload } = await page();
    server.always("POST", { cutAfter: 0 });
    const tape = beginTake(recording, 0, "audio/webm");
    tape.add(noise(100));
    tape.finish();
    endTakes("s1");
    await eventually("that it is held up", () => currentUploads().get("s1")?.state === "failed");
    retryUpload("s1");
    expect(currentUploads().get("s1")?.state).toBe("sending");
    await eventually("that it is held up again", () => currentUploads().get("s1")?.state === "failed");
    server.always("POST", null);
    retryUpload("s1");
    await eventually("all of it", () => currentUploads().get("s1")?.state === "sent");
  });

  it("refreshes a stale login and goes on with the same upload", async () => {
    const { beginTake } = await page();
    server.next("PATCH", { status: 401 });
    const tape = beginTake(recording, 0, "audio/webm");
    tape.add(noise(enough));
    tape.finish();
    await eventually("all of it", () => hasAll(enough));
    expect([refreshes, server.count("POST")]).toEqual([1, 1]);
  });

  it("goes on when the refresh of a stale login is not answered", async () => {
    const { beginTake } = await page();
    server.next("PATCH", { status: 401 });
    refreshFails = true;
    const tape = beginTake(recording, 0, "audio/webm");
    tape.add(noise(enough));
    tape.finish();
    await eventually("all of it", () => hasAll(enough));
    expect([refreshes, server.count("POST")]).toEqual([1, 1]);
  });

  it("does not begin again when the login is stale while it asks how far it came", async () => {
    const { beginTake } = await page();
    server.next("PATCH", { cutAfter: 0 });
    server.next("HEAD", { status: 401 });
    const tape = beginTake(recording, 0, "audio/webm");
    tape.add(noise(enough));
    tape.finish();
    await eventually("all of it", () => hasAll(enough));
    expect([refreshes, server.count("POST")]).toEqual([1, 1]);
  });

  it.each([423, 409, 429, 503])("tries again after %i", async (status) => {
    const { beginTake } = await page();
    server.next("PATCH", { status });
    const tape = beginTake(recording, 0, "audio/webm");
    tape.add(noise(enough));
    tape.finish();
    await eventually("all of it", () => hasAll(enough));
    expect(server.count("POST")).toBe(1);
  });

  it("begins anew when the server let go of an upload that is here as a whole", async () => {
    const { beginTake } = await page();
    server.next("PATCH", { status: 410, type: "upload-gone" });
    const tape = beginTake(recording, 0, "audio/webm");
    tape.add(noise(enough));
    tape.finish();
    await eventually("another upload", () => server.uploads.size === 2);
    await eventually("all of it", () => server.uploads.get("/api/uploads/2")?.length === enough);
  });

  it("lets go of the rest of a take whose beginning the server let go of", async () => {
    const { beginTake, endTakes } = await page();
    const tape = beginTake(recording, 0, "audio/webm");
    tape.add(noise(enough));
    await eventually("the beginning", () => server.uploads.size === 1 && server.only().bytes.length === enough);
    server.always("PATCH", { status: 410 });
    tape.add(noise(100));
    tape.finish();
    endTakes("s1");
    await eventually("nothing kept", isForgotten);
    expect(server.count("POST")).toBe(1);
  });

  it("is forgotten with its session", async () => {
    const { beginTake, currentUploads, endTakes } = await page();
    server.always("POST", { status: 404 });
    const tape = beginTake(recording, 0, "audio/webm");
    tape.add(noise(100));
    tape.finish();
    endTakes("s1");
    await eventually("nothing kept", isForgotten);
    expect(currentUploads().size).toBe(0);
  });

  it("is kept when it is not there for whoever else signed in", async () => {
    const { beginTake, currentUploads, endTakes } = await page();
    signedIn = "ben";
    server.always("POST", { status: 404 });
    const tape = beginTake(recording, 0, "audio/webm");
    tape.add(noise(100));
    tape.finish();
    endTakes("s1");
    await eventually("that it is held up", () => currentUploads().get("s1")?.state === "failed");
    expect(await slicesKept()).toBe(1);
  });

  it.each([400, 409, 413, 415])("is kept when the server answers %i, and sent at the next visit", async (status) => {
    const { beginTake, currentUploads, endTakes, finishUploads, leaveUploads } = await page();
    server.always("POST", { status });
    const tape = beginTake(recording, 0, "audio/webm");
    tape.add(noise(100));
    tape.finish();
    endTakes("s1");
    await eventually("the refusal", () => currentUploads().get("s1")?.failure?.code === "RECORDING_REFUSED");
    await eventually("that it is kept", async () => (await slicesKept()) === 1);
    leaveUploads();
    server.always("POST", null);
    await finishUploads("maya");
    await eventually("all of it", () => hasAll(100));
    await eventually("nothing kept", isForgotten);
  });

  it("is not sent again and again when it was refused, and keeps nobody from signing out", async () => {
    const { beginTake, currentUploads, endTakes, finishUploads } = await page();
    const { unsentOf } = await import("./unsent");
    server.always("POST", { status: 400 });
    const tape = beginTake(recording, 0, "audio/webm");
    tape.add(noise(100));
    tape.finish();
    endTakes("s1");
    await eventually("the refusal", () => currentUploads().get("s1")?.failure?.code === "RECORDING_REFUSED");
    await eventually("that it is kept", async () => (await slicesKept()) === 1);
    await finishUploads("maya");
    await finishUploads("maya");
    await vi.advanceTimersByTimeAsync(60_000);
    expect(server.count("POST")).toBe(1);
    expect(await unsentOf("maya")).toBe("nothing");
  });

  it("says no more that it was refused when the learner has read it, or when it was taken after all", async () => {
    const { beginTake, closeUpload, currentUploads, endTakes, finishUploads, leaveUploads } = await page();
    server.always("POST", { status: 400 });
    const tape = beginTake(recording, 0, "audio/webm");
    tape.add(noise(100));
    tape.finish();
    endTakes("s1");
    await eventually("the refusal", () => currentUploads().get("s1")?.state === "failed");
    await eventually("that it is kept", async () => (await slicesKept()) === 1);
    closeUpload("s1");
    expect(currentUploads().size).toBe(0);
    leaveUploads();
    server.always("POST", null);
    await finishUploads("maya");
    await eventually("all of it", () => currentUploads().get("s1")?.state === "sent");
  });

  it("waits in this tab when it was refused and the browser keeps nothing, and says so", async () => {
    vi.stubGlobal("indexedDB", { open: () => { throw new DOMException("", "UnknownError"); } });
    const { beginTake, currentUploads, endTakes, finishUploads, leaveUploads } = await page();
    server.always("POST", { status: 400 });
    const tape = beginTake(recording, 0, "audio/webm");
    tape.add(noise(100));
    tape.finish();
    endTakes("s1");
    await eventually("the refusal", () => currentUploads().get("s1")?.failure?.code === "REFUSED_ONLY_HERE");
    leaveUploads();
    server.always("POST", null);
    await finishUploads("maya").catch(() => undefined);
    await eventually("all of it", () => currentUploads().get("s1")?.state === "sent");
  });

  it("is sent from memory where the browser keeps nothing, and says so", async () => {
    vi.stubGlobal("indexedDB", { open: () => { throw new DOMException("", "UnknownError"); } });
    const { beginTake, currentUploads, endTakes, isKept } = await page();
    server.always("POST", { cutAfter: 0 });
    const tape = beginTake(recording, 0, "audio/webm");
    tape.add(noise(100));
    tape.finish();
    endTakes("s1");
    await eventually("that it is held up", () => currentUploads().get("s1")?.failure?.code === "UPLOAD_ONLY_HERE");
    expect(isKept("s1")).toBe(false);
    expect(window.dispatchEvent(new Event("beforeunload", { cancelable: true })), "the browser asks before it leaves").toBe(false);
    server.always("POST", null);
    await eventually("all of it", () => currentUploads().get("s1")?.state === "sent");
    expect(window.dispatchEvent(new Event("beforeunload", { cancelable: true }))).toBe(true);
  });

  it("is kept again, without a hole, when there is room again", async () => {
    const { beginTake, isKept } = await page();
    server.always("POST", "silence");
    const { openShelf } = await import("./shelf");
    const shelf = await openShelf();
    const full = vi.spyOn(shelf, "transaction").mockImplementation(() => {
      throw new DOMException("", "QuotaExceededError");
    });
    const tape = beginTake(recording, 0, "audio/webm");
    tape.add(noise(100));
    await eventually("that it is full", () => !isKept("s1"));
    full.mockRestore();
    tape.add(noise(50));
    await eventually("that it is kept", () => isKept("s1"));
    expect(await slicesKept()).toBe(2);
  });
});

describe("the next visit", () => {
  /** A tab that died while its learner spoke. */
  async function tabDies(bytes: number): Promise<void> {
    const { beginTake, leaveUploads } = await page();
    const tape = beginTake(recording, 0, "audio/webm");
    tape.add(noise(enough));
    await eventually("the beginning", () => server.uploads.size === 1 && server.only().bytes.length === enough);
    await eventually("the address", async () => typeof (await (await kept()).takesOf("s1"))[0]?.url === "string");
    server.always("PATCH", { cutAfter: 0 });
    if (bytes > 0) tape.add(noise(bytes));
    await eventually("the slices", async () => (await slicesKept()) === (bytes > 0 ? 1 : 0));
    leaveUploads();
    server.always("PATCH", null);
    opensAgain();
  }

  it("finishes what a dead tab left, from where it came to", async () => {
    await tabDies(700);
    const { currentUploads, finishUploads } = await page();
    await finishUploads("maya");
    await eventually("all of it", () => hasAll(enough + 700));
    expect(same(server.only().bytes, noise(enough), noise(700))).toBe(true);
    expect(server.count("POST")).toBe(1);
    await eventually("that it says so", () => currentUploads().get("s1")?.state === "sent");
  });

  it("says how long a take is of which the server has all", async () => {
    await tabDies(0);
    const { finishUploads } = await page();
    await finishUploads("maya");
    await eventually("its length", () => hasAll(enough));
  });

  it("sends nothing of anybody else's", async () => {
    await tabDies(700);
    const asked = server.requests.length;
    const { currentUploads, finishUploads } = await page();
    await finishUploads("ben");
    expect([server.requests.length, currentUploads().size, await slicesKept()]).toEqual([asked, 0, 1]);
  });

  it("leaves a take to the tab that has it", async () => {
    await tabDies(700);
    const held = new Set<string>();
    const request = (name: string, _options: unknown, then: (lock: object | null) => unknown) => {
      held.add(name);
      return Promise.resolve(then(name.startsWith("vivavoce.take") ? null : {}));
    };
    vi.stubGlobal("navigator", { locks: { request }, onLine: true });
    const asked = server.requests.length;
    const { finishUploads } = await page();
    await finishUploads("maya");
    expect([...held].some((name) => name.startsWith("vivavoce.take"))).toBe(true);
    expect(server.requests).toHaveLength(asked);
  });

  it("keeps the beginning of a practice that is open, and forgets it when that is over", async () => {
    await tabDies(10);
    const { finishUploads } = await page();
    await finishUploads("maya");
    await eventually("no take kept", async () => (await (await kept()).takesOf("s1")).length === 0);
    await finishUploads("maya");
    expect(await (await kept()).zeroOf("s1")).toBe(1000);
    sessionState = "finalized";
    await finishUploads("maya");
    expect(await isForgotten()).toBe(true);
  });

  it("shows nobody what another learner left in this tab, and sends it when they are back", async () => {
    vi.stubGlobal("indexedDB", { open: () => { throw new DOMException("", "UnknownError"); } });
    const { beginTake, currentUploads, endTakes, finishUploads, leaveUploads } = await page();
    server.always("POST", { cutAfter: 0 });
    const tape = beginTake(recording, 0, "audio/webm");
    tape.add(noise(100));
    tape.finish();
    endTakes("s1");
    await eventually("that it is held up", () => currentUploads().get("s1")?.state === "failed");
    leaveUploads();
    server.always("POST", null);
    const asked = server.requests.length;
    await finishUploads("ben").catch(() => undefined);
    await vi.advanceTimersByTimeAsync(60_000);
    expect([currentUploads().size, server.requests.length]).toEqual([0, asked]);
    await finishUploads("maya").catch(() => undefined);
    await eventually("all of it", () => currentUploads().get("s1")?.state === "sent");
  });

  it("goes on where the server came to with what waited in this tab", async () => {
    vi.stubGlobal("indexedDB", { open: () => { throw new DOMException("", "UnknownError"); } });
    const { beginTake, currentUploads, endTakes, finishUploads, leaveUploads } = await page();
    const tape = beginTake(recording, 0, "audio/webm");
    tape.add(noise(enough));
    await eventually("the beginning", () => server.uploads.size === 1 && server.only().bytes.length === enough);
    server.always("PATCH", { cutAfter: 0 });
    tape.add(noise(700));
    tape.finish();
    endTakes("s1");
    await eventually("that it is held up", () => currentUploads().get("s1")?.state === "failed");
    leaveUploads();
    server.always("PATCH", null);
    await finishUploads("maya").catch(() => undefined);
    await eventually("all of it", () => currentUploads().get("s1")?.state === "sent");
    expect(server.count("POST")).toBe(1);
    expect(same(server.only().bytes, noise(enough), noise(700))).toBe(true);
  });
});
