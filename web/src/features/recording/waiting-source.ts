import { Problem } from "@/api/problem";
import type { Tape } from "./tape";

/** So many bytes are sent at once while they still come… */
const enoughBytes = 64 * 1024;
/** …or what came in this time. */
const patienceMs = 2_000;

/**
 * Reads a take for tus while it is being recorded: a slice waits until there is something worth sending. Where the
 * server asks to go on, it has everything before.
 */
export class WaitingSource {
  /** Said at the end. */
  readonly size = null;
  private readonly closing = new AbortController();

  constructor(private readonly tape: Tape) {}

  async slice(start: number, end: number): Promise<{ value: Blob | null; done: boolean }> {
    this.tape.acknowledge(start);
    await this.worthSending(start);
    const value = this.tape.read(start, end);
    if (value === null) throw new Problem("upload-gone", 410, null);
    // Nothing is added from here on until the answer is taken: both are of the same moment.
    const done = this.tape.isOver && start + value.size >= this.tape.length;
    return { value: value.size === 0 ? null : value, done };
  }

  /** A slice that still waits is given up: sent later, it would be in the way of a newer attempt. */
  close(): void {
    this.closing.abort(new DOMException("closed", "AbortError"));
  }

  private async worthSending(start: number): Promise<void> {
    const { signal } = this.closing;
    const patience = new AbortController();
    const timer = setTimeout(() => patience.abort(), patienceMs);
    signal.addEventListener("abort", () => patience.abort(), { signal: patience.signal });
    try {
      await this.tape.until(start + enoughBytes, patience.signal);
    } catch {
      await this.tape.until(start + 1, signal);
    } finally {
      clearTimeout(timer);
      patience.abort();
    }
  }
}
