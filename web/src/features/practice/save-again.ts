import type { World } from "./redial";

/** The first pauses pass unnoticed; when they were in vain, the learner is told. */
const unnoticedMs = [500, 1_500, 3_000];
const told = { first: 5_000, most: 15_000 };
/** So much later than asked for, at most: not everybody at once. */
const jitterMs = 1_000;

/** Whether the learner need not know yet that saving came to nothing so many times, one after the other. */
export function isUnnoticed(times: number): boolean {
  return times <= unnoticedMs.length;
}

/** How long to wait after saving came to nothing so many times. It is tried for as long as the page is open. */
export function pauseBeforeSaving(times: number, { random }: World): number {
  const [pause] = unnoticedMs.slice(times - 1);
  if (pause !== undefined) return pause;
  return Math.round(Math.min(told.most, told.first * 2 ** (times - unnoticedMs.length - 1)) + random * jitterMs);
}
