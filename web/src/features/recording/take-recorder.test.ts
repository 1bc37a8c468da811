import { Blob as NodeBlob } from "node:buffer";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { TakeRecorder } from "./take-recorder";
import type { Tape } from "./tape";

/** What the browser's recorder is made to do. */
class FakeRecorder extends EventTarget {
  static made: FakeRecorder[] = [];
  static supported: (type: string) => boolean = () => true;
  static isTypeSupported = (type: string) => FakeRecorder.supported(type);
  state = "inactive";
  readonly mimeType: string;

  constructor(_stream: unknown, options: { mimeType: string }) {
    super();
    this.mimeType = options.mimeType;
    FakeRecorder.made.push(this);
  }

  start(): void {
    this.state = "recording";
    queueMicrotask(() => this.dispatchEvent(new Event("start")));
  }

  stop(): void {
    this.state = "inactive";
    queueMicrotask(() => this.dispatchEvent(new Event("stop")));
  }

  gives(words: string, type = "audio/webm;codecs=opus"): void {
    this.dispatchEvent(Object.assign(new Event("dataavailable"), { data: new NodeBlob([words], { type }) }));
  }
}

interface Made {
  startMs: number;
  type: string;
  words: string;
  over: boolean;
}

let takes: Made[];
let clock: number;

function beginTake(startMs: number, type: string): Tape {
  const made: Made = { startMs, type, words: "", over: false };
  takes.push(made);
  const tape = {
    take: { type },
    add: (bytes: Uint8Array) => (made.words += new TextDecoder().decode(bytes)),
    finish: () => (made.over = true),
  };
  return tape as unknown as Tape;
}

function recorder(): TakeRecorder {
  return new TakeRecorder({} as MediaStream, () => clock, beginTake);
}

beforeEach(() => {
  takes = [];
  clock = 0;
  FakeRecorder.made = [];
  FakeRecorder.supported = () => true;
  vi.stubGlobal("MediaRecorder", FakeRecorder);
});

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

describe("the recorder of takes", () => {
  it("makes one take of one run, in the order in which its slices came", async () => {
    const recording = recorder();
    await recording.start(4000);
    for (const slice of ["a", "", "b", "c"]) FakeRecorder.made[0]?.gives(slice);
    await recording.stop();
    expect(takes).toEqual([{ startMs: 4000, type: "audio/webm", words: "abc", over: true }]);
  });

  it("begins another take where it is, and at once, when a recorder fails that was well", async () => {
    const recording = recorder();
    await recording.start(0);
    FakeRecorder.made[0]?.gives("a");
    clock = 12_000;
    FakeRecorder.made[0]?.stop();
    await vi.waitFor(() => expect(FakeRecorder.made).toHaveLength(2));
    expect(recording.standing).toBe("recording");
    FakeRecorder.made[1]?.gives("b");
    await recording.stop();
    expect(takes).toEqual([
      { startMs: 0, type: "audio/webm", words: "a", over: true },
      { startMs: 12_000, type: "audio/webm", words: "b", over: true },
    ]);
  });

  it("begins another take when the format changes, at the end of the slice before", async () => {
    const recording = recorder();
    await recording.start(0);
    clock = 250;
    FakeRecorder.made[0]?.gives("a");
    clock = 500;
    FakeRecorder.made[0]?.gives("b", "audio/mp4");
    clock = 750;
    FakeRecorder.made[0]?.gives("c", "audio/mp4");
    await recording.stop();
    expect(takes).toEqual([
      { startMs: 0, type: "audio/webm", words: "a", over: true },
      { startMs: 250, type: "audio/mp4", words: "bc", over: true },
    ]);
  });

  it("says so at once when this browser has no recorder, or none for our formats", async () => {
    const start = vi.spyOn(FakeRecorder.prototype, "start").mockImplementation(() => {
      throw new DOMException("", "NotSupportedError");
    });
    const unfit = recorder();
    await unfit.start(0);
    expect([unfit.standing, start.mock.calls.length, takes.length]).toEqual(["failed", 1, 0]);
    await unfit.stop();
    vi.stubGlobal("MediaRecorder", undefined);
    const none = recorder();
    await none.start(0);
    expect([none.standing, takes.length]).toEqual(["failed", 0]);
    await none.stop();
  });

  it("records AAC in MP4 where there is no WebM", async () => {
    FakeRecorder.supported = (type) => type.startsWith("audio/mp4");
    const recording = recorder();
    await recording.start(0);
    await recording.stop();
    expect([FakeRecorder.made[0]?.mimeType, takes[0]?.type]).toEqual(["audio/mp4;codecs=mp4a.40.2", "audio/mp4"]);
  });
});

