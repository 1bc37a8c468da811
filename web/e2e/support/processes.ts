//! The stack's own processes, for what befalls them from outside.

import { processesOf } from "./memory.ts";
import { stack } from "./stack.ts";

/** The services that may run more than once, and the coach. */
export const SERVICES = ["accounts", "topics", "sessions", "secrets", "upload", "rating", "streams", "coach"];

/** Every process of a service of this stack. */
export function replicasOf(service: string): number[] {
  return processesOf(service, `${stack.folder}/run/kill-points/${service}`);
}

/** Says the same to some processes. One that has ended meanwhile need not hear it. */
export function signal(name: NodeJS.Signals, ...pids: number[]): void {
  for (const pid of pids) {
    try {
      process.kill(pid, name);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
  }
}
