import type { RealtimeClientEvent, RealtimeServerEvent } from "openai/resources/realtime/realtime";
import type { Pace } from "@/api/contract";
import type { Studio } from "@/sound/studio";
import { type Call, isLive } from "./call";
import type { Device } from "./devices";
import { EchoDetector, echoStepMs } from "./echo";
import { deviceIn } from "./microphone";
import { type MicrophoneNews, type MicrophoneWatch, watchMicrophone } from "./microphone-watch";
import { Mouthpiece } from "./mouthpiece";
import { PushToTalk } from "./push-to-talk";
import type { TalkKey } from "./talk-key";

/** How the learner is heard. A new object whenever something changed. */
export interface VoiceState {
  microphone: MicrophoneNews;
  /** What the learner speaks into. */
  device: Device | null;
  /** Null where the coach hears by itself when the learner has finished. */
  byHand: { speaking: boolean } | null;
  /** The microphone hears the coach, who is therefore not interrupted any more. */
  echo: boolean;
}

interface CallOfVoice {
  now: () => Call;
  /** Tells the provider; nothing happens while there is no line. */
  send: (event: RealtimeClientEvent) => void;
  /** The coach is to hear this track from now on. */
  listenTo: (track: MediaStreamTrack | null) => void;
  onState: (state: VoiceState) => void;
  /** Only where the learner speaks by hand: otherwise the provider says it. */
  onSpeaking: (speaking: boolean) => void;
}

/** The coach's last words may still be in the air when the provider says that they are over. */
const echoTailMs = 400;
/** What a provider calls the opposite of patience; the permission for the call says the same. */
const eagerness = { quick: "high", normal: "medium", patient: "low" } as const;
/** How the voice begins after the key went down: the provider would notice it so much later. */
const noticedAfterMs = 250;

/** The learner's side of a call: which microphone, what of it the coach hears, and when it is the learner's turn. */
export class LearnersVoice {
  private state: VoiceState;
  private readonly mouthpiece: Mouthpiece;
  private readonly watch: MicrophoneWatch;
  private readonly key: PushToTalk | null;
  private readonly echo = new EchoDetector();
  private readonly gone = new AbortController();
  private readonly listening: ReturnType<typeof setInterval>;
  private echoTail: ReturnType<typeof setTimeout> | undefined;
  private openedAt = 0;
  private span: { from: number; to: number } | null = null;

  constructor(
    private readonly studio: Studio,
    private readonly pace: Pace,
    private readonly call: CallOfVoice,
  ) {
    this.mouthpiece = new Mouthpiece(studio.microphone);
    this.state = { microphone: { state: "well" }, device: deviceIn(studio.microphone), byHand: pace.push_to_talk ? { speaking: false } : null, echo: false };
    this.key = pace.push_to_talk ? this.byHand() : null;
    this.watch = watchMicrophone(
      studio.microphone,
      () => {
        const { muted, phase } = call.now();
        return { level: studio.levels().learner, muted, learnersTurn: phase === "listening" };
      },
      {
        onNews: (microphone) => this.show({ microphone }),
        onMicrophone: (stream) => {
          studio.replaceMicrophone(stream);
          this.mouthpiece.use(stream);
          call.listenTo(this.track);
          this.show({ device: deviceIn(stream) });
        },
      },
      this.gone.signal,
    );
    this.listening = setInterval(() => this.listenForEcho(), echoStepMs);
  }

  get now(): VoiceState {
    return this.state;
  }

  /** What the coach is to hear. */
  get track(): MediaStreamTrack | null {
    return this.mouthpiece.track;
  }

  /** A new line: it knows nothing of what was agreed on the one before. */
  lineBegins(): void {
    if (this.state.echo) this.letCoachFinish();
  }

  setMuted(muted: boolean): void {
    if (muted) this.mouthpiece.close("muted");
    else this.mouthpiece.open("muted");
  }

  /** The key of who speaks by hand: without a line it does nothing. */
  readonly talk: TalkKey = {
    down: () => {
      if (isLive(this.call.now().phase)) this.key?.down();
    },
    up: () => this.key?.up(),
    lose: () => this.key?.lose(),
    toggle: () => {
      if (isLive(this.call.now().phase)) this.key?.toggle();
    },
  };

  readonly choose = (device: Device): void => void this.watch.choose(device);