describe("a recorder whose device is busy", () => {
  let busyUntil: number;
  let tries: number[];
  let stopsAtOnce: boolean;

  class BusyRecorder extends FakeRecorder {
    override start(): void {
      tries.push(Date.now());
      if (Date.now() < busyUntil) throw new DOMException("", "UnknownError");
      super.start();
      if (stopsAtOnce) this.stop();
    }
  }

  beforeEach(() => {
    vi.useFakeTimers({ now: 0 });
    vi.spyOn(Math, "random").mockReturnValue(0);
    busyUntil = Number.POSITIVE_INFINITY;
    tries = [];
    stopsAtOnce = false;
    vi.stubGlobal("MediaRecorder", BusyRecorder);
  });

  const waiting = () => new TakeRecorder({} as MediaStream, () => Date.now(), beginTake);

  it("is waited for with growing pauses, and the recording goes on where it is free again", async () => {
    busyUntil = 3_000;
    const recording = waiting();
    // The call begins without it.
    await recording.start(0);
    expect([recording.standing, tries]).toEqual(["waiting", [0]]);
    await vi.advanceTimersByTimeAsync(3_874);
    expect([recording.standing, tries]).toEqual(["waiting", [0, 125, 375, 875, 1_875]]);
    await vi.advanceTimersByTimeAsync(1);
    expect(tries).toEqual([0, 125, 375, 875, 1_875, 3_875]);
    expect(recording.standing, "nothing was heard yet").toBe("waiting");
    FakeRecorder.made.at(-1)?.gives("a");
    expect(recording.standing).toBe("recording");
    await recording.stop();
    expect(takes).toEqual([{ startMs: 3_875, type: "audio/webm", words: "a", over: true }]);
  });

  it("is not asked by everybody at the same moment", async () => {
    vi.mocked(Math.random).mockReturnValue(0.5);
    const recording = waiting();
    await recording.start(0);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(tries).toEqual([0, 188, 563, 1_313]);
    await recording.stop();
  });

  it("is given up after many attempts", async () => {
    const recording = waiting();
    await recording.start(0);
    await vi.advanceTimersByTimeAsync(18_000);
    expect(recording.standing).toBe("waiting");
    await vi.advanceTimersByTimeAsync(60_000);
    expect([recording.standing, tries.length, takes.length]).toEqual(["failed", 12, 0]);
    await recording.stop();
  });

  it("is left alone when the practice ends meanwhile", async () => {
    const recording = waiting();
    await recording.start(0);
    await recording.stop();
    await vi.advanceTimersByTimeAsync(60_000);
    expect([tries, vi.getTimerCount(), recording.standing]).toEqual([[0], 0, "failed"]);
  });

  it("is waited for as well when it lets a recorder begin and stops it each time", async () => {
    [busyUntil, stopsAtOnce] = [0, true];
    const recording = waiting();
    await recording.start(0);
    await vi.advanceTimersByTimeAsync(1_000);
    expect([recording.standing, tries]).toEqual(["waiting", [0, 125, 375, 875]]);
    await vi.advanceTimersByTimeAsync(60_000);
    expect([recording.standing, tries.length]).toEqual(["failed", 12]);
    await recording.stop();
    expect(takes.every(({ over }) => over)).toBe(true);
  });

  it("is waited for anew, with short pauses, when the recorder was well in between", async () => {
    busyUntil = 3_000;
    const recording = waiting();
    await recording.start(0);
    await vi.advanceTimersByTimeAsync(20_000);
    [tries, busyUntil] = [[], 21_000];
    FakeRecorder.made.at(-1)?.stop();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(tries).toEqual([20_000, 20_125, 20_375, 20_875]);
    await recording.stop();
  });
});
