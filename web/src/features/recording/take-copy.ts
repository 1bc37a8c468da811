import { dropSlices, forgetTake, write } from "./kept";
import type { KeptSlice, KeptTake } from "./shelf";

/**
 * The copy of one take in this browser: what a crash leaves of it. What could not be written is tried again with
 * the next slice, in order, so the copy has no hole; and it is never longer than what is not on the server yet.
 */
export class TakeCopy {
  private readonly unwritten = new Map<number, KeptSlice>();
  private noted = true;
  private dropBefore = 0;
  private dropped = 0;
  private failing = false;
  private discarded = false;
  private prepared = false;
  private work: Promise<void> = Promise.resolve();
  private queued = false;

  constructor(
    private take: KeptTake,
    /** What comes before the first slice, tried again until it works. */
    private readonly prepare: () => Promise<void>,
  ) {}

  /** Whether a crash now would leave everything that is not on the server. */
  get complete(): boolean {
    return !this.failing;
  }

  note(change: Partial<Pick<KeptTake, "url" | "length">>): void {
    this.take = { ...this.take, ...change };
    this.noted = false;
    this.soon();
  }

  add(number: number, slice: KeptSlice): void {
    if (this.unwritten.size === 0 && number === 0) this.noted = false;
    this.unwritten.set(number, slice);
    this.soon();
  }

  /** The slices below this number are on the server. */
  drop(before: number): void {
    if (before <= this.dropBefore) return;
    this.dropBefore = before;
    for (const number of this.unwritten.keys()) if (number < before) this.unwritten.delete(number);
    this.soon();
  }

  /** Resolves when everything so far is written, or could not be. */
  async settled(): Promise<void> {
    await this.work;
  }

  /** Nothing of it is needed any more. */
  async discard(): Promise<void> {
    this.discarded = true;
    await this.work;
    await forgetTake(this.take.sessionId, this.take.id).catch(() => undefined);
  }

  private soon(): void {
    if (this.queued || this.discarded) return;
    this.queued = true;
    this.work = this.work.then(() => {
      this.queued = false;
      return this.discarded ? undefined : this.settle();
    });
  }

  private async settle(): Promise<void> {
    const { sessionId, id } = this.take;
    const before = this.dropBefore;
    const slices = new Map(this.unwritten);
    const take = this.noted ? null : this.take;
    try {
      // First make room, then fill it.
      if (before > this.dropped) {
        await dropSlices(sessionId, id, before);
        this.dropped = before;
      }
      if (take !== null || slices.size > 0) {
        if (!this.prepared) await this.prepare();
        this.prepared = true;
        await write(sessionId, id, { take, slices });
      }
      this.failing = false;
      if (take === this.take) this.noted = true;
      for (const number of slices.keys()) this.unwritten.delete(number);
    } catch {
      this.failing = true;
    }
  }
}
