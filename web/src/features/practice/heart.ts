import { Problem } from "@/api/problem";
import { sendHeartbeat } from "@/api/sessions";

/** A session of which nothing is heard for ten minutes counts as abandoned. */
const everyMs = 20_000;

/** Says that the learner is still there, as long as the session is open. */
export class Heart {
  private timer: ReturnType<typeof setInterval> | undefined;

  constructor(
    private readonly sessionId: string,
    /** The session was ended or deleted elsewhere. */
    private readonly onElsewhere: (problem: Problem) => void,
  ) {}

  /** Beats from now on. Asking again changes nothing. */
  beat(): void {
    this.timer ??= setInterval(() => void this.send(), everyMs);
  }

  stop(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private async send(): Promise<void> {
    try {
      await sendHeartbeat(this.sessionId);
    } catch (thrown) {
      // One beat is not missed; only an answer that says "over" counts.
      if (this.timer === undefined || !(thrown instanceof Problem)) return;
      if (thrown.status !== 404 && thrown.slug !== "invalid-state") return;
      this.stop();
      this.onElsewhere(thrown);
    }
  }
}
