import { Problem } from "@/api/problem";
import { failureOf } from "@/words/failure";
import type { FailureCode } from "@/words/failure-codes";

/** Why an attempt at a call brought none. Each kind takes a path of its own. */
export type Cause =
  /** This device has no network. */
  | "offline"
  /** Nobody answered. */
  | "unreachable"
  /** Sound found no way between the two sides. */
  | "no-way"
  /** The secret was not accepted: it ran out, or was used. */
  | "secret"
  /** The provider has no room right now. */
  | "busy"
  /** The provider or a service of ours fails. */
  | "failing"
  /** There were too many attempts. */
  | "often"
  /** The time for this practice is used up. */
  | "time-up"
  /** The minutes of the day are used up. */
  | "minutes"
  | "signed-out"
  /** The session was ended elsewhere. */
  | "ended"
  /** The session does not exist any more. */
  | "gone"
  /** Something that asking again does not heal. */
  | "refused";

/** What stopped a call, as the learner is told. */
export interface Trouble {
  code: FailureCode;
  reference: string | null;
}

export interface NoLine {
  cause: Cause;
  trouble: Trouble;
  /** How long the other side asks to be left alone. */
  retryAfterMs: number | null;
}

const bySlug: Readonly<Record<string, Cause>> = {
  "secret-refused": "secret",
  "provider-busy": "busy",
  "provider-unavailable": "failing",
  "provider-timeout": "failing",
  "provider-refused": "refused",
  "invalid-state": "ended",
  "transcript-finalized": "ended",
  "already-finalized": "ended",
  "too-many-requests": "often",
};

const byCode: Partial<Readonly<Record<FailureCode, Cause>>> = {
  OFFLINE: "offline",
  ICE_FAILED: "no-way",
  NO_NETWORK_INTERFACE: "no-way",
  CALL_FAILED: "failing",
};

/** Whatever an attempt at a call threw, as the reason for which there is no line. */
export function noLine(thrown: unknown, online: boolean): NoLine {
  const failure = failureOf(thrown);
  const trouble: Trouble = { code: failure.code, reference: failure.reference };
  const problem = thrown instanceof Problem ? thrown : failure.cause instanceof Problem ? failure.cause : null;
  if (problem === null) return { cause: byCode[failure.code] ?? "refused", trouble, retryAfterMs: null };
  const retryAfterMs = problem.retryAfter === null ? null : problem.retryAfter * 1000;
  return { cause: causeOf(problem, online), trouble, retryAfterMs };
}

function causeOf(problem: Problem, online: boolean): Cause {
  if (problem.slug === "quota-exceeded") return ofLimit(problem.extension["violated_policies"]);
  const known = bySlug[problem.slug];
  if (known !== undefined) return known;
  if (problem.slug === "unreachable") return online ? "unreachable" : "offline";
  if (problem.status === 401) return "signed-out";
  if (problem.status === 404 || problem.status === 410) return "gone";
  if (problem.status === 429) return "often";
  return problem.status >= 500 ? "failing" : "refused";
}

/** The limits on how often one may call pass by themselves; those on how long do not. */
function ofLimit(violated: unknown): Cause {
  const violates = (policy: string) => Array.isArray(violated) && violated.includes(policy);
  if (violates("daily-minutes")) return "minutes";
  return violates("session-minutes") ? "time-up" : "often";
}
