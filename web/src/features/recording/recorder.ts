import type { RecordingPolicy } from "@/api/contract";
import { claim, keep, type Slices } from "./kept";
import type { SoundNews } from "./sound-news";
import soundWorkletUrl from "./sound-worklet?worker&url";

/** Keeps the two channels apart; at 24 kbit/s the encoder would fold them together. */
const bitsPerSecond = 64_000;
const sliceMs = 250;

/** What is left when the recording has stopped. */
interface Take {
  durationMs: number;
  /** Null when nothing was to be recorded. */
  recording: { blob: Blob; kept: boolean } | null;
}

interface Stretch {
  start: number;
  end: number | null;
}

/** The first of our two formats that this browser writes. */
function mimeType(): string {
  const webm = "audio/webm;codecs=opus";
  return MediaRecorder.isTypeSupported(webm) ? webm : "audio/mp4";
}

/**
 * Runs the sound of a practice together on one audio context: microphone left, coach right, both watched, both
 * recorded. The context's clock is the session clock, so a time measured here is a place in the recording.
 */
export async function openStudio(microphone: MediaStream, learnerId: string): Promise<Recorder> {
  const context = new AudioContext({ latencyHint: "interactive" });
  try {
    await context.audioWorklet.addModule(soundWorkletUrl);
    await context.resume();
  } catch (thrown) {
    void context.close();
    throw thrown;
  }
  return new Recorder(microphone, context, learnerId);
}

export class Recorder {
  private readonly merger: ChannelMergerNode;
  private readonly ears: AudioWorkletNode;
  private readonly destination: MediaStreamAudioDestinationNode;
  private readonly loudspeaker = new Audio();
  private readonly stretches: { learner: Stretch[]; coach: Stretch[] } = { learner: [], coach: [] };
  private level = { learner: 0, coach: 0 };
  private coach: MediaStreamAudioSourceNode | null = null;
  private zero: number | null = null;
  private recorder: MediaRecorder | null = null;
  private slices: Slices | null = null;
  private stopping: Promise<Take> | null = null;

  constructor(
    readonly microphone: MediaStream,
    private readonly context: AudioContext,
    private readonly learnerId: string,
  ) {
    this.merger = new ChannelMergerNode(context, { numberOfInputs: 2 });
    this.destination = new MediaStreamAudioDestinationNode(context, {
      channelCount: 2,
      channelCountMode: "explicit",
    });
    this.ears = new AudioWorkletNode(context, "sound", {
      numberOfInputs: 2,
      numberOfOutputs: 1,
      channelCount: 1,
      channelCountMode: "explicit",
    });
    this.ears.port.onmessage = (message: MessageEvent<SoundNews>) => this.hear(message.data);
    // Some browsers only run what leads somewhere; what the ears put out is silence.
    this.ears.connect(context.destination);

    // Without a steady source a muted microphone and a silent coach would stop the recording's clock.
    const silence = new ConstantSourceNode(context, { offset: 0 });
    silence.connect(this.merger, 0, 0);
    silence.connect(this.merger, 0, 1);
    silence.start();

    const learner = new MediaStreamAudioSourceNode(context, { mediaStream: microphone });
    learner.connect(this.merger, 0, 0);
    learner.connect(this.ears, 0, 0);
    this.merger.connect(this.destination);
  }

  levels(): { learner: number; coach: number } {
    return this.level;
  }

  async addCoach(stream: MediaStream): Promise<boolean> {
    this.coach?.disconnect();
    // Chromium feeds a remote stream into the graph only while an element plays it.
    this.loudspeaker.srcObject = stream;
    this.coach = new MediaStreamAudioSourceNode(this.context, { mediaStream: stream });
    this.coach.connect(this.merger, 0, 1);
    this.coach.connect(this.ears, 0, 1);
    try {
      await this.loudspeaker.play();
      return true;
    } catch (thrown) {
      // Anything but "not without a click" only means that a newer stream took its place.
      return !(thrown instanceof DOMException && thrown.name === "NotAllowedError");
    }
  }

  async play(): Promise<void> {
    await this.context.resume();
    await this.loudspeaker.play();
  }

  async start(policy: RecordingPolicy, sessionId: string): Promise<void> {
    if (this.zero !== null) return;
    if (policy === "keep") {
      void claim(sessionId).catch(() => undefined);
      const slices = keep({ sessionId, learnerId: this.learnerId, type: mimeType().split(";")[0] ?? mimeType() });
      this.slices = slices;
      const recorder = new MediaRecorder(this.destination.stream, {
        mimeType: mimeType(),
        audioBitsPerSecond: bitsPerSecond,
      });
      this.recorder = recorder;
      recorder.addEventListener("dataavailable", (event) => slices.add(event.data));
      const started = new Promise((resolve) => {
        recorder.addEventListener("start", resolve, { once: true });
      });
      recorder.start(sliceMs);
      this.zero = this.context.currentTime;
      await started;
    } else {
      this.zero = this.context.currentTime;
    }
  }

  now(): number {
    return this.zero === null ? 0 : Math.max(0, (this.context.currentTime - this.zero) * 1000);
  }

  heard(): { learner: { start_ms: number; end_ms: number | null }[]; coach: { start_ms: number; end_ms: number | null }[] } {
    const zero = this.zero ?? Number.POSITIVE_INFINITY;
    const onSessionClock = (stretches: readonly Stretch[]) =>
      stretches
        .filter((stretch) => stretch.end === null || stretch.end > zero)
        .map(({ start, end }) => ({
          start_ms: Math.max(0, (start - zero) * 1000),
          end_ms: end === null ? null : (end - zero) * 1000,
        }));
    return { learner: onSessionClock(this.stretches.learner), coach: onSessionClock(this.stretches.coach) };
  }

  stop(): Promise<Take> {
    this.stopping ??= this.finish();
    return this.stopping;
  }

  close(): void {
    this.loudspeaker.pause();
    this.loudspeaker.srcObject = null;
    if (this.recorder !== null && this.recorder.state !== "inactive") this.recorder.stop();
    for (const track of this.microphone.getTracks()) track.stop();
    if (this.context.state !== "closed") void this.context.close();
  }

  private async finish(): Promise<Take> {
    this.loudspeaker.pause();
    const durationMs = this.now();
    const { recorder, slices } = this;
    if (recorder === null || slices === null) return { durationMs, recording: null };
    if (recorder.state !== "inactive") {
      const stopped = new Promise((resolve) => {
        recorder.addEventListener("stop", resolve, { once: true });
      });
      recorder.stop();
      await stopped;
    }
    return { durationMs, recording: await slices.whole() };
  }

  private hear(news: SoundNews): void {
    if (news.kind === "levels") {
      this.level = news;
      return;
    }
    const stretches = this.stretches[news.channel];
    if (news.edge === "onset") {
      stretches.push({ start: news.at, end: null });
    } else {
      const last = stretches.at(-1);
      if (last !== undefined) last.end = news.at;
    }
  }
}
