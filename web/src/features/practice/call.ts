import type { EndReason } from "@/api/contract";
import type { FailureCode } from "@/words/failure-codes";

/** Every phase a call can be in, in the order a learner meets them. */
export const phases = [
  "connecting",
  "listening",
  "thinking",
  "speaking",
  "ending",
  "saving",
  "saved",
  "failed",
] as const;

export type Phase = (typeof phases)[number];

export interface Trouble {
  code: FailureCode;
  reference: string | null;
}

/** The life of one practice call, as far as the learner can tell. */
export interface Call {
  phase: Phase;
  muted: boolean;
  /** The learner's voice is heard right now. */
  learnerSpeaking: boolean;
  /** The coach's voice is heard right now. */
  coachAudible: boolean;
  /** Why it ends; set from `ending` on. */
  endReason: EndReason | null;
  /** What stopped it: the failure itself in `failed`, or the cause of an ending that saved everything. */
  trouble: Trouble | null;
  /** In `failed`: whether trying again means calling or saving. */
  broke: "calling" | "saving" | null;
  durationMs: number | null;
}

export type CallEvent =
  | { kind: "connected" }
  | { kind: "learner-started" }
  | { kind: "learner-stopped" }
  | { kind: "reply-awaited-in-vain" }
  | { kind: "reply-started" }
  | { kind: "reply-finished" }
  | { kind: "coach-audible" }
  | { kind: "coach-silent" }
  | { kind: "muted"; muted: boolean }
  | { kind: "end"; reason: EndReason }
  | { kind: "broken"; reason: EndReason; trouble: Trouble }
  | { kind: "settled" }
  | { kind: "saved"; durationMs: number }
  | { kind: "retry" };

export const newCall: Call = {
  phase: "connecting",
  muted: false,
  learnerSpeaking: false,
  coachAudible: false,
  endReason: null,
  trouble: null,
  broke: null,
  durationMs: null,
};

/** True while sound travels both ways. */
export function isLive(phase: Phase): boolean {
  return phase === "listening" || phase === "thinking" || phase === "speaking";
}

/** True while leaving the page would lose something. */
export function isPrecious(call: Call): boolean {
  return isLive(call.phase) || call.phase === "ending" || call.phase === "saving" || call.trouble?.code === "SAVE_PENDING";
}

/** Given a call and what happened, the call after it. What cannot happen in a phase changes nothing. */
export function next(call: Call, event: CallEvent): Call {
  if (event.kind === "muted") return { ...call, muted: event.muted };
  switch (call.phase) {
    case "connecting":
      return whileConnecting(call, event);
    case "listening":
    case "thinking":
    case "speaking":
      return whileLive(call, event);
    case "ending":
      return event.kind === "settled" ? { ...call, phase: "saving" } : call;
    case "saving":
      if (event.kind === "saved") return { ...call, phase: "saved", durationMs: event.durationMs };
      if (event.kind === "broken") return { ...call, phase: "failed", broke: "saving", trouble: event.trouble };
      return call;
    case "failed":
      if (event.kind !== "retry") return call;
      return call.broke === "saving"
        ? { ...call, phase: "saving", broke: null, trouble: null }
        : { ...newCall, muted: call.muted };
    case "saved":
      return call;
  }
}

function whileConnecting(call: Call, event: CallEvent): Call {
  if (event.kind === "connected") return { ...call, phase: "listening" };
  if (event.kind === "broken") return { ...call, phase: "failed", broke: "calling", trouble: event.trouble };
  return call;
}

function whileLive(call: Call, event: CallEvent): Call {
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
    case "end":
      return ending(call, event.reason, null);
    case "broken":
      return ending(call, event.reason, event.trouble);
    default:
      return call;
  }
}

/** A call that breaks is saved like one that is ended: the learner loses nothing that was said. */
function ending(call: Call, endReason: EndReason, trouble: Trouble | null): Call {
  return { ...call, phase: "ending", endReason, trouble, learnerSpeaking: false, coachAudible: false };
}
