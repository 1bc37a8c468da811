import type { RealtimeClientEvent, RealtimeServerEvent } from "openai/resources/realtime/realtime";
import type { Call as CallSpan, EndReason, Pace, RealtimeTicket, Session, Turn } from "@/api/contract";
import { traceIdOf } from "@/api/trace";
import type { Levels, StorageState, Studio, Take } from "@/sound/studio";
import { failureOf } from "@/words/failure";
import { type Call, type CallEvent, type Effect, isLive, newCall, next } from "./call";
import { dial, type Line } from "./dial";
import { Heart } from "./heart";
import { LastWords, stopListening } from "./last-words";
import { LearnersVoice, type VoiceState } from "./learners-voice";
import { completesTurn, isOfWords, meaningOf } from "./meaning";
import { usualPace } from "./pace";
import { noLine, type Trouble } from "./no-line";
import type { RealtimeConnection } from "./realtime-connection";
import { type Keeper, Saving, type Whole } from "./saving";
import {
  callBegins,
  callEnds,
  callSays,
  callsSoFar,
  captionsSoFar,
  endOf,
  type Gap,
  lineWasLost,
  newSessionWords,
  replayOf,
  type SessionWords,
  stillAwaitsWords,
  turnsSoFar,
} from "./session-words";
import type { Caption } from "./transcript";

/** A reply that has not begun by then is not coming: the learner may go on. */
const replyWithinMs = 8_000;
/** A hang-up so shortly before the limit is the limit: two clocks never agree. */
const limitSlackMs = 3_000;

/** What the room shows. A new object whenever something changed. */
export interface Snapshot {
  call: Call;
  captions: readonly (Caption | Gap)[];
  provider: RealtimeTicket["provider"] | null;
  /** When the time for this practice is up, on the wall clock. */
  endsAt: number | null;
  /** The browser waits for a click before it plays the coach. */
  soundHeld: boolean;
  /** The latest time up to which the words are on the server. */
  savedMs: number;
  /** All that was said waits in this browser until it is saved: leaving the page does not lose it. */
  wordsKept: boolean;
  /** How the learner is heard. */
  voice: VoiceState;
}

/** Where a practice that began before goes on. */
export interface Continuation {
  /** The session clock now. */
  fromMs: number;
  /** The words of this session so far. */
  turns: readonly Turn[];
  calls: readonly CallSpan[];
  /** The words of the session that this one continues. */
  before: readonly Turn[];
}

const fromTheStart: Continuation = { fromMs: 0, turns: [], calls: [], before: [] };

