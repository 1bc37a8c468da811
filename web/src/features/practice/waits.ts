import type { Measure } from "@/api/contract";
import { type Call, isLive } from "./call";

/** Measures what the learner waits for in a practice, as it goes from one state to the next. */
export class Waits {
  private turnOver: number | null = null;
  private lineLost: number | null = null;

  constructor(
    /** When the learner clicked; null once the coach was heard. */
    private clicked: number | null,
    private before: Call,
    private readonly measured: (measure: Measure, ms: number) => void,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** Looks at what the practice has come to. */
  see(call: Call): void {
    const { before } = this;
    this.before = call;
    if (call === before) return;
    if (before.learnerSpeaking !== call.learnerSpeaking) this.turnOver = call.learnerSpeaking ? null : this.now();
    if (!before.coachAudible && call.coachAudible) this.coachIsHeard();
    if (isLive(before.phase) && call.phase === "reconnecting") {
      this.lineLost = this.now();
      // What was to be replied to is told to the next line, which begins anew.
      this.turnOver = null;
    }
    if (call.phase === "failed") {
      // From here on the page waits for the learner.
      this.clicked = null;
      this.lineLost = null;
    }
    if (isLive(call.phase)) this.lineLost = this.since("reconnect", this.lineLost);
  }

  private coachIsHeard(): void {
    this.clicked = this.since("first_sound", this.clicked);
    this.turnOver = this.since("reply", this.turnOver);
  }

  private since(measure: Measure, from: number | null): null {
    if (from !== null) this.measured(measure, this.now() - from);
    return null;
  }
}
