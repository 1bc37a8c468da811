import type { Call } from "@/api/contract";

/** A stretch of a session in which nobody could be heard. */
export interface Gap {
  fromMs: number;
  toMs: number;
}

/** Shorter than that, a learner has not noticed it. */
const noticedMs = 1_000;

/** What lies between one call and the next. */
export function gapsBetween(calls: readonly Call[]): Gap[] {
  return calls.slice(1).flatMap((call, index) => {
    const fromMs = calls[index]?.end_ms ?? call.start_ms;
    return call.start_ms - fromMs < noticedMs ? [] : [{ fromMs, toMs: call.start_ms }];
  });
}