/** One practice from the first call to the saved session. It lives outside React and outlives every render. */
export class PracticeCall {
  private snapshot: Snapshot;
  private readonly listeners = new Set<() => void>();
  private words: SessionWords;
  private connection: RealtimeConnection | null = null;
  /** The attempt or the line that counts; news of any other are old. */
  private current = new AbortController();
  private take: Take | null = null;
  private ending: Whole | null = null;
  private attemptsToSave = 0;
  private readonly saving: Saving;
  private readonly heart: Heart;
  private readonly lastWords = new LastWords();
  /** The learner's side: the microphone, and what of it the coach hears. */
  readonly voice: LearnersVoice;
  private readonly gone = new AbortController();
  private wakeTimer: ReturnType<typeof setTimeout> | undefined;
  private replyTimer: ReturnType<typeof setTimeout> | undefined;
  private limitTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    readonly session: Session,
    private readonly studio: Studio,
    private readonly keeper: Keeper,
    /** Called once, when the session is saved. */
    private readonly onSaved: () => void,
    private readonly from: Continuation = fromTheStart,
    private readonly pace: Pace = usualPace,
  ) {
    this.words = newSessionWords(from.turns, from.calls, from.before);
    const held = from.turns.length > 0 || from.calls.length > 0 || from.fromMs > 0;
    this.voice = new LearnersVoice(studio, pace, {
      now: () => this.snapshot.call,
      send: (event) => this.sendIfThere(event),
      listenTo: (track) => void this.connection?.listenTo(track).catch(() => undefined),
      onState: (voice) => this.show({ voice }),
      onSpeaking: (speaking) => this.speaksByHand(speaking),
    });
    this.snapshot = {
      call: { ...newCall, held },
      captions: captionsSoFar(this.words, studio.heard(), from.fromMs),
      provider: null,
      endsAt: null,
      soundHeld: false,
      savedMs: endOf({ turns: from.turns, calls: [] }),
      wordsKept: false,
      voice: this.voice.now,
    };
    this.saving = new Saving(
      session,
      keeper,
      () => ({ turns: turnsSoFar(this.words, studio.heard(), this.now()), calls: callsSoFar(this.words) }),
      {
        onSaved: (savedMs) => this.show({ savedMs }),
        onElsewhere: (problem) => this.breakOff(problem),
      },
    );
    this.heart = new Heart(session.id, (problem) => this.breakOff(problem));
    studio.onHeld((soundHeld) => this.show({ soundHeld }));
    const { signal } = this.gone;
    window.addEventListener("online", () => this.tell({ kind: "online" }), { signal });
    window.addEventListener("offline", () => this.tell({ kind: "offline" }), { signal });
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly read = (): Snapshot => this.snapshot;

  now(): number {
    return this.take?.durationMs ?? Math.max(this.from.fromMs, this.studio.now());
  }

  levels(): Levels {
    return this.studio.levels();
  }

  storage(): StorageState {
    return this.studio.storage();
  }

  /** Calls the coach for the first time. */
  dial(): void {
    this.tell({ kind: "dial" });
    this.heart.beat();
  }

  /** Tries again what failed: the call or the saving. */
  readonly retry = (): void => this.tell({ kind: "retry" });

  readonly setMuted = (muted: boolean): void => {
    this.voice.setMuted(muted);
    this.tell({ kind: "muted", muted });
  };

  readonly playSound = (): void => {
    this.studio.play().then(
      () => this.show({ soundHeld: false }),
      // It is still held back, and the button still there.
      () => undefined,
    );
  };

  readonly end = (reason: EndReason = "learner"): void => this.tell({ kind: "end", reason });

  /** Lets go of everything. A call that runs is not saved by this: `end` does that. */
  close(): void {
    this.gone.abort();
    this.hangUp();
    clearTimeout(this.wakeTimer);
    clearTimeout(this.replyTimer);
    clearTimeout(this.limitTimer);
    this.heart.stop();
    void this.saving.stop().then(() => this.keeper.release());
    this.voice.stop();
    this.studio.close();
  }

  private tell(event: CallEvent): void {
    if (this.gone.signal.aborted) return;
    const before = this.snapshot.call;
    const { call, effects } = next(before, event, { now: Date.now(), online: navigator.onLine, random: Math.random() });
    if (isLive(before.phase) && call.phase === "reconnecting") this.lineLost(call);
    if (call !== before) this.show({ call });
    for (const effect of effects) this.run(effect);
  }

  private run(effect: Effect): void {
    switch (effect.do) {
      case "dial":
        void this.attempt();
        break;
      case "hang-up":
        this.hangUp();
        break;
      case "wake":
        clearTimeout(this.wakeTimer);
        this.wakeTimer = setTimeout(() => this.tell({ kind: "woken" }), effect.afterMs);
        break;
      case "let-sleep":
        clearTimeout(this.wakeTimer);
        break;
      case "finish":
        void this.finish(effect.learnerSpeaking);
        break;
      case "save":
        void this.save();
        break;
    }
  }

  /** One attempt at a call. Whatever comes of it is news only while nothing else took its place. */
  private async attempt(): Promise<void> {
    const mine = new AbortController();
    this.current = mine;
    const { signal } = mine;
    const current = <News extends unknown[]>(hear: (...news: News) => void) =>
      (...news: News) => {
        if (!signal.aborted) hear(...news);
      };
    try {
      const line = await dial(
        this.session.id,
        this.pace,
        {
          onEvent: current(this.onEvent),
          onCoach: current(this.onCoach),
          onShaky: current((shaky) => this.tell({ kind: shaky ? "shaky" : "steady" })),
          onOver: current((how) => this.onOver(how)),
        },
        signal,
      );
      await this.begin(line, signal).catch((thrown: unknown) => {
        line.connection.close();
        throw thrown;
      });
    } catch (thrown) {
      if (signal.aborted) return;
      // A line that was lost while it began was a call all the same.
      this.words = callEnds(this.words, this.studio.heard(), this.now());
      const failure = noLine(thrown, navigator.onLine);
      const reference = failure.trouble.reference ?? traceIdOf(this.session.id);
      this.tell({ kind: "no-line", failure: { ...failure, trouble: { ...failure.trouble, reference } } });
    }
  }

  /** The line is there: the coach is told what was said so far, then hears the learner, then goes on. */
  private async begin({ connection, ticket }: Line, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const first = this.words.calls.length === 0;
    await this.studio.start(this.session.recording_policy, this.session.id, this.from.fromMs);
    signal.throwIfAborted();
    this.connection = connection;
    this.words = callBegins(this.words, first ? this.from.fromMs : this.now());
    const said = replayOf(this.words);
    for (const item of said.length > 0 ? [...said, lineWasLost] : []) connection.send({ type: "conversation.item.create", item });
    await connection.listenTo(this.voice.track);
    signal.throwIfAborted();
    this.voice.lineBegins();
    // The coach speaks first, and does so only when asked.
    connection.send({ type: "response.create" });
    this.limit(ticket.max_duration_s);
    this.show({ provider: ticket.provider });
    this.tell({ kind: "connected" });
    this.showCaptions();
    this.saving.soon();
  }

  private hangUp(): void {
    this.current.abort();
    this.connection?.close();
    this.connection = null;
  }

  private lineLost({ search }: Call): void {
    this.voice.lineEnds();
    clearTimeout(this.replyTimer);
    const lostFor = search === null ? 0 : Date.now() - search.since;
    this.words = callEnds(this.words, this.studio.heard(), Math.max(0, this.now() - lostFor));
    this.showCaptions();
    this.saving.soon();
  }

  private limit(seconds: number): void {
    const endsAt = Date.now() + seconds * 1000;
    clearTimeout(this.limitTimer);
    this.limitTimer = setTimeout(() => this.end("time_limit"), seconds * 1000);
    this.show({ endsAt });
  }

  private readonly onCoach = (stream: MediaStream): void => {
    void this.studio.addCoach(stream).then((plays) => this.show({ soundHeld: !plays }));
  };

  private sendIfThere(event: RealtimeClientEvent): void {
    try {
      this.connection?.send(event);
    } catch {
      // The line goes as this is said: the next one is told anew what still counts.
    }
  }

  private speaksByHand(speaking: boolean): void {
    this.tell({ kind: speaking ? "learner-started" : "learner-stopped" });
    clearTimeout(this.replyTimer);
    if (!speaking) this.awaitReply();
  }

  private onOver(how: "lost" | "hung-up" | "expired"): void {
    const { endsAt } = this.snapshot;
    this.tell({ kind: "over", how, timeIsUp: endsAt !== null && Date.now() >= endsAt - limitSlackMs });
  }

  private breakOff(thrown: unknown): void {
    this.tell({ kind: "broken", trouble: this.troubleOf(thrown) });
  }

  private troubleOf(thrown: unknown): Trouble {
    const { code, reference } = failureOf(thrown);
    return { code, reference: reference ?? traceIdOf(this.session.id) };
  }

  private readonly onEvent = (event: RealtimeServerEvent): void => {
    if (this.take !== null && !isOfWords(event)) return;
    for (const said of this.voice.hear(event, this.now())) this.words = callSays(this.words, said.event, said.at);
    const news = meaningOf(event);
    if (news !== null) this.tell(news);
    this.mindReply(event);
    this.showCaptions();
    this.lastWords.look();
    if (completesTurn(event)) this.saving.soon();
    if (event.type === "error" && event.error.code === "session_expired") this.onOver("expired");
  };

  private mindReply(event: RealtimeServerEvent): void {
    if (event.type === "input_audio_buffer.speech_stopped") this.awaitReply();
    else if (event.type === "response.created" || event.type === "input_audio_buffer.speech_started") clearTimeout(this.replyTimer);
  }

  private awaitReply(): void {
    clearTimeout(this.replyTimer);
    this.replyTimer = setTimeout(() => this.tell({ kind: "reply-awaited-in-vain" }), replyWithinMs);
  }

  /** From the end of the call to what is to be saved. */
  private async finish(learnerSpeaking: boolean): Promise<void> {
    clearTimeout(this.limitTimer);
    clearTimeout(this.replyTimer);
    const { connection } = this;
    const byHand = this.voice.lineEnds();
    if (connection !== null) await stopListening(connection, learnerSpeaking || byHand);
    this.take = await this.studio.stop();
    if (connection !== null) await this.lastWords.wait(() => stillAwaitsWords(this.words));
    this.hangUp();
    await this.saving.stop();
    const endMs = Math.round(Math.max(this.take.durationMs, endOf(this.words)));
    this.ending = {
      turns: turnsSoFar(this.words, this.studio.heard(), endMs, true),
      calls: callsSoFar(this.words, endMs),
      duration_ms: endMs,
      end_reason: this.snapshot.call.endReason ?? "learner",
    };
    this.voice.stop();
    // What was measured stays; the microphone is let go of as soon as nobody listens.
    this.studio.close();
    this.show({ wordsKept: await this.saving.keepWhole(this.ending) });
    this.tell({ kind: "settled" });
  }

  private async save(): Promise<void> {
    const { ending } = this;
    if (ending === null) return;
    this.attemptsToSave += 1;
    const attempt = this.attemptsToSave;
    try {
      const { session, lostTurns } = await this.saving.finalize(ending);
      if (this.snapshot.call.phase === "saved") return;
      this.heart.stop();
      this.keeper.release();
      this.tell({ kind: "saved", durationMs: session.duration_ms ?? ending.duration_ms, lostTurns });
      this.onSaved();
    } catch (thrown) {
      // One on a network that is gone says nothing about the one that followed it.
      if (attempt === this.attemptsToSave) this.tell({ kind: "unsaved", trouble: this.troubleOf(thrown) });
    }
  }

  private showCaptions(): void {
    this.show({ captions: captionsSoFar(this.words, this.studio.heard(), this.now()) });
  }

  private show(change: Partial<Snapshot>): void {
    this.snapshot = { ...this.snapshot, ...change };
    for (const listener of this.listeners) listener();
  }
}