  readonly hearFrom = (loudspeaker: Device): Promise<void> => this.studio.useLoudspeaker(loudspeaker.deviceId);

  readonly again = (): void => void this.watch.again();

  /** What the provider says, with what it does not say about turns by hand put before it, at the times it was. */
  hear(event: RealtimeServerEvent, at: number): { event: RealtimeServerEvent; at: number }[] {
    this.mindEcho(event);
    const { span } = this;
    if (event.type !== "input_audio_buffer.committed" || span === null) return [{ event, at }];
    this.span = null;
    const { item_id } = event;
    const { from, to } = span;
    return [
      { event: { type: "input_audio_buffer.speech_started", event_id: "", item_id, audio_start_ms: 0 }, at: from },
      { event: { type: "input_audio_buffer.speech_stopped", event_id: "", item_id, audio_end_ms: 0 }, at: to },
      { event, at },
    ];
  }

  /** The line goes, or the practice ends. Answers whether something was being said by hand that the coach has not taken yet. */
  lineEnds(): boolean {
    clearTimeout(this.echoTail);
    this.mouthpiece.open("echo");
    const saying = this.key?.stop() ?? false;
    if (saying) this.span = this.spanSince(this.openedAt);
    return saying;
  }

  stop(): void {
    this.gone.abort();
    clearInterval(this.listening);
    clearTimeout(this.echoTail);
    this.key?.stop();
    this.mouthpiece.release();
  }

  private byHand(): PushToTalk {
    this.mouthpiece.close("key-up");
    return new PushToTalk({
      coachHasTheFloor: () => {
        const { phase, coachAudible } = this.call.now();
        return coachAudible || phase === "thinking";
      },
      interrupt: () => {
        this.call.send({ type: "response.cancel" });
        this.call.send({ type: "output_audio_buffer.clear" });
      },
      open: () => {
        this.openedAt = this.studio.now();
        this.call.send({ type: "input_audio_buffer.clear" });
        this.mouthpiece.open("key-up");
      },
      close: () => this.mouthpiece.close("key-up"),
      finish: () => {
        this.span = this.spanSince(this.openedAt);
        this.call.send({ type: "input_audio_buffer.commit" });
        this.call.send({ type: "response.create" });
      },
      forget: () => this.call.send({ type: "input_audio_buffer.clear" }),
      onSpeaking: (speaking) => {
        this.show({ byHand: { speaking } });
        this.call.onSpeaking(speaking);
      },
    });
  }

  /** From when the provider would have noticed the voice that followed the key, until now. */
  private spanSince(pressed: number): { from: number; to: number } {
    const first = this.studio.heard().learner.find(({ end_ms }) => end_ms === null || end_ms > pressed);
    return {
      from: first === undefined ? pressed : Math.max(pressed, first.start_ms) + noticedAfterMs,
      to: this.studio.now(),
    };
  }

  private listenForEcho(): void {
    const { coachAudible, muted } = this.call.now();
    if (muted || this.key !== null || !this.echo.push(this.studio.levels(), coachAudible)) return;
    this.show({ echo: true });
    this.letCoachFinish();
    if (coachAudible) this.mouthpiece.close("echo");
  }

  private letCoachFinish(): void {
    // Said in full: what is left out of a turn detection may fall back to the provider's own default.
    const turn_detection = {
      type: "semantic_vad" as const,
      eagerness: eagerness[this.pace.patience],
      create_response: true,
      interrupt_response: false,
    };
    this.call.send({ type: "session.update", session: { type: "realtime", audio: { input: { turn_detection } } } });
  }

  /** While the coach is heard, its own voice must not come back to it as an answer. */
  private mindEcho(event: RealtimeServerEvent): void {
    if (!this.state.echo) return;
    if (event.type === "output_audio_buffer.started") {
      clearTimeout(this.echoTail);
      this.mouthpiece.close("echo");
    } else if (event.type === "output_audio_buffer.stopped" || event.type === "output_audio_buffer.cleared") {
      clearTimeout(this.echoTail);
      this.echoTail = setTimeout(() => this.mouthpiece.open("echo"), echoTailMs);
    }
  }

  private show(change: Partial<VoiceState>): void {
    this.state = { ...this.state, ...change };
    this.call.onState(this.state);
  }
}
