import { slicesIn } from "./kept";
import type { KeptTake } from "./shelf";
import { TakeCopy } from "./take-copy";

/** What a recorder hands out at once is kept and sent in pieces of at most this many bytes. */
export const pieceBytes = 1024 * 1024;

interface Piece {
  number: number;
  at: number;
  bytes: Uint8Array<ArrayBuffer>;
}

/** One take: its bytes as they come, until the server has them. Here they are in memory, and a copy is in the browser. */
export class Tape {
  private readonly pieces: Piece[] = [];
  private readonly copy: TakeCopy;
  private readonly waiting = new Set<() => void>();
  private nextNumber = 0;
  private end = 0;
  private over = false;
  private onServer = 0;
  /** What of it never changes. */
  readonly take: Pick<KeptTake, "sessionId" | "id" | "startMs" | "type">;
  private address: string | null;

  constructor(
    take: KeptTake,
    readonly learnerId: string,
    prepare: () => Promise<void> = () => Promise.resolve(),
  ) {
    this.take = take;
    this.address = take.url;
    this.copy = new TakeCopy(take, prepare);
  }

  /** A take that an earlier tab left behind. Nobody records into it any more. */
  static async leftBehind(take: KeptTake, learnerId: string): Promise<Tape> {
    const tape = new Tape(take, learnerId);
    for (const piece of await slicesIn(take)) {
      tape.pieces.push(piece);
      tape.nextNumber = piece.number + 1;
      tape.end = piece.at + piece.bytes.length;
    }
    tape.onServer = tape.pieces[0]?.at ?? take.length ?? 0;
    tape.end = Math.max(tape.end, tape.onServer);
    tape.over = true;
    return tape;
  }

  get length(): number {
    return this.end;
  }

  /** Whether nothing is recorded into it any more. */
  get isOver(): boolean {
    return this.over;
  }

  /** Where its bytes are sent, whoever sends them; null until the server awaits them. */
  get url(): string | null {
    return this.address;
  }

  get acknowledged(): number {
    return this.onServer;
  }

  /** Whether it can be sent from its first byte on. */
  get isWhole(): boolean {
    return this.end === 0 || this.pieces[0]?.at === 0;
  }

  /** Whether what is not on the server would survive this tab. */
  get isKept(): boolean {
    return this.copy.complete;
  }

  add(bytes: Uint8Array<ArrayBuffer>): void {
    if (this.over) return;
    for (let from = 0; from < bytes.length; from += pieceBytes) {
      // A copy of its own: the browser's database would keep all of the buffer it is a part of.
      const piece = { number: this.nextNumber, at: this.end, bytes: bytes.slice(from, from + pieceBytes) };
      this.nextNumber += 1;
      this.end += piece.bytes.length;
      this.pieces.push(piece);
      this.copy.add(piece.number, { at: piece.at, bytes: piece.bytes.buffer });
    }
    this.wake();
  }

  /** Its recorder has stopped. */
  finish(): void {
    if (this.over) return;
    this.over = true;
    if (this.end > 0) this.copy.note({ length: this.end });
    this.wake();
  }

  sendsTo(url: string | null): void {
    this.address = url;
    this.copy.note({ url });
  }

  /** Everything before this byte is on the server, for good. */
  acknowledge(offset: number): void {
    if (offset <= this.onServer) return;
    this.onServer = offset;
    for (;;) {
      const [first] = this.pieces;
      if (first === undefined || first.at + first.bytes.length > offset) break;
      this.pieces.shift();
    }
    this.copy.drop(this.pieces[0]?.number ?? this.nextNumber);
  }

  /** The bytes from one place to another, or as many of them as there are. Null when they are not here any more. */
  read(from: number, to: number): Blob | null {
    if (from < (this.pieces[0]?.at ?? this.end) && from < this.end) return null;
    const parts = this.pieces.flatMap(({ at, bytes }) => {
      const part = bytes.subarray(Math.max(0, from - at), Math.max(0, to - at));
      return part.length > 0 ? [part] : [];
    });
    return new Blob(parts);
  }

  /** Waits until it is longer than this or over. */
  async until(bytes: number, signal: AbortSignal): Promise<void> {
    while (this.end < bytes && !this.over) {
      signal.throwIfAborted();
      await new Promise<void>((resolve) => {
        const done = () => {
          this.waiting.delete(done);
          signal.removeEventListener("abort", done);
          resolve();
        };
        this.waiting.add(done);
        signal.addEventListener("abort", done);
      });
    }
    signal.throwIfAborted();
  }

  /** Resolves when what came so far is kept, or cannot be. */
  async settled(): Promise<void> {
    await this.copy.settled();
  }

  /** It is on the server as a whole, or nobody wants it. */
  async discard(): Promise<void> {
    this.over = true;
    this.pieces.length = 0;
    this.wake();
    await this.copy.discard();
  }

  private wake(): void {
    for (const done of [...this.waiting]) done();
  }
}
