import type { Levels } from "@/sound/studio";

/** How often both sides are looked at. */
export const echoStepMs = 50;
/** So much of both sides is compared. */
const windowSteps = 2_000 / echoStepMs;
/** Sound takes this long at most from the loudspeaker back into the microphone. */
const latestSteps = 400 / echoStepMs;
/** From here on the microphone seems to follow the coach, and from here on it certainly does. */
const alike = 0.6;
const certainly = 0.9;
/** Quieter than this nobody would take it for speech: what the echo canceller leaves over is harmless. */
const audible = 0.01;
/** A learner who talks over the coach may be alike for a moment; an echo always is. */
const windowsInARow = 2;

/**
 * Whether the microphone hears the coach: while only the coach should be heard, the loudness of both goes up and down
 * together. Takes both levels at every step, with whether the coach is speaking, and says so once.
 */
export class EchoDetector {
  private learner: number[] = [];
  private coach: number[] = [];
  private inARow = 0;
  private found = false;

  /** True once, when an echo became certain. */
  push(levels: Levels, coachSpeaks: boolean): boolean {
    if (this.found) return false;
    // A coach whom its own echo interrupts speaks for a second at a time: its sentences count together.
    if (!coachSpeaks) return false;
    this.learner.push(levels.learner);
    this.coach.push(levels.coach);
    if (this.learner.length < windowSteps) return false;
    const likeness = likenessOf(this.coach, this.learner);
    this.inARow = likeness > alike ? this.inARow + 1 : 0;
    this.learner = [];
    this.coach = [];
    this.found = likeness > certainly || this.inARow >= windowsInARow;
    return this.found;
  }
}

/** How much what came in follows what went out, at the delay where it does so most. Both are loudnesses at equal steps. */
export function likenessOf(out: readonly number[], back: readonly number[]): number {
  if (peakOf(back) < audible) return 0;
  let most = 0;
  for (let delay = 0; delay <= latestSteps; delay += 1) {
    most = Math.max(most, correlation(out.slice(0, out.length - delay), back.slice(delay)));
  }
  return most;
}

function peakOf(levels: readonly number[]): number {
  return levels.reduce((most, level) => Math.max(most, level), 0);
}

/** Pearson's; 0 where one of them does not vary. */
function correlation(a: readonly number[], b: readonly number[]): number {
  const count = Math.min(a.length, b.length);
  if (count === 0) return 0;
  const mean = (levels: readonly number[]) => levels.slice(0, count).reduce((sum, level) => sum + level, 0) / count;
  const [meanA, meanB] = [mean(a), mean(b)];
  let [both, ofA, ofB] = [0, 0, 0];
  for (let at = 0; at < count; at += 1) {
    const [x, y] = [(a[at] ?? 0) - meanA, (b[at] ?? 0) - meanB];
    both += x * y;
    ofA += x * x;
    ofB += y * y;
  }
  const spread = Math.sqrt(ofA * ofB);
  return spread < 1e-12 ? 0 : both / spread;
}
