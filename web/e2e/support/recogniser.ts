//! What a recogniser that knows nothing of the test hears.

import { spawnSync } from "node:child_process";
import { stack } from "./stack.ts";

const SCRIPT = `
import sys
from pocketsphinx import Decoder
decoder = Decoder(samprate=16000, loglevel="FATAL")
decoder.start_utt()
decoder.process_raw(sys.stdin.buffer.read(), full_utt=True)
decoder.end_utt()
print(decoder.hyp().hypstr if decoder.hyp() else "")
`;

/** The words in a stretch of sound at 16 kHz. */
export function recognised(sound: Float32Array): string {
  const bytes = Buffer.alloc(sound.length * 2);
  sound.forEach((sample, at) => bytes.writeInt16LE(Math.max(-32_768, Math.min(32_767, Math.round(sample * 32_767))), at * 2));
  // The recogniser's own Python, which has its packages.
  const run = spawnSync(stack.recognizer.split(" ")[0]!, ["-c", SCRIPT], { input: bytes });
  if (run.status !== 0) throw new Error(`the recogniser failed: ${run.stderr.toString()}`);
  return run.stdout.toString().trim();
}
