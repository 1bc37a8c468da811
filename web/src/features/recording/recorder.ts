import type { RecordingPolicy } from "@/api/contract";
import type { Heard, StorageState, Studio, Take } from "@/sound/studio";
import { keepRecording } from "./kept";
import { prepareSending } from "./send-take";
import { SoundClock } from "./sound-clock";
import type { SoundNews } from "./sound-news";
import soundWorkletUrl from "./sound-worklet?worker&url";
import { StorageWatch } from "./storage";
import { TakeRecorder } from "./take-recorder";
import { beginTake, endTakes, isKept, tell } from "./uploads";

/** Sound on one channel, in seconds on the clock of the sound. */
interface Sounding {
  start: number;
  end: number | null;
}

/**
 * Runs the sound of a practice together on one audio context: microphone left, coach right, both watched, both
 * recorded. The context's clock, with the times at which it stood still, is the session clock: a time measured here is a
 * place in the recording.
 */
export async function openStudio(microphone: MediaStream, learnerId: string): Promise<Recorder> {
  // Loaded while there is a network: it is needed when there may be none.
  void prepareSending();
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

export class Recorder implements Studio {
  private readonly merger: ChannelMergerNode;
  private readonly ears: AudioWorkletNode;
  private readonly destination: MediaStreamAudioDestinationNode;
  private readonly loudspeaker = new Audio();
  private readonly stretches: { learner: Sounding[]; coach: Sounding[] } = { learner: [], coach: [] };
  private level = { learner: 0, coach: 0 };
  private coach: MediaStreamAudioSourceNode | null = null;
  private readonly storageWatch = new StorageWatch();
  private learner: MediaStreamAudioSourceNode;
  private readonly clock: SoundClock;
  /** Where the session clock began, in seconds on the sound's. */
  private zero: number | null = null;
  private record: (() => TakeRecorder) | null = null;
  private recorder: TakeRecorder | null = null;
  /** Takes that ended when the sound stood still. */
  private readonly before: Promise<void>[] = [];
  private tellHeld: (held: boolean) => void = () => undefined;
  private sessionId: string | null = null;
  private stopping: Promise<Take> | null = null;

  constructor(
    private heardFrom: MediaStream,
    private readonly context: AudioContext,
    private readonly learnerId: string,
  ) {
    this.clock = new SoundClock(context, {
      onHeld: (held) => this.tellHeld(held),
      onAgain: (from, to) => this.soundsAgain(from, to),
    });
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

    this.learner = this.listenTo(heardFrom);
    this.merger.connect(this.destination);
  }

  get microphone(): MediaStream {
    return this.heardFrom;
  }

  replaceMicrophone(stream: MediaStream): void {
    this.learner.disconnect();
    this.heardFrom = stream;
    this.learner = this.listenTo(stream);
  }

  storage(): StorageState {
    if (this.recorder === null || this.sessionId === null) return "fine";
    const { standing } = this.recorder;
    if (standing !== "recording") return standing === "failed" ? "stopped" : "resuming";
    if (!isKept(this.sessionId)) return "memory-only";
    return this.storageWatch.low ? "low" : "fine";
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
    return this.plays();
  }

  async useLoudspeaker(deviceId: string): Promise<void> {
    await this.loudspeaker.setSinkId(deviceId);
  }

  onHeld(tell: (held: boolean) => void): void {
    this.tellHeld = tell;
  }

  async play(): Promise<void> {
    await this.context.resume();
    await this.loudspeaker.play();
  }

  async start(policy: RecordingPolicy, sessionId: string, fromMs = 0): Promise<void> {
    if (this.zero !== null) return;
    this.sessionId = sessionId;
    const recording = { sessionId, learnerId: this.learnerId, zero: Math.round(Date.now() - fromMs) };
    if (policy === "keep") {
      this.storageWatch.start();
      this.record = () =>
        new TakeRecorder(
          this.destination.stream,
          () => this.now(),
          (startMs, type) => beginTake(recording, startMs, type),
        );
      this.recorder = this.record();
      const started = this.recorder.start(fromMs);
      this.zero = this.clock.now - fromMs / 1000;
      await started;
    } else {
      this.zero = this.clock.now - fromMs / 1000;
      await keepRecording(recording).catch(() => undefined);
    }
  }

  now(): number {
    return this.zero === null ? 0 : Math.max(0, (this.clock.now - this.zero) * 1000);
  }

  heard(): Heard {
    const zero = this.zero ?? Number.POSITIVE_INFINITY;
    const onSessionClock = (stretches: readonly Sounding[]) =>
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
    // What was recorded is sent also when nobody ended the practice; it may go on later.
    void this.recorded().then(() => this.sessionId !== null && tell(this.sessionId));
    this.clock.stop();
    this.storageWatch.stop();
    for (const track of this.heardFrom.getTracks()) track.stop();
    if (this.context.state !== "closed") void this.context.close();
  }

  private async finish(): Promise<Take> {
    this.loudspeaker.pause();
    const durationMs = this.now();
    await this.recorded();
    if (this.sessionId !== null) endTakes(this.sessionId);
    return { durationMs };
  }

  /** Ends the recording. Resolves when the last slice of every take was taken. */
  private async recorded(): Promise<void> {
    this.record = null;
    await Promise.all([...this.before, this.recorder?.stop()]);
  }

  /** What stood still in a recording has no length there: what follows is a take of its own, with its place on the clock. */
  private soundsAgain(from: number, to: number): void {
    for (const stretches of Object.values(this.stretches)) {
      const last = stretches.at(-1);
      if (last?.end !== null) continue;
      last.end = from;
      stretches.push({ start: to, end: null });
    }
    // The interruption has stopped it as well.
    if (this.coach !== null && this.stopping === null) {
      void this.plays().then((plays) => {
        if (!plays) this.tellHeld(true);
      });
    }
    if (this.record === null || this.recorder === null) return;
    this.before.push(this.recorder.stop());
    this.recorder = this.record();
    this.recorder.start(this.now()).catch(() => undefined);
  }

  private async plays(): Promise<boolean> {
    try {
      await this.loudspeaker.play();
      return true;
    } catch (thrown) {
      // Anything but "not without a click" only means that a newer stream took its place.
      return !(thrown instanceof DOMException && thrown.name === "NotAllowedError");
    }
  }

  private listenTo(stream: MediaStream): MediaStreamAudioSourceNode {
    const source = new MediaStreamAudioSourceNode(this.context, { mediaStream: stream });
    source.connect(this.merger, 0, 0);
    source.connect(this.ears, 0, 0);
    return source;
  }

  private hear(news: SoundNews): void {
    if (news.kind === "levels") {
      this.level = news;
      return;
    }
    const stretches = this.stretches[news.channel];
    const at = this.clock.placeOf(news.at);
    if (news.edge === "onset") {
      stretches.push({ start: at, end: null });
    } else {
      const last = stretches.at(-1);
      if (last !== undefined) last.end = at;
    }
  }
}
