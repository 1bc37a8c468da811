import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Recorder } from "./recorder";

const takes: { startMs: number; over: boolean }[] = [];
const recording = vi.hoisted(() => ({ standing: "recording" }));

vi.mock("./sound-worklet?worker&url", () => ({ default: "" }));
vi.mock("./uploads", () => ({ beginTake: vi.fn(), endTakes: vi.fn(), isKept: () => true, tell: vi.fn() }));
vi.mock("./take-recorder", () => ({
  TakeRecorder: class {
    private readonly take = { startMs: -1, over: false };

    get standing(): string {
      return recording.standing;
    }

    start(startMs: number): Promise<void> {
      takes.push(Object.assign(this.take, { startMs }));
      return Promise.resolve();
    }

    stop(): Promise<void> {
      this.take.over = true;
      return Promise.resolve();
    }
  },
}));

/** Whatever is connected to whatever: here only the clock counts, and what the ears say. */
class Node {
  port: { onmessage: (message: unknown) => void } = { onmessage: () => undefined };
  stream = {};
  connect = () => undefined;
  disconnect = () => undefined;
  start = () => undefined;

  constructor() {
    nodes.push(this);
  }
}

let nodes: Node[] = [];

class Context extends EventTarget {
  state: AudioContextState = "running";
  currentTime = 0;
  destination = {};
  resume = () => new Promise<void>(() => undefined);
  close = () => Promise.resolve();

  becomes(state: AudioContextState): void {
    this.state = state;
    this.dispatchEvent(new Event("statechange"));
  }
}

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 });
  vi.spyOn(HTMLMediaElement.prototype, "pause").mockReturnValue();
  takes.length = 0;
  nodes = [];
  for (const name of ["ChannelMergerNode", "MediaStreamAudioDestinationNode", "AudioWorkletNode", "ConstantSourceNode", "MediaStreamAudioSourceNode"]) {
    vi.stubGlobal(name, Node);
  }
});

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

describe("a recording whose sound stands still", () => {
  it("goes on as another take at its place on the session clock, and what was heard before stays where it was", async () => {
    const context = new Context();
    const recorder = new Recorder({ getTracks: () => [] } as unknown as MediaStream, context as unknown as AudioContext, "maya");
    const says = (edge: "onset" | "offset", at: number) => {
      for (const { port } of nodes) port.onmessage({ data: { kind: "edge", channel: "learner", edge, at } });
    };
    await recorder.start("keep", "s1");
    says("onset", 1);
    context.currentTime = 3;
    context.becomes("suspended");
    await vi.advanceTimersByTimeAsync(20_000);
    expect(recorder.now()).toBe(23_000);
    context.becomes("running");
    context.currentTime = 5;
    says("offset", 4);
    expect(recorder.now()).toBe(25_000);
    expect(recorder.heard().learner).toEqual([
      { start_ms: 1_000, end_ms: 3_000 },
      { start_ms: 23_000, end_ms: 24_000 },
    ]);
    expect(takes).toEqual([
      { startMs: 0, over: true },
      { startMs: 23_000, over: false },
    ]);
    expect(await recorder.stop()).toEqual({ durationMs: 25_000 });
    expect(takes.every(({ over }) => over)).toBe(true);
    recorder.close();
  });
});

describe("a recording whose recorder fails", () => {
  it("says whether it is taken up again, or is over", async () => {
    const recorder = new Recorder({ getTracks: () => [] } as unknown as MediaStream, new Context() as unknown as AudioContext, "maya");
    await recorder.start("keep", "s1");
    const said = ["recording", "waiting", "failed"].map((standing) => {
      recording.standing = standing;
      return recorder.storage();
    });
    expect(said).toEqual(["fine", "resuming", "stopped"]);
    recorder.close();
  });
});
