import { Problem } from "@/api/problem";
import { refreshOnce } from "@/api/refresh";
import { isSignedIn } from "@/api/users";
import { sendTake } from "./send-take";
import type { Tape } from "./tape";

/** How a take fares on its way. */
export type Standing = "going" | "stuck" | "sent" | "refused" | "unwanted";

/** A pause after so many failures is the longest. */
const longestPause = 5;
/** So many failures in a row are told to the learner; it goes on trying all the same. */
const stuckAfter = 3;
/** The server lets a new request in when an earlier one has been silent for one and a half seconds. */
const lockedMs = 700;

/** Sends one take until all of it is on the server, whatever comes between. */
export class TakeSender {
  standing: Standing = "going";
  problem: Problem | null = null;
  private failures = 0;
  private readonly stopping = new AbortController();
  private wakeUp: (() => void) | null = null;

  constructor(
    readonly tape: Tape,
    private readonly onChange: () => void,
  ) {
    void this.run();
  }

  /** Tries again now and not later. */
  wake(): void {
    this.wakeUp?.();
  }

  /** The learner asked: what follows is told at once. */
  retry(): void {
    if (this.standing !== "stuck") return;
    this.failures = stuckAfter - 1;
    this.show("going", null);
    this.wake();
  }

  /** Sends nothing more. What was recorded stays where it is. */
  stop(): void {
    this.stopping.abort(new DOMException("stopped", "AbortError"));
    this.wake();
  }

  private isStopped(): boolean {
    return this.stopping.signal.aborted;
  }

  private async run(): Promise<void> {
    let end: Standing | null = null;
    while (end === null && !this.isStopped()) end = await this.goOn();
    if (end !== null) this.show(end, this.problem);
  }

  /** One attempt, and the pause after it. Says how it ended, if it did. */
  private async goOn(): Promise<Standing | null> {
    const before = this.tape.acknowledged;
    try {
      // Nothing is begun on the server for a recorder that never gives a sound.
      if (this.tape.url === null) await this.tape.until(1, this.stopping.signal);
      if (this.tape.url === null && this.tape.length === 0) return "unwanted";
      await this.attempt();
      return "sent";
    } catch (thrown) {
      if (this.isStopped()) return null;
      if (this.tape.acknowledged > before) this.failures = 0;
      const next = await this.after(thrown instanceof Problem ? thrown : new Problem("unknown", 0, null));
      if (typeof next === "string") return next;
      await this.rest(next);
      return null;
    }
  }

  private attempt(): Promise<void> {
    return sendTake({
      tape: this.tape,
      signal: this.stopping.signal,
      onProgress: () => {
        this.failures = 0;
        this.show("going", null);
      },
    });
  }

  /** What follows from a problem: how it ends, or after which pause it goes on. */
  private async after(problem: Problem): Promise<Standing | number> {
    switch (problem.status) {
      case 401:
        return (await refreshOnce().catch(() => false)) && this.failures === 0 ? this.fails(problem, 0) : this.fails(problem);
      case 404:
      case 410:
        return this.isNotThere(problem);
      case 409:
        // Of an upload it only says that ours goes on elsewhere than we thought.
        return this.tape.url === null ? this.refuse(problem) : this.fails(problem, this.failures === 0 ? 0 : undefined);
      case 400:
      case 413:
      case 415:
        return this.refuse(problem);
      case 423:
        return this.failures < stuckAfter ? this.fails(problem, lockedMs) : this.fails(problem);
      default:
        return this.fails(problem);
    }
  }

  private async isNotThere(problem: Problem): Promise<Standing | number> {
    // Somebody else may be signed in by now, in another tab.
    if (!(await isSignedIn(this.tape.learnerId))) return this.fails(problem);
    if (this.tape.url === null) return "unwanted";
    if (!this.tape.isWhole || this.tape.length === 0) return "unwanted";
    this.tape.sendsTo(null);
    return this.fails(problem, 0);
  }

  private refuse(problem: Problem): Standing {
    this.problem = problem;
    return "refused";
  }

  /** Counts a failure, and says how long to rest: longer every time, and never as long as the next tab. */
  private fails(problem: Problem, pause?: number): number {
    this.failures += 1;
    if (this.failures >= stuckAfter) this.show("stuck", problem);
    if (pause !== undefined) return pause;
    const longest = 1_000 * 2 ** Math.min(this.failures - 1, longestPause);
    return Math.max((problem.retryAfter ?? 0) * 1_000, longest * (0.5 + Math.random() / 2));
  }

  private async rest(ms: number): Promise<void> {
    if (this.isStopped()) return;
    await new Promise<void>((resolve) => {
      const goOn = () => {
        clearTimeout(timer);
        window.removeEventListener("online", goOn);
        this.wakeUp = null;
        resolve();
      };
      const timer = setTimeout(goOn, ms);
      window.addEventListener("online", goOn);
      this.wakeUp = goOn;
    });
  }

  private show(standing: Standing, problem: Problem | null): void {
    if (this.isStopped()) return;
    this.standing = standing;
    this.problem = problem;
    this.onChange();
  }
}
