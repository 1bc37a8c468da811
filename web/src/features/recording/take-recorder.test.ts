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

afterEach(() => vi.unstubAllGlobals());

describe("the recorder of takes", () => {
  it("makes one take of one run, in the order in which its slices came", async () => {
    const recording = recorder();
    await recording.start(4000);
    for (const slice of ["a", "", "b", "c"]) FakeRecorder.made[0]?.gives(slice);
    await recording.stop();
    expect(takes).toEqual([{ startMs: 4000, type: "audio/webm", words: "abc", over: true }]);
  });

  it("begins another take where it is when the browser's recorder fails", async () => {
    const recording = recorder();
    await recording.start(0);
    FakeRecorder.made[0]?.gives("a");
    clock = 9000;
    FakeRecorder.made[0]?.stop();
    await vi.waitFor(() => expect(FakeRecorder.made).toHaveLength(2));
    FakeRecorder.made[1]?.gives("b");
    await recording.stop();
    expect(takes).toEqual([
      { startMs: 0, type: "audio/webm", words: "a", over: true },
      { startMs: 9000, type: "audio/webm", words: "b", over: true },
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

  it("gives up a recorder that always fails", async () => {
    const recording = recorder();
    await recording.start(0);
    for (let run = 0; run < 20; run += 1) {
      const made = FakeRecorder.made.length;
      FakeRecorder.made.at(-1)?.stop();
      await vi.waitFor(() => expect(takes.at(-1)?.over === true || FakeRecorder.made.length > made).toBe(true));
    }
    expect(FakeRecorder.made.length).toBeLessThan(20);
    expect(recording.hasFailed).toBe(true);
    await recording.stop();
    expect(takes.every(({ over }) => over)).toBe(true);
  });

  it("takes a recorder that throws for one that failed", async () => {
    const start = vi.spyOn(FakeRecorder.prototype, "start");
    const recording = recorder();
    await recording.start(0);
    FakeRecorder.made[0]?.gives("a");
    start.mockImplementationOnce(() => {
      throw new DOMException("", "UnknownError");
    });
    clock = 9000;
    FakeRecorder.made[0]?.stop();
    await vi.waitFor(() => expect(FakeRecorder.made).toHaveLength(3));
    FakeRecorder.made[2]?.gives("b");
    await recording.stop();
    expect(recording.hasFailed).toBe(false);
    expect(takes).toEqual([
      { startMs: 0, type: "audio/webm", words: "a", over: true },
      { startMs: 9000, type: "audio/webm", words: "", over: true },
      { startMs: 9000, type: "audio/webm", words: "b", over: true },
    ]);
  });

  it("says so when the browser's recorder cannot even be made", async () => {
    vi.stubGlobal("MediaRecorder", undefined);
    const recording = recorder();
    await recording.start(0);
    expect([recording.hasFailed, takes.length]).toEqual([true, 0]);
    await recording.stop();
  });

  it("records AAC in MP4 where there is no WebM", async () => {
    FakeRecorder.supported = (type) => type.startsWith("audio/mp4");
    const recording = recorder();
    await recording.start(0);
    await recording.stop();
    expect([FakeRecorder.made[0]?.mimeType, takes[0]?.type]).toEqual(["audio/mp4;codecs=mp4a.40.2", "audio/mp4"]);
  });
});
