import type { Call as CallSpan, Session, Turn } from "@/api/contract";
import type { Continuation } from "./practice-call";
import { endOf } from "./session-words";

/** What this browser knows of a session that a page left open. */
export interface LeftHere {
  /** Words that the server may not have. */
  draft: { revision: number; turns: readonly Turn[]; calls: readonly CallSpan[] } | null;
  /** When the session clock began, in milliseconds since 1970. */
  zero: number | null;
}

/** Where an open session goes on: after all that was said in it, by its clock. */
export function continuationOf(session: Session, left: LeftHere, before: readonly Turn[], now: number): Continuation {
  const saved = { turns: session.transcript.turns, calls: session.transcript.calls };
  const { turns, calls } = left.draft !== null && left.draft.revision > session.transcript.revision ? left.draft : saved;
  const begun = turns.length > 0 || calls.length > 0 || left.zero !== null;
  const elapsed = begun ? now - (left.zero ?? Date.parse(session.started_at)) : 0;
  return { fromMs: Math.max(0, elapsed, endOf({ turns, calls })), turns, calls, before };
}
