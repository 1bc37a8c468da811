import type { Call as CallSpan, Session, Turn } from "@/api/contract";
import type { KeptDraft } from "@/api/draft";
import type { Continuation } from "./practice-call";
import { endOf } from "./session-words";

/** What this browser knows of a session that a page left open. */
export interface LeftHere {
  /** Words that the server may not have. */
  draft: KeptDraft | null;
  /** When the session clock began, in milliseconds since 1970. */
  zero: number | null;
}

/** All that is known to have been said in an open session: this browser may have words that came to no server. */
export function saidIn({ transcript }: Session, draft: KeptDraft | null): { turns: Turn[]; calls: CallSpan[] } {
  const { turns, calls } = draft !== null && draft.revision > transcript.revision ? draft : transcript;
  return { turns, calls };
}

/** Where an open session goes on: after all that was said in it, by its clock. */
export function continuationOf(session: Session, left: LeftHere, before: readonly Turn[], now: number): Continuation {
  const { turns, calls } = saidIn(session, left.draft);
  const begun = turns.length > 0 || calls.length > 0 || left.zero !== null;
  const elapsed = begun ? now - (left.zero ?? Date.parse(session.started_at)) : 0;
  return { fromMs: Math.max(0, elapsed, endOf({ turns, calls })), turns, calls, before };
}
