import { mostFailures, pauseBeforeRecording, wellAfterMs } from "./record-again";
import type { Tape } from "./tape";

/** Keeps the two channels apart; at 24 kbit/s the encoder would fold them together. */
const bitsPerSecond = 64_000;
const sliceMs = 250;

/**
 * The first of our two formats that this browser writes: Opus in WebM, or else AAC in MP4, which is what Safari had for
 * years and what every browser plays. The server reads both and serves a form of each that plays everywhere.
 */
function mimeType(): string {
  const webm = "audio/webm;codecs=opus";
  if (MediaRecorder.isTypeSupported(webm)) return webm;
  const aac = "audio/mp4;codecs=mp4a.40.2";
  return MediaRecorder.isTypeSupported(aac) ? aac : "audio/mp4";
}

function withoutCodecs(type: string): string {
  return type.split(";")[0]?.trim() ?? type;
}

/** `waiting` from the pause before the next attempt until there is sound again; `failed` for good. */
type Standing = "recording" | "waiting" | "failed";

/** What no pause changes: this browser has no recorder, or none for our formats. */
function isForGood(thrown: unknown): boolean {
  return typeof MediaRecorder === "undefined" || (thrown instanceof DOMException && thrown.name === "NotSupportedError");
}

/**
 * Records a stream as takes, each a file of its own with its place on the session clock: one after the other when the
 * browser's recorder fails, or changes its format.
 */
export class TakeRecorder {
  private recorder: MediaRecorder | null = null;
  private tape: Tape | null = null;
  /** How often it failed since it was well. */
  private failures = 0;
  private runSinceMs = 0;
  private is: Standing = "recording";
  private lastSliceMs = 0;
  private pause: ReturnType<typeof setTimeout> | undefined;
  private stopping: Promise<void> | null = null;
  /** Slices are read one after the other: none overtakes another. */
  private reading: Promise<void> = Promise.resolve();

  constructor(
    private readonly stream: MediaStream,
    /** Milliseconds on the session clock. */
    private readonly now: () => number,
    private readonly beginTake: (startMs: number, type: string) => Tape,
  ) {}

  get standing(): Standing {
    return this.is;
  }

  /** Begins the first take. Resolves when sound is recorded, or cannot be now: then it is tried again by itself. */
  async start(startMs: number): Promise<void> {
    const recorder = this.run(startMs);
    if (recorder === null) return;
    await new Promise((resolve) => {
      // One that fails at once never says that it has begun.
      for (const event of ["start", "stop"]) recorder.addEventListener(event, resolve, { once: true });
    });
  }

  /** Resolves when the last slice was taken. */
  stop(): Promise<void> {
    this.stopping ??= this.finish();
    return this.stopping;
  }

  private async finish(): Promise<void> {
    clearTimeout(this.pause);
    // Nobody tries again.
    if (this.is === "waiting") this.is = "failed";
    const { recorder } = this;
    if (recorder !== null && recorder.state !== "inactive") {
      const stopped = new Promise((resolve) => {
        recorder.addEventListener("stop", resolve, { once: true });
      });
      recorder.stop();
      await stopped;
    }
    await this.reading;
    this.tape?.finish();
  }

  /** Runs the browser's recorder. One that throws has failed like any other: null then. */
  private run(startMs: number): MediaRecorder | null {
    try {
      return this.record(startMs);
    } catch (thrown) {
      if (isForGood(thrown)) this.is = "failed";
      else this.failed();
      return null;
    }
  }

  /** One that was well goes on at once. Any other is tried again after a pause, until it failed too often. */
  private failed(): void {
    if (this.now() - this.runSinceMs >= wellAfterMs) {
      this.failures = 0;
      this.run(this.now());
      return;
    }
    this.failures += 1;
    this.is = this.failures < mostFailures ? "waiting" : "failed";
    if (this.is === "failed") return;
    this.pause = setTimeout(() => this.run(this.now()), pauseBeforeRecording(this.failures, Math.random()));
  }

  private record(startMs: number): MediaRecorder {
    this.runSinceMs = startMs;
    this.lastSliceMs = startMs;
    const recorder = new MediaRecorder(this.stream, { mimeType: mimeType(), audioBitsPerSecond: bitsPerSecond });
    recorder.addEventListener("dataavailable", ({ data }) => this.take(data));
    // A recorder that fails hands out what it has, and stops.
    recorder.addEventListener("stop", () => this.runAgain(), { once: true });
    recorder.start(sliceMs);
    // One that throws has begun no take.
    this.recorder = recorder;
    this.tape = this.beginTake(startMs, withoutCodecs(recorder.mimeType || mimeType()));
    return recorder;
  }

  private take(data: Blob): void {
    if (data.size === 0) return;
    this.is = "recording";
    const type = withoutCodecs(data.type);
    const since = this.lastSliceMs;
    this.lastSliceMs = this.now();
    this.then(async () => {
      const bytes = new Uint8Array(await data.arrayBuffer());
      // Whoever changes the format begins a new file.
      if (this.tape !== null && type !== "" && type !== this.tape.take.type) {
        this.tape.finish();
        this.tape = this.beginTake(since, type);
      }
      this.tape?.add(bytes);
    });
  }

  private runAgain(): void {
    if (this.stopping !== null) return;
    this.then(() => {
      this.tape?.finish();
      if (this.stopping === null) this.failed();
    });
  }

  private then(job: () => void | Promise<void>): void {
    this.reading = this.reading.then(job).catch(() => undefined);
  }
}
