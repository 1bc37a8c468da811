//! How much memory a process takes, and how much disk somebody's files.

import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";

/** The processes of a program that have a setting. */
export function processesOf(program: string, setting: string): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        const [word] = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
        return basename(word ?? "") === program && readFileSync(`/proc/${pid}/environ`, "utf8").includes(setting);
      } catch {
        // It ended, or is somebody else's.
        return false;
      }
    });
}

/** Forgets what a process took at most so far. */
export function forgetPeak(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, "5");
}

/** What a process took at most since, in KiB. */
export function peakOf(pid: number): number {
  return Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))![1]);
}

/** The bytes of all files below a folder that is there. */
export function bytesBelow(folder: string): number {
  try {
    return readdirSync(folder, { recursive: true, encoding: "utf8" }).reduce((sum, name) => {
      const found = statSync(join(folder, name), { throwIfNoEntry: false });
      return sum + (found?.isFile() ? found.size : 0);
    }, 0);
  } catch {
    return 0;
  }
}
