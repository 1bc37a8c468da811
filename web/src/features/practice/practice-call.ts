import type { RealtimeServerEvent } from "openai/resources/realtime/realtime";
import type { Ending, EndReason, RealtimeTicket, Session } from "@/api/contract";
import { isPassing } from "@/api/client";
import { Problem } from "@/api/problem";
import { finalizeSession, mintTicket, readSession, saveTranscript } from "@/api/sessions";
import { traceIdOf } from "@/api/trace";
import { Failure, failureOf } from "@/words/failure";
import type { FailureCode } from "@/words/failure-codes";
import { type Call, type CallEvent, isLive, newCall, next, type Trouble } from "./call";
import { callCoach, type RealtimeConnection } from "./realtime-connection";
import type { Levels, Studio, Take } from "./studio";
import { awaitsWords, captionsOf, type Caption, type Conversation, hear, newConversation, turnsOf } from "./transcript";

/** How long the last words may take after the learner has ended. */
const lastWordsMs = 3_000;
/** A reply that has not begun by then is not coming: the learner may go on. */
const replyWithinMs = 8_000;
/** Turns that end close together are saved together. */
const saveAfterMs = 400;
/** The pauses between attempts to save before the learner is asked. */
const saveAgainAfterMs = [500, 1_500, 3_000];

/** What the room shows. A new object whenever something changed. */
export interface Snapshot {
  call: Call;
  captions: readonly Caption[];
  provider: RealtimeTicket["provider"] | null;
  /** The browser waits for a click before it plays the coach. */
  soundHeld: boolean;
  /** The latest time up to which the words are on the server. */
  savedMs: number;
}

/** One practice from the call to the saved session. It lives outside React and outlives every render. */
export class PracticeCall {
  private snapshot: Snapshot = { call: newCall, captions: [], provider: null, soundHeld: false, savedMs: 0 };
  private readonly listeners = new Set<() => void>();
  private conversation: Conversation = newConversation(0);
  private connection: RealtimeConnection | null = null;
  private readonly setup = new AbortController();
  private take: Take | null = null;
  private replyTimer: ReturnType<typeof setTimeout> | undefined;
  private limitTimer: ReturnType<typeof setTimeout> | undefined;
  private saveTimer: ReturnType<typeof setTimeout> | undefined;
  private saving: Promise<void> = Promise.resolve();
  private revision: number;
  private lastSaved = "";
  private readonly finalizeKey = crypto.randomUUID();
  private ending: Ending | null = null;
  private timeIsUp = false;
  private wordsChanged: (() => void) | null = null;
  private closed = false;

