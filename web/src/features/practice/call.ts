import type { EndReason } from "@/api/contract";
import type { NoLine, Trouble } from "./no-line";
import { afterFailure, newSearch, patience, type Search, type World } from "./redial";
import { isUnnoticed, pauseBeforeSaving } from "./save-again";

/** Every phase a call can be in, in the order a learner meets them. */
export const phases = [
  "connecting",
  "listening",
  "thinking",
  "speaking",
  "reconnecting",
  "ending",
  "saving",
  "saved",
  "failed",
] as const;

export type Phase = (typeof phases)[number];

/** The life of one practice, from the first attempt at a call to the saved session, as far as the learner can tell. */
export interface Call {
  phase: Phase;
  muted: boolean;
  /** The learner's voice is heard right now. */
  learnerSpeaking: boolean;
  /** The coach's voice is heard right now. */
  coachAudible: boolean;
  /** There is something that must not be lost: a call has run, in this visit or one before it. */
  held: boolean;
  /** When sound last stopped travelling on a line that may yet recover. */
  shakySince: number | null;
  /** The search for a line, while there is none. */
  search: Search | null;
  /** When the line that runs was found. */
  lineSince: number | null;
  /** The line before this one was hung up by the other side when it was still young. */
  hungUpYoung: boolean;
  /** Why it ends; set from `ending` on. */
  endReason: EndReason | null;
  /** What stopped it: the failure itself in `failed`, or the cause of an ending that saved everything. */
  trouble: Trouble | null;
  /** In `failed`: whether trying again means calling or saving. */
  broke: "calling" | "saving" | null;
  /** How many times saving came to nothing, one after the other. */
  unsavedTimes: number;
  durationMs: number | null;
  /** In `saved`: turns that are not in it, because it was ended elsewhere before they came. */
  lostTurns: number;
}

export type CallEvent =
  | { kind: "dial" }
  | { kind: "connected" }
  | { kind: "no-line"; failure: NoLine }
  | { kind: "shaky" }
  | { kind: "steady" }
  /** The line is gone without being hung up here. `timeIsUp`: our own limit was reached. */
  | { kind: "over"; how: "lost" | "hung-up" | "expired"; timeIsUp: boolean }
  | { kind: "offline" }
  | { kind: "online" }
  | { kind: "woken" }
  | { kind: "learner-started" }
  | { kind: "learner-stopped" }
  | { kind: "reply-awaited-in-vain" }
  | { kind: "reply-started" }
  | { kind: "reply-finished" }
  | { kind: "coach-audible" }
  | { kind: "coach-silent" }
  | { kind: "muted"; muted: boolean }
  | { kind: "end"; reason: EndReason }
  /** The session was ended or deleted elsewhere. */
  | { kind: "broken"; trouble: Trouble }
  | { kind: "settled" }
  /** An attempt to save came to nothing. */
  | { kind: "unsaved"; trouble: Trouble }
  | { kind: "saved"; durationMs: number; lostTurns: number }
  | { kind: "retry" };

/** What is to be done about it. */
export type Effect =
  /** One attempt at a call, from the permission to the open line. */
  | { do: "dial" }
  /** Drops the line, and the attempt at one. */
  | { do: "hang-up" }
  /** Says `woken` after so long; whoever was to be woken before is not. */
  | { do: "wake"; afterMs: number }
  | { do: "let-sleep" }
  /** From the last words to what is to be saved. */
  | { do: "finish"; learnerSpeaking: boolean }
  | { do: "save" };

export interface Step {
  call: Call;
  effects: readonly Effect[];
}

export const newCall: Call = {
  phase: "connecting",
  muted: false,
  learnerSpeaking: false,
  coachAudible: false,
  held: false,
  shakySince: null,
  search: null,
  lineSince: null,
  hungUpYoung: false,
  endReason: null,
  trouble: null,
  broke: null,
  unsavedTimes: 0,
  durationMs: null,
  lostTurns: 0,
};

/** True while sound travels both ways. */
export function isLive(phase: Phase): boolean {
  return phase === "listening" || phase === "thinking" || phase === "speaking";
}

/** True while the practice goes on, with or without a line: the clock and the recording run. */
export function isUnderWay(call: Call): boolean {
  return isLive(call.phase) || call.phase === "reconnecting";
}

/** True while it can be ended so that what was said is saved. */
export function mayEnd(call: Call): boolean {
  return isUnderWay(call) || (call.held && (call.phase === "connecting" || call.broke === "calling"));
}

/** True while leaving the page would lose something. `wordsKept`: what was said waits in this browser. */
export function isPrecious(call: Call, wordsKept = true): boolean {
  // Signed out, nothing can be saved from here.
  if (call.trouble?.code === "SIGNED_OUT") return call.broke === "saving" && !wordsKept;
  return mayEnd(call) || call.phase === "ending" || call.phase === "saving" || call.trouble?.code === "SAVE_PENDING";
}

