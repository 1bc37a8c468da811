//! Comparing what was said with what was stored.

import { spawnSync } from "node:child_process";
import { RATE } from "./sound.ts";

/** Milliseconds of one step of an envelope. */
const STEP_MS = 10;

export interface Stereo {
  left: Float32Array;
  right: Float32Array;
  duration_ms: number;
}

/** Decodes a stored recording; throws when it cannot be decoded or is not stereo. */
export function decoded(file: string): Stereo {
  const probed = spawnSync("ffprobe", ["-v", "error", "-select_streams", "a:0", "-show_entries", "stream=channels", "-of", "csv=p=0", file]);
  const channels = probed.stdout.toString().trim().replace(",", "");
  if (channels !== "2") throw new Error(`the recording has ${channels || "no"} channels: ${probed.stderr.toString()}`);
  const run = spawnSync("ffmpeg", ["-v", "error", "-i", file, "-ac", "2", "-ar", String(RATE), "-f", "f32le", "-"], {
    maxBuffer: 512 * 1024 * 1024,
  });
  if (run.status !== 0 || run.stderr.length > 0) throw new Error(`the recording does not decode: ${run.stderr.toString()}`);
  const both = new Float32Array(run.stdout.buffer, run.stdout.byteOffset, run.stdout.length >> 2);
  const [left, right] = [new Float32Array(both.length >> 1), new Float32Array(both.length >> 1)];
  for (let at = 0; at < left.length; at++) {
    left[at] = both[2 * at]!;
    right[at] = both[2 * at + 1]!;
  }
  return { left, right, duration_ms: (left.length * 1000) / RATE };
}

/** Loudness (root mean square) in steps of {@link STEP_MS}. */
export function envelope(samples: Float32Array): Float32Array {
  const length = (RATE * STEP_MS) / 1000;
  const steps = new Float32Array(Math.floor(samples.length / length));
  for (let step = 0; step < steps.length; step++) {
    let sum = 0;
    for (let at = step * length; at < (step + 1) * length; at++) sum += samples[at]! ** 2;
    steps[step] = Math.sqrt(sum / length);
  }
  return steps;
}

/** How alike two envelopes are (Pearson), `b` beginning `lag` steps after `a`. */
export function correlation(a: Float32Array, b: Float32Array, lag: number): number {
  const [from, to] = [Math.max(0, lag), Math.min(a.length, b.length + lag)];
  const count = to - from;
  if (count < 100) return 0;
  let [sumA, sumB, sumAA, sumBB, sumAB] = [0, 0, 0, 0, 0];
  for (let at = from; at < to; at++) {
    const [x, y] = [a[at]!, b[at - lag]!];
    sumA += x;
    sumB += y;
    sumAA += x * x;
    sumBB += y * y;
    sumAB += x * y;
  }
  const spread = Math.sqrt((sumAA - (sumA * sumA) / count) * (sumBB - (sumB * sumB) / count));
  return spread === 0 ? 0 : (sumAB - (sumA * sumB) / count) / spread;
}

/** Where the recording `b` begins within the truth `a`, in steps, and how alike they are there. */
export function aligned(a: Float32Array, b: Float32Array): { lag: number; alike: number } {
  let best = { lag: 0, alike: -1 };
  for (let lag = -b.length; lag < a.length; lag++) {
    const alike = correlation(a, b, lag);
    if (alike > best.alike) best = { lag, alike };
  }
  return best;
}

export interface Sounding {
  start_ms: number;
  end_ms: number;
}

/** The stretches of sound, with pauses shorter than `join_ms` inside them. */
export function soundings(steps: Float32Array, join_ms: number): Sounding[] {
  const threshold = 0.004;
  const found: Sounding[] = [];
  steps.forEach((loudness, step) => {
    if (loudness < threshold) return;
    const [start_ms, end_ms] = [step * STEP_MS, (step + 1) * STEP_MS];
    const last = found.at(-1);
    if (last && start_ms - last.end_ms < join_ms) last.end_ms = end_ms;
    else found.push({ start_ms, end_ms });
  });
  // A click is not speech.
  return found.filter(({ start_ms, end_ms }) => end_ms - start_ms >= 100);
}