  constructor(
    readonly session: Session,
    private readonly studio: Studio,
    /** Called once, when the session is saved, with what was recorded. */
    private readonly onSaved: (take: Take) => void,
  ) {
    this.revision = session.transcript.revision;
    for (const track of studio.microphone.getAudioTracks()) {
      track.addEventListener("ended", this.onMicrophoneGone);
    }
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly read = (): Snapshot => this.snapshot;

  now(): number {
    return this.take?.durationMs ?? this.studio.now();
  }

  levels(): Levels {
    return this.studio.levels();
  }

  /** Calls the coach: the first time, and again after a failure. */
  async dial(): Promise<void> {
    try {
      const ticket = await this.mint();
      this.show({ provider: ticket.provider });
      const connection = await callCoach(
        ticket,
        this.studio.microphone,
        { onEvent: this.onEvent, onCoach: this.onCoach, onOver: this.onOver },
        this.setup.signal,
      );
      if (this.closed) {
        connection.close();
        return;
      }
      this.connection = connection;
      await this.studio.start(this.session.recording_policy, this.session.id);
      this.tell({ kind: "connected" });
      this.limitTimer = setTimeout(() => this.end("time_limit"), ticket.max_duration_s * 1000);
      // The coach opens the conversation, and does so only when asked.
      connection.send({ type: "response.create" });
    } catch (thrown) {
      if (!this.closed) this.breakOff("connection_lost", thrown);
    }
  }

  private async mint(): Promise<RealtimeTicket> {
    return mintTicket(this.session.id);
  }

  /** Tries again what failed: the call or the saving. */
  readonly retry = (): void => {
    const { broke } = this.snapshot.call;
    this.tell({ kind: "retry" });
    if (broke === "saving") void this.save();
    else void this.dial();
  };

  readonly setMuted = (muted: boolean): void => {
    // The same track feeds the call and the recording: both fall silent.
    for (const track of this.studio.microphone.getAudioTracks()) track.enabled = !muted;
    this.tell({ kind: "muted", muted });
  };

  readonly playSound = (): void => {
    void this.studio.play().then(() => this.show({ soundHeld: false }));
  };

  readonly end = (reason: EndReason = "learner"): void => {
    if (!isLive(this.snapshot.call.phase)) return;
    const learnerSpeaking = this.snapshot.call.learnerSpeaking;
    this.tell({ kind: "end", reason });
    void this.finish(learnerSpeaking);
  };

  /** Lets go of everything. A call that runs is not saved by this: `end` does that. */
  close(): void {
    this.closed = true;
    this.setup.abort();
    clearTimeout(this.replyTimer);
    clearTimeout(this.limitTimer);
    clearTimeout(this.saveTimer);
    this.connection?.close();
    for (const track of this.studio.microphone.getAudioTracks()) {
      track.removeEventListener("ended", this.onMicrophoneGone);
    }
    this.studio.close();
  }

  private readonly onCoach = (stream: MediaStream): void => {
    void this.studio.addCoach(stream).then((plays) => this.show({ soundHeld: !plays }));
  };

  private readonly onMicrophoneGone = (): void => {
    this.breakOff("microphone_lost", new Failure("MIC_REVOKED"));
  };

  private readonly onOver = (how: "lost" | "hung-up"): void => {
    if (this.timeIsUp) this.end("time_limit");
    else if (how === "hung-up") this.end("coach");
    else this.breakOff("connection_lost", new Failure("ICE_FAILED"));
  };

  private breakOff(reason: EndReason, thrown: unknown): void {
    const failure = failureOf(thrown);
    const trouble: Trouble = {
      code: failure.code,
      reference: failure.reference ?? traceIdOf(this.session.id),
    };
    const wasLive = isLive(this.snapshot.call.phase);
    this.tell({ kind: "broken", reason, trouble });
    if (wasLive) void this.finish(false);
  }

  private readonly onEvent = (event: RealtimeServerEvent): void => {
    if (this.take !== null && !event.type.startsWith("conversation.item.input_audio_transcription")) return;
    this.conversation = hear(this.conversation, event, this.now());
    for (const news of meaningOf(event)) this.tell(news);
    if (event.type === "error" && event.error.code === "session_expired") this.timeIsUp = true;
    this.awaitReply(event);
    this.showCaptions();
    this.wordsChanged?.();
    if (completesTurn.has(event.type)) this.saveSoon();
  };

  private awaitReply(event: RealtimeServerEvent): void {
    if (event.type === "input_audio_buffer.speech_stopped") {
      clearTimeout(this.replyTimer);
      this.replyTimer = setTimeout(() => this.tell({ kind: "reply-awaited-in-vain" }), replyWithinMs);
    } else if (event.type === "response.created" || event.type === "input_audio_buffer.speech_started") {
      clearTimeout(this.replyTimer);
    }
  }

  private saveSoon(): void {
    if (this.ending !== null) return;
    clearTimeout(this.saveTimer);
    this.saveTimer = setTimeout(() => {
      this.saving = this.saving.then(() => this.savePartial());
    }, saveAfterMs);
  }

  /** Saves the turns so far. A failure is no trouble to the learner: the next turn or the end saves them too. */
  private async savePartial(): Promise<void> {
    if (this.ending !== null || !isLive(this.snapshot.call.phase)) return;
    const turns = turnsOf(this.conversation, this.studio.heard(), this.now());
    const fingerprint = JSON.stringify(turns);
    if (turns.length === 0 || fingerprint === this.lastSaved) return;
    try {
      this.revision += 1;
      await saveTranscript(this.session.id, this.revision, turns);
      this.lastSaved = fingerprint;
      this.show({ savedMs: Math.max(...turns.map((turn) => turn.end_ms)) });
    } catch (thrown) {
      if (!(thrown instanceof Problem)) return;
      if (thrown.slug === "stale-revision") {
        const known = Number(thrown.extension["revision"]);
        if (Number.isFinite(known)) this.revision = Math.max(this.revision, known);
        this.saveSoon();
      } else if (thrown.slug === "transcript-finalized" || thrown.status === 404) {
        this.breakOff("learner", thrown);
      }
    }
  }

  /** From the end of the call to the saved session. */
  private async finish(learnerSpeaking: boolean): Promise<void> {
    clearTimeout(this.limitTimer);
    clearTimeout(this.replyTimer);
    clearTimeout(this.saveTimer);
    const { connection } = this;
    if (connection !== null) {
      await connection.stopMicrophone().catch(() => undefined);
      if (learnerSpeaking) trySend(connection, { type: "input_audio_buffer.commit" });
    }
    this.take = await this.studio.stop();
    if (connection !== null) await this.lastWords();
    connection?.close();
    // What was measured stays; the microphone is let go of as soon as nobody listens.
    this.studio.close();
    await this.saving.catch(() => undefined);
    this.tell({ kind: "settled" });
    await this.save();
  }

  private async lastWords(): Promise<void> {
    const deadline = Date.now() + lastWordsMs;
    while (awaitsWords(this.conversation) && Date.now() < deadline) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, deadline - Date.now());
        this.wordsChanged = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.wordsChanged = null;
  }

