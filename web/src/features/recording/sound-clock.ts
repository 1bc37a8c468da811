/** A browser that will run again does so within this time; after it the learner is asked. */
const runsAgainWithinMs = 1_000;

/** What happens to the sound of a page. */
interface Hearers {
  /** It stands still, and only a click may help; or it runs again. */
  onHeld: (held: boolean) => void;
  /** It stood still between these two places, in seconds on this clock, and runs again. */
  onAgain: (from: number, to: number) => void;
}

/**
 * The clock of an audio context that goes on while the context stands still, as a phone call makes it, and that sees to
 * it that it runs again.
 */
export class SoundClock {
  /** How far the context's own clock is behind, in seconds. */
  private missed = 0;
  /** When it began to stand still, in milliseconds since 1970. */
  private stillSince: number | null = null;
  private asking: ReturnType<typeof setTimeout> | undefined;
  private readonly gone = new AbortController();

  constructor(
    private readonly context: Pick<AudioContext, "state" | "currentTime" | "resume" | "addEventListener">,
    private readonly hearers: Hearers,
  ) {
    const { signal } = this.gone;
    context.addEventListener("statechange", () => this.look(), { signal });
    document.addEventListener(
      "visibilitychange",
      () => {
        if (document.visibilityState === "visible" && this.stillSince !== null) this.resume();
      },
      { signal },
    );
  }

  /** Seconds on this clock. */
  get now(): number {
    const still = this.stillSince === null ? 0 : Math.max(0, Date.now() - this.stillSince) / 1000;
    return this.context.currentTime + this.missed + still;
  }

  /** Where a time that the context has just told lies on this clock. */
  placeOf(contextSeconds: number): number {
    return contextSeconds + this.missed;
  }

  stop(): void {
    this.gone.abort();
    clearTimeout(this.asking);
  }

  private look(): void {
    if (this.context.state === "closed") return;
    if (this.context.state === "running") {
      this.runs();
    } else if (this.stillSince === null) {
      this.stillSince = Date.now();
      this.resume();
    }
  }

  private resume(): void {
    // During a phone call it is refused, or answered when the call is over.
    this.context.resume().catch(() => undefined);
    clearTimeout(this.asking);
    this.asking = setTimeout(() => this.hearers.onHeld(true), runsAgainWithinMs);
  }

  private runs(): void {
    clearTimeout(this.asking);
    if (this.stillSince === null) return;
    const [from, to] = [this.placeOf(this.context.currentTime), this.now];
    this.missed += to - from;
    this.stillSince = null;
    this.hearers.onAgain(from, to);
    this.hearers.onHeld(false);
  }
}
