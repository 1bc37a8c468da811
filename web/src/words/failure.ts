import { asProblem, Problem } from "../api/problem";
import type { FailureCode } from "./failure-codes";
import { say } from "./say";
import { lengthInWords } from "./time";

/** The problem types the services answer with, and what each means to a learner. */
const ofProblem: Readonly<Record<string, FailureCode>> = {
  unauthenticated: "SIGNED_OUT",
  "invalid-credentials": "INPUT_REFUSED",
  "validation-failed": "INPUT_REFUSED",
  "weak-password": "INPUT_REFUSED",
  "quota-exceeded": "QUOTA_REACHED",
  "session-already-open": "SESSION_OPEN",
  "topic-not-offered": "TOPIC_GONE",
  "not-found": "NOT_FOUND",
  "transcript-finalized": "ALREADY_ENDED",
  "already-finalized": "ALREADY_ENDED",
  "invalid-state": "ALREADY_ENDED",
  "stale-revision": "ALREADY_ENDED",
  "secret-refused": "SECRET_REFUSED",
  "provider-refused": "SECRET_REFUSED",
  "provider-busy": "PROVIDER_BUSY",
  "provider-unavailable": "PROVIDER_BUSY",
  "provider-timeout": "PROVIDER_BUSY",
  "recording-exists": "RECORDING_REFUSED",
  "empty-media": "RECORDING_REFUSED",
  "unsupported-media": "RECORDING_REFUSED",
  "media-limits-exceeded": "RECORDING_REFUSED",
  "content-too-large": "RECORDING_REFUSED",
  "too-many-requests": "TOO_MANY",
  "request-in-progress": "TOO_MANY",
};

/** Every problem type that has words of its own. */
export const knownProblems = Object.keys(ofProblem);

/** A failure as the learner meets it: what it is, and what can be quoted when asking for help. */
export class Failure extends Error {
  override readonly name = "Failure";

  constructor(
    readonly code: FailureCode,
    readonly reference: string | null = null,
    override readonly cause?: unknown,
  ) {
    super(code);
  }
}

/** Whatever was thrown anywhere, as a failure. */
export function failureOf(thrown: unknown): Failure {
  if (thrown instanceof Failure) return thrown;
  if (!(thrown instanceof Problem)) return new Failure("UNKNOWN", asProblem(thrown).reference, thrown);
  return new Failure(codeOf(thrown), thrown.reference, thrown);
}

function codeOf(problem: Problem): FailureCode {
  // The same problem type stands for every limit; only used up minutes are "enough for now".
  if (problem.slug === "quota-exceeded" && !exceedsMinutes(problem)) return "TOO_MANY";
  const known = ofProblem[problem.slug];
  if (known !== undefined) return known;
  if (problem.slug === "unreachable") return navigator.onLine ? "SERVICE_DOWN" : "OFFLINE";
  if (problem.status >= 500) return "SERVICE_DOWN";
  if (problem.status === 404 || problem.status === 410) return "NOT_FOUND";
  if (problem.status === 401) return "SIGNED_OUT";
  if (problem.status === 429) return "TOO_MANY";
  if (problem.status === 413 || problem.status === 415) return "RECORDING_REFUSED";
  if (problem.status >= 400) return "INPUT_REFUSED";
  return "UNKNOWN";
}

function exceedsMinutes(problem: Problem): boolean {
  const violated = problem.extension["violated_policies"];
  return Array.isArray(violated) && (violated.includes("daily-minutes") || violated.includes("session-minutes"));
}

export interface FailureWords {
  title: string;
  text: string;
  saved: string;
  /** The words on the one way forward. */
  way: string;
}

/** What to tell the learner. `savedMs` is how much of a running practice is safe. */
export function wordsFor(code: FailureCode, savedMs = 0): FailureWords {
  return {
    title: say(`failure.${code}.title`),
    text: say(`failure.${code}.text`),
    saved:
      savedMs > 0
        ? say("failure.savedSoFar", { duration: lengthInWords(savedMs) })
        : say(`failure.${code}.saved`),
    way: say(`failure.${code}.way`),
  };
}
