//! What our services write down.

import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { stack } from "./stack.ts";

const folder = join(stack.folder, "logs");
/** The logs of our own services; the others are not ours to form. */
const ours = /^(accounts|coach|rating|secrets|sessions|streams|topics|upload)(-\d+)?\.log(\.1)?$/;
/** A run begins with new data, while its logs go on where the last one ended. */
const began = statSync(join(stack.folder, "data")).birthtimeMs;

export type Line = Record<string, unknown>;

/** Every line of every service in this run, in no order. One that is no JSON is an error. */
export function lines(): Line[] {
  return readdirSync(folder).filter((file) => ours.test(file)).flatMap((file) => {
    let isOfThisRun = false;
    // The last one may be half written.
    return readFileSync(join(folder, file), "utf8").split("\n").slice(0, -1).flatMap((text) => {
      const line = read(text);
      if (line) isOfThisRun = Date.parse(String(line["timestamp"])) >= began;
      else if (isOfThisRun) throw new Error(`${file}: ${text}`);
      return line && isOfThisRun ? [line] : [];
    });
  });
}

function read(text: string): Line | undefined {
  try {
    return JSON.parse(text) as Line;
  } catch {
    return undefined;
  }
}
