import "fake-indexeddb/auto";
import { describe, expect, it, vi } from "vitest";
import { openShelf } from "./shelf";
import { TakeCopy } from "./take-copy";

const take = { sessionId: "s1", id: "t1", startMs: 0, type: "audio/webm", url: null, length: null };

describe("the copy of a take", () => {
  it("is complete again when what failed was only to make room, and nothing is left to write", async () => {
    const copy = new TakeCopy(take, () => Promise.resolve());
    copy.add(0, { at: 0, bytes: new ArrayBuffer(4) });
    copy.add(1, { at: 4, bytes: new ArrayBuffer(4) });
    await copy.settled();
    const fails = vi.spyOn(await openShelf(), "delete").mockRejectedValue(new DOMException("", "UnknownError"));
    copy.drop(1);
    await copy.settled();
    expect(copy.complete).toBe(false);
    fails.mockRestore();
    copy.drop(2);
    await copy.settled();
    expect(copy.complete).toBe(true);
  });
});
