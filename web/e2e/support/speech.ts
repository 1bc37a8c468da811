//! Learners' voices, made by flite.

import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Samples a second that flite speaks in. */
const FLITE_RATE = 16_000;

export interface Voice {
  /** A voice that Debian's flite has. */
  name: "slt" | "rms" | "awb";
  /** 1 is the voice's own pace; 1.5 takes half as long again. */
  stretch: number;
}

/** A phrase, or a pause of that many milliseconds. */
export type Part = string | number;

export interface Utterance {
  /** Everything said, in order. */
  words: string[];
  /** The pauses planted between phrases, in milliseconds. */
  pauses: number[];
  /** A WAV file of it. */
  wav: string;
  /** How long it is from the first sound to the last, in milliseconds. */
  duration_ms: number;
}

/** Speaks phrases with exact pauses between them into a WAV file. Phrases must have no commas: flite pauses at them. */
export async function speak(folder: string, name: string, voice: Voice, parts: Part[]): Promise<Utterance> {
  const pieces: Int16Array[] = [];
  for (const [at, part] of parts.entries()) {
    if (typeof part === "number") {
      pieces.push(new Int16Array((part * FLITE_RATE) / 1000));
      continue;
    }
    const file = join(folder, `${name}-${at}.wav`);
    await run("flite", ["-voice", voice.name, "--setf", `duration_stretch=${voice.stretch}`, "-t", part, "-o", file]);
    pieces.push(trimmed(samples(await readFile(file))));
  }
  const speech = concatenated(pieces);
  const wav = join(folder, `${name}.wav`);
  writeFileSync(wav, wave(speech));
  return {
    words: parts.filter((part) => typeof part === "string").flatMap(words),
    pauses: parts.filter((part) => typeof part === "number"),
    wav,
    duration_ms: (speech.length * 1000) / FLITE_RATE,
  };
}

/** The words of a text as they are compared: lower case, no punctuation. */
export function words(text: string): string[] {
  return text.toLowerCase().replace(/[^a-z' ]+/g, " ").split(" ").filter(Boolean);
}

/** How much of `said` was written, and how much was written that was not said, both as shares of what was said. */
export function compared(said: string[], written: string[]): { recall: number; insertions: number } {
  const [rows, columns] = [said.length + 1, written.length + 1];
  // The longest common subsequence: the words that were said and written in the same order.
  const common = new Uint16Array(rows * columns);
  for (let row = 1; row < rows; row++) {
    for (let column = 1; column < columns; column++) {
      common[row * columns + column] =
        said[row - 1] === written[column - 1]
          ? common[(row - 1) * columns + column - 1]! + 1
          : Math.max(common[(row - 1) * columns + column]!, common[row * columns + column - 1]!);
    }
  }
  const shared = common[rows * columns - 1]!;
  // A wrong word is a substitution, not an insertion: only words beyond the number said are inserted.
  const substituted = Math.min(said.length - shared, written.length - shared);
  return { recall: shared / said.length, insertions: (written.length - shared - substituted) / said.length };
}

function samples(wav: Buffer): Int16Array {
  const data = wav.indexOf("data") + 8;
  const found = new Int16Array((wav.length - data) >> 1);
  for (let at = 0; at < found.length; at++) found[at] = wav.readInt16LE(data + 2 * at);
  return found;
}

/** Without the silence that flite puts around a phrase. */
function trimmed(speech: Int16Array): Int16Array {
  const loud = (sample: number) => Math.abs(sample) > 330;
  return speech.slice(speech.findIndex(loud), speech.findLastIndex(loud) + 1);
}

function concatenated(pieces: Int16Array[]): Int16Array {
  const whole = new Int16Array(pieces.reduce((length, piece) => length + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

function wave(speech: Int16Array): Buffer {
  const header = Buffer.alloc(44);
  header.write("RIFF", 0);
  header.writeUInt32LE(36 + speech.byteLength, 4);
  header.write("WAVEfmt ", 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(FLITE_RATE, 24);
  header.writeUInt32LE(FLITE_RATE * 2, 28);
  header.writeUInt16LE(2, 32);
  header.writeUInt16LE(16, 34);
  header.write("data", 36);
  header.writeUInt32LE(speech.byteLength, 40);
  return Buffer.concat([header, Buffer.from(speech.buffer)]);
}