/** Given a call and what happened, the call after it and what to do. What cannot happen in a phase changes nothing. */
export function next(call: Call, event: CallEvent, world: World): Step {
  if (event.kind === "muted") return calm({ ...call, muted: event.muted });
  switch (call.phase) {
    case "connecting":
    case "reconnecting":
      return whileSearching(call, event, world);
    case "listening":
    case "thinking":
    case "speaking":
      return whileLive(call, event, world);
    case "ending":
      return event.kind === "settled" ? saving({ ...call, phase: "saving" }) : calm(call);
    case "saving":
      return whileSaving(call, event, world);
    case "failed":
      return onceFailed(call, event, world);
    case "saved":
      return calm(call);
  }
}

function calm(call: Call): Step {
  return { call, effects: [] };
}

function whileSearching(call: Call, event: CallEvent, world: World): Step {
  const { search } = call;
  switch (event.kind) {
    case "dial":
      return search === null ? searching({ ...call, search: newSearch(world, !call.held) }, world) : calm(call);
    case "connected":
      return {
        call: { ...call, phase: "listening", search: null, held: true, lineSince: world.now },
        effects: [{ do: "let-sleep" }],
      };
    case "no-line":
      return search?.state === "dialling" ? withoutLine(call, search, event.failure, world) : calm(call);
    case "woken":
      if (search === null) return calm(call);
      if (world.now >= search.until) return givenUp(call, search.trouble);
      return search.state === "waiting" ? searching(dialling(call, search), world) : calm(call);
    case "online":
      if (search === null || search.asked) return calm(call);
      // An attempt that began on the old network would still wait for answers that went there.
      return searching(dialling(call, search), world);
    case "offline":
      if (search?.state !== "waiting" || search.asked) return calm(call);
      return searching({ ...call, search: { ...search, state: "offline", nextAt: null } }, world);
    case "end":
      return mayEnd(call) ? ending(call, event.reason, null) : calm(call);
    case "broken":
      return call.held ? ending(call, "learner", event.trouble) : givenUp(call, event.trouble);
    default:
      return calm(call);
  }
}

function dialling(call: Call, search: Search): Call {
  return { ...call, search: { ...search, state: "dialling", nextAt: null, asked: false } };
}

/** Does what the search has come to. */
function searching(call: Call, { now }: World): Step {
  const { search } = call;
  switch (search?.state) {
    case "dialling":
      // An attempt that hangs must not outlive the search.
      return { call, effects: [{ do: "hang-up" }, { do: "dial" }, { do: "wake", afterMs: Math.max(0, search.until - now) }] };
    case "waiting":
      return { call, effects: [{ do: "wake", afterMs: Math.max(0, (search.nextAt ?? now) - now) }] };
    case "offline":
      return { call, effects: [{ do: "hang-up" }, { do: "wake", afterMs: Math.max(0, search.until - now) }] };
    case undefined:
      return calm(call);
  }
}

function withoutLine(call: Call, search: Search, failure: NoLine, world: World): Step {
  const verdict = afterFailure(search, failure, call.held, world);
  switch (verdict.then) {
    case "search":
      return searching({ ...call, search: verdict.search }, world);
    case "give-up":
      return givenUp(call, failure.trouble);
    case "end":
      return ending(call, verdict.reason, verdict.trouble);
  }
}

function givenUp(call: Call, trouble: Trouble | null): Step {
  return {
    call: { ...call, phase: "failed", broke: "calling", search: null, trouble: trouble ?? { code: "ICE_FAILED", reference: null } },
    effects: [{ do: "let-sleep" }, { do: "hang-up" }],
  };
}

/** What may pass keeps nobody at the screen: saving is tried until it is done, whether the learner was told or not. */
function whileSaving(call: Call, event: CallEvent, world: World): Step {
  switch (event.kind) {
    case "saved":
      return { call: saved(call, event), effects: [{ do: "let-sleep" }] };
    case "unsaved":
      return unsaved(call, event.trouble, world);
    case "woken":
    case "online":
      return saving(call);
    case "retry":
      return saving({ ...call, phase: "saving", broke: null, trouble: null, unsavedTimes: 0 });
    default:
      return calm(call);
  }
}

function saving(call: Call): Step {
  return { call, effects: [{ do: "let-sleep" }, { do: "save" }] };
}

