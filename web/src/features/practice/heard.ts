import type { Stretch } from "@/sound/studio";

export interface Span {
  start_ms: number;
  end_ms: number;
}

/** Shorter silences than this are inside one breath of speech. */
const breathMs = 400;
/** The provider notices speech only after some of it: so much before the news the voice may have begun. */
const learnerNewsLagMs = 250;
const learnerLookBackMs = 1500;
const learnerLookAheadMs = 150;
const coachLookBackMs = 400;
const coachLookAheadMs = 1500;
/** The last sound of the coach may still be in the jitter buffer when the provider says it stopped. */
const coachTailMs = 600;

/**
 * When the learner spoke. The events say that it happened and arrive late; the sound in the recording says when.
 * `notBefore` is the end of the learner's turn before this one.
 */
export function learnerSpan(
  stretches: readonly Stretch[],
  startedAt: number,
  stoppedAt: number,
  notBefore: number,
): Span {
  const own = stretches.filter((stretch) => stretch.start_ms >= notBefore - 20);
  const begins = breaths(own).filter(
    (start) => start >= startedAt - learnerLookBackMs && start <= startedAt + learnerLookAheadMs,
  );
  const start = nearest(begins, startedAt - learnerNewsLagMs) ?? startedAt;
  const last = own.findLast((stretch) => stretch.start_ms >= start && stretch.start_ms < stoppedAt);
  const end = last === undefined ? stoppedAt : Math.min(last.end_ms ?? stoppedAt, stoppedAt);
  return { start_ms: start, end_ms: Math.max(start, end) };
}

/** When the coach was heard. `stoppedAt` is null while the voice still sounds. */
export function coachSpan(
  stretches: readonly Stretch[],
  startedAt: number,
  stoppedAt: number,
  notBefore: number,
): Span {
  const own = stretches.filter((stretch) => stretch.start_ms >= notBefore - 20);
  const begins = own
    .map((stretch) => stretch.start_ms)
    .filter((start) => start >= startedAt - coachLookBackMs && start <= startedAt + coachLookAheadMs);
  const start = nearest(begins, startedAt) ?? startedAt;
  const latest = stoppedAt + coachTailMs;
  const last = own.findLast((stretch) => stretch.start_ms >= start && stretch.start_ms < stoppedAt);
  const end = last === undefined ? stoppedAt : Math.min(last.end_ms ?? stoppedAt, latest);
  return { start_ms: start, end_ms: Math.max(start, end) };
}

/** Where breaths begin: onsets that follow a silence longer than the one between words. */
function breaths(stretches: readonly Stretch[]): number[] {
  const begins: number[] = [];
  let silentSince = Number.NEGATIVE_INFINITY;
  for (const stretch of stretches) {
    if (stretch.start_ms - silentSince > breathMs) begins.push(stretch.start_ms);
    silentSince = stretch.end_ms ?? Number.POSITIVE_INFINITY;
  }
  return begins;
}

function nearest(values: readonly number[], to: number): number | null {
  let best: number | null = null;
  for (const value of values) {
    if (best === null || Math.abs(value - to) < Math.abs(best - to)) best = value;
  }
  return best;
}
