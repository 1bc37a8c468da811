import { afterEach, describe, expect, it, vi } from "vitest";
import { Playback } from "./playback";

afterEach(() => vi.unstubAllGlobals());

describe("playing a recording", () => {
  it("says that it is broken when the refresh of a stale login is not answered", async () => {
    vi.stubGlobal("fetch", () => Promise.reject(new TypeError("Failed to fetch")));
    vi.spyOn(HTMLMediaElement.prototype, "pause").mockReturnValue();
    const playback = new Playback();
    playback.load("/api/recordings/s1");
    playback.element.dispatchEvent(new Event("error"));
    await vi.waitFor(() => expect(playback.read().broken).toBe(true));
  });
});
