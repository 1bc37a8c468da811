//! How often, from which seed, and where the figures go.

import { appendFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

const asked = process.env["CHAOS_COUNT"];

export const chaos = {
  /** Whether this is a long run, in which everything is drawn. */
  isLong: asked !== undefined,
  seed: Number(process.env["CHAOS_SEED"] ?? 1),

  /** How often, where a quick run does it so often. */
  times(quick: number): number {
    return asked === undefined ? quick : Number(asked);
  },

  /** Numbers from 0 to 1, the same for one seed and purpose. */
  dice(purpose: string): () => number {
    let state = [...`${chaos.seed} ${purpose}`].reduce((hash, letter) => Math.imul(hash ^ letter.charCodeAt(0), 0x01000193), 0x811c9dc5);
    return () => {
      state = (state + 0x6d2b79f5) | 0;
      let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
      mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
      return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
    };
  },

  /** Adds a row to the figures of this run. They stay after it. */
  note(part: string, row: object): void {
    const file = fileOf(part);
    if (!file) return;
    mkdirSync(dirname(file), { recursive: true });
    appendFileSync(file, `${JSON.stringify({ run, ...row })}\n`);
  },

  /** The figures of this run so far, also of workers that ended with a test that failed. */
  noted<T>(part: string): T[] {
    const file = fileOf(part);
    if (!file || !existsSync(file)) return [];
    const rows = readFileSync(file, "utf8").trim().split("\n").map((line) => JSON.parse(line) as T & { run: number });
    return rows.filter((row) => row.run === run);
  },
};

/** All workers of a run have one parent. */
const run = process.ppid;

/** One figure a line. */
function fileOf(part: string): string | undefined {
  const folder = process.env["CHAOS_FOLDER"];
  return folder && join(folder, `${part}-${chaos.isLong ? `seed-${chaos.seed}` : "quick"}.jsonl`);
}

/** What a share of the figures does not exceed. */
export function percentile(figures: number[], share: number): number {
  const sorted = figures.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? 0;
}
