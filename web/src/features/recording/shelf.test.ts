import "fake-indexeddb/auto";
import { IDBFactory } from "fake-indexeddb";
import { openDB } from "idb";
import { Blob as NodeBlob } from "node:buffer";
import { beforeEach, describe, expect, it, vi } from "vitest";

// Only what the runtime itself calls a blob can be kept, not what the page's stand-in does.
beforeEach(() => {
  vi.resetModules();
  vi.stubGlobal("indexedDB", new IDBFactory());
  vi.stubGlobal("Blob", NodeBlob);
});

/** What an earlier version of this page left behind. */
async function asItWas(): Promise<void> {
  const before = await openDB("recordings", 1, {
    upgrade(database) {
      database.createObjectStore("recordings", { keyPath: "sessionId" });
      database.createObjectStore("slices");
    },
  });
  await before.put("recordings", { sessionId: "s1", learnerId: "maya", type: "audio/webm" });
  await before.put("recordings", { sessionId: "s2", learnerId: "ben", type: "audio/mp4" });
  await before.put("slices", new NodeBlob(["abc"]), ["s1", 0]);
  await before.put("slices", new NodeBlob(["de"]), ["s1", 1]);
  await before.put("slices", new NodeBlob(["f"]), ["s1", 2]);
  await before.put("slices", new NodeBlob(["other"]), ["s2", 0]);
  before.close();
}

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

describe("the shelf", () => {
  it("carries over what the first version kept, as one take from the beginning", async () => {
    await asItWas();
    const { recordingsOf, slicesIn, takesOf } = await import("./kept");
    expect(await recordingsOf("maya")).toEqual([{ sessionId: "s1", learnerId: "maya", zero: null, over: true }]);
    const [take] = await takesOf("s1");
    expect(take).toEqual({ sessionId: "s1", id: "s1", startMs: 0, type: "audio/webm", url: null, length: 6 });
    const slices = take === undefined ? [] : await slicesIn(take);
    expect(slices.map(({ at, bytes }) => [at, text(bytes)])).toEqual([[0, "abc"], [3, "de"], [5, "f"]]);
    expect(await takesOf("s2")).toHaveLength(1);
  });

  it("opens empty where nothing was kept", async () => {
    const { recordingsOf, zeroOf } = await import("./kept");
    expect(await recordingsOf("maya")).toEqual([]);
    expect(await zeroOf("s1")).toBeNull();
  });

  it("rejects while a tab with the first version is open, and opens when that is gone", async () => {
    await asItWas();
    const open = await openDB("recordings", 1);
    const { recordingsOf } = await import("./kept");
    await expect(recordingsOf("maya")).rejects.toThrow("Another tab");
    open.close();
    expect(await recordingsOf("maya")).toHaveLength(1);
  });
});

describe("what is kept of a take", () => {
  it("ends where a slice is missing", async () => {
    const { slicesIn, write } = await import("./kept");
    const take = { sessionId: "s", id: "t", startMs: 0, type: "audio/webm", url: null, length: null };
    const slice = (at: number, words: string) => ({ at, bytes: new TextEncoder().encode(words).buffer });
    await write("s", "t", { take, slices: new Map([[3, slice(10, "abc")], [4, slice(13, "de")], [6, slice(17, "xyz")]]) });
    expect((await slicesIn(take)).map(({ number, at }) => [number, at])).toEqual([[3, 10], [4, 13]]);
  });

  it("is forgotten as one, and the recording with its last take when it is over", async () => {
    const { endRecording, forgetTake, keepRecording, recordingsOf, write, zeroOf } = await import("./kept");
    await keepRecording({ sessionId: "s", learnerId: "maya", zero: 1000 });
    for (const id of ["a", "b"]) {
      await write("s", id, { take: { sessionId: "s", id, startMs: 0, type: "audio/webm", url: null, length: null }, slices: new Map() });
    }
    await forgetTake("s", "a");
    await endRecording("s");
    expect(await recordingsOf("maya")).toHaveLength(1);
    await forgetTake("s", "b");
    expect(await recordingsOf("maya")).toEqual([]);
    expect(await zeroOf("s")).toBeNull();
  });

  it("knows the beginning of a practice that goes on later", async () => {
    const { forgetTake, keepRecording, write, zeroOf } = await import("./kept");
    await keepRecording({ sessionId: "s", learnerId: "maya", zero: 1000 });
    await write("s", "a", { take: { sessionId: "s", id: "a", startMs: 0, type: "audio/webm", url: null, length: null }, slices: new Map() });
    await forgetTake("s", "a");
    await keepRecording({ sessionId: "s", learnerId: "maya", zero: 5000 });
    expect(await zeroOf("s")).toBe(1000);
  });
});