function unsaved(call: Call, trouble: Trouble, world: World): Step {
  const unsavedTimes = call.unsavedTimes + 1;
  const passes = trouble.code === "SAVE_PENDING";
  const told = call.phase === "failed" || !passes || !isUnnoticed(unsavedTimes);
  return {
    call: told ? { ...call, unsavedTimes, phase: "failed", broke: "saving", trouble } : { ...call, unsavedTimes },
    effects: [passes ? { do: "wake", afterMs: pauseBeforeSaving(unsavedTimes, world) } : { do: "let-sleep" }],
  };
}

function saved(call: Call, { durationMs, lostTurns }: Extract<CallEvent, { kind: "saved" }>): Call {
  // That it could not be saved at first is over; what ended the practice is still true.
  const cause = call.broke === "saving" ? null : call.trouble;
  const trouble: Trouble | null = lostTurns === 0 ? cause : { code: "ALREADY_ENDED", reference: call.trouble?.reference ?? null };
  return { ...call, phase: "saved", broke: null, durationMs, lostTurns, trouble };
}

function onceFailed(call: Call, event: CallEvent, world: World): Step {
  if (call.broke === "saving") return whileSaving(call, event, world);
  if (event.kind === "end" && mayEnd(call)) return ending(call, event.reason, null);
  if (event.kind !== "retry") return calm(call);
  const phase = call.lineSince === null ? "connecting" : "reconnecting";
  return searching({ ...call, broke: null, trouble: null, phase, search: newSearch(world, !call.held) }, world);
}

function whileLive(call: Call, event: CallEvent, world: World): Step {
  switch (event.kind) {
    case "shaky":
      if (!world.online) return lineLost(call, world);
      return { call: { ...call, shakySince: world.now }, effects: [{ do: "wake", afterMs: patience.graceMs }] };
    case "steady":
      return { call: { ...call, shakySince: null }, effects: [{ do: "let-sleep" }] };
    case "woken":
      return call.shakySince === null ? calm(call) : lineLost(call, world);
    case "offline":
      // While sound still travels, the browser may be wrong about the network.
      return call.shakySince === null ? calm(call) : lineLost(call, world);
    case "over":
      return lineOver(call, event, world);
    case "end":
      return ending(call, event.reason, null);
    case "broken":
      return ending(call, "learner", event.trouble);
    default:
      return calm(whileTalking(call, event));
  }
}

/**
 * The other side hangs up for many reasons, and the next permission knows which: it is refused when the session or its
 * minutes have ended. Only a coach who hangs up again at once means it.
 */
function lineOver(call: Call, event: Extract<CallEvent, { kind: "over" }>, world: World): Step {
  if (event.timeIsUp) return ending(call, "time_limit", null);
  const young = world.now - (call.lineSince ?? world.now) < patience.youngMs;
  if (event.how === "hung-up" && young && call.hungUpYoung) return ending(call, "coach", null);
  return lineLost({ ...call, hungUpYoung: event.how === "hung-up" && young }, world);
}

function lineLost(call: Call, world: World): Step {
  const search = newSearch(world, false, call.shakySince ?? world.now);
  const silent = { learnerSpeaking: false, coachAudible: false, shakySince: null };
  return searching({ ...call, ...silent, phase: "reconnecting", search }, world);
}

function whileTalking(call: Call, event: CallEvent): Call {
  switch (event.kind) {
    case "learner-started":
      return { ...call, phase: "listening", learnerSpeaking: true };
    case "learner-stopped":
      return { ...call, phase: call.coachAudible ? "speaking" : "thinking", learnerSpeaking: false };
    case "reply-awaited-in-vain":
      return call.phase === "thinking" ? { ...call, phase: "listening" } : call;
    case "reply-started":
      return call.coachAudible || call.learnerSpeaking ? call : { ...call, phase: "thinking" };
    case "reply-finished":
      // Generation runs ahead of the voice: only a reply that nobody hears ends the thinking.
      return call.coachAudible || call.learnerSpeaking ? call : { ...call, phase: "listening" };
    case "coach-audible":
      return { ...call, phase: call.learnerSpeaking ? "listening" : "speaking", coachAudible: true };
    case "coach-silent":
      return {
        ...call,
        phase: call.phase === "speaking" ? "listening" : call.phase,
        coachAudible: false,
      };
    default:
      return call;
  }
}

/** A call that breaks is saved like one that is ended: the learner loses nothing that was said. */
function ending(call: Call, endReason: EndReason, trouble: Trouble | null): Step {
  // A line that runs is still needed for the last words.
  const drop: Effect[] = isLive(call.phase) ? [] : [{ do: "hang-up" }];
  const over = { learnerSpeaking: false, coachAudible: false, shakySince: null, search: null, broke: null };
  return {
    call: { ...call, ...over, phase: "ending", endReason, trouble },
    effects: [{ do: "let-sleep" }, ...drop, { do: "finish", learnerSpeaking: call.learnerSpeaking }],
  };
}
