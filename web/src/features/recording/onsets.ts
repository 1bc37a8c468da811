/** One edge of a stretch of sound, in seconds on the audio clock. */
export interface Edge {
  edge: "onset" | "offset";
  at: number;
}

/** So many loud windows in a row are a sound and not a click. */
const windowsToBegin = 3;
/** So long a silence ends a stretch. Shorter ones are the closures inside words. */
const silenceToEndSeconds = 0.2;
/** A sound stands out when it is so many times louder than the room. */
const aboveRoom = 4;
/** How fast the estimate of the room's noise may rise, per window. */
const roomRise = 1.003;

/**
 * Tells sound from silence on one channel, window by window. An onset carries the time of its first loud
 * window and an offset the end of its last, so neither is late by the time it took to be sure.
 */
export class OnsetDetector {
  private room: number;
  private loudWindows = 0;
  private candidateAt = 0;
  private sounding = false;
  private lastLoudEnd = 0;

  constructor(
    /** Quieter than this (root mean square, 1 = full scale) is never a sound. */
    private readonly faintest: number,
  ) {
    this.room = faintest / aboveRoom;
  }

  /** Takes the loudness of the window from `start` to `end`, and says whether an edge became certain. */
  push(loudness: number, start: number, end: number): Edge | null {
    this.room = Math.max(1e-6, Math.min(this.room * roomRise, Math.max(loudness, 1e-6)));
    const threshold = Math.max(this.faintest, this.room * aboveRoom);
    const loud = loudness >= (this.sounding ? threshold * 0.6 : threshold);

    if (!this.sounding) {
      if (!loud) {
        this.loudWindows = 0;
        return null;
      }
      if (this.loudWindows === 0) this.candidateAt = start;
      this.loudWindows += 1;
      if (this.loudWindows < windowsToBegin) return null;
      this.sounding = true;
      this.lastLoudEnd = end;
      return { edge: "onset", at: this.candidateAt };
    }

    if (loud) {
      this.lastLoudEnd = end;
      return null;
    }
    if (end - this.lastLoudEnd < silenceToEndSeconds) return null;
    this.sounding = false;
    this.loudWindows = 0;
    return { edge: "offset", at: this.lastLoudEnd };
  }
}