  private async save(): Promise<void> {
    const { take } = this;
    if (take === null) return;
    this.ending ??= {
      turns: turnsOf(this.conversation, this.studio.heard(), take.durationMs, true),
      duration_ms: Math.round(take.durationMs),
      end_reason: this.snapshot.call.endReason ?? "learner",
    };
    try {
      const saved = await this.finalizePatiently(this.ending);
      this.tell({ kind: "saved", durationMs: saved.duration_ms ?? take.durationMs });
      this.onSaved(take);
    } catch (thrown) {
      const failure = failureOf(thrown);
      const code = isPassing(thrown) || mayPass.has(failure.code) ? "SAVE_PENDING" : failure.code;
      this.breakOff("learner", new Failure(code, failure.reference, thrown));
    }
  }

  private async finalizePatiently(ending: NonNullable<PracticeCall["ending"]>): Promise<Session> {
    for (const pause of [...saveAgainAfterMs, null]) {
      try {
        return await finalizeSession(this.session.id, this.finalizeKey, ending);
      } catch (thrown) {
        // It was ended elsewhere, with other turns: that one stands, and ours ends there too.
        if (thrown instanceof Problem && thrown.slug === "already-finalized") return readSession(this.session.id);
        if (pause === null || !isPassing(thrown)) throw thrown;
        await new Promise((resolve) => setTimeout(resolve, pause));
      }
    }
    throw new Failure("SAVE_PENDING");
  }

  private tell(event: CallEvent): void {
    const call = next(this.snapshot.call, event);
    if (call !== this.snapshot.call) this.show({ call });
  }

  private showCaptions(): void {
    this.show({ captions: captionsOf(this.conversation, this.studio.heard(), this.now()) });
  }

  private show(change: Partial<Snapshot>): void {
    this.snapshot = { ...this.snapshot, ...change };
    for (const listener of this.listeners) listener();
  }
}

/** Failures of saving that the learner or time may heal while the tab stays open. */
const mayPass: ReadonlySet<FailureCode> = new Set(["UNKNOWN", "SIGNED_OUT", "TOO_MANY"]);

/** The events after which a turn may be complete. */
const completesTurn: ReadonlySet<string> = new Set([
  "conversation.item.input_audio_transcription.completed",
  "conversation.item.input_audio_transcription.failed",
  "output_audio_buffer.stopped",
  "output_audio_buffer.cleared",
  "conversation.item.truncated",
  "response.done",
]);

/** What an event of the provider means for the life of the call. */
function meaningOf(event: RealtimeServerEvent): CallEvent[] {
  switch (event.type) {
    case "input_audio_buffer.speech_started":
      return [{ kind: "learner-started" }];
    case "input_audio_buffer.speech_stopped":
      return [{ kind: "learner-stopped" }];
    case "response.created":
      return [{ kind: "reply-started" }];
    case "response.done":
      return [{ kind: "reply-finished" }];
    case "output_audio_buffer.started":
      return [{ kind: "coach-audible" }];
    case "output_audio_buffer.stopped":
    case "output_audio_buffer.cleared":
      return [{ kind: "coach-silent" }];
    default:
      return [];
  }
}

function trySend(connection: RealtimeConnection, event: Parameters<RealtimeConnection["send"]>[0]): void {
  try {
    connection.send(event);
  } catch {
    // The channel closed first: then there is nothing left to ask for.
  }
}
