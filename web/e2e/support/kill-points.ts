//! Places in which a process is killed.

import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stack } from "./stack.ts";

const folder = join(stack.folder, "run/kill-points");

/** One place in one service. */
export class KillPoint {
  readonly #file: string;

  constructor(
    readonly service: string,
    readonly point: string,
  ) {
    this.#file = join(folder, service, point);
  }

  /** The next process of the service that gets there dies. */
  isSet(): void {
    mkdirSync(join(folder, this.service), { recursive: true });
    rmSync(`${this.#file}.hit`, { force: true });
    writeFileSync(this.#file, "");
  }

  /** Whether one has died there. */
  get wasHit(): boolean {
    return existsSync(`${this.#file}.hit`);
  }

  isGone(): void {
    rmSync(this.#file, { force: true });
  }
}

/** Every place there is, by its name, and the package it is in. */
export function placesInTheSource(): Map<string, string> {
  const root = join(import.meta.dirname, "../../..");
  const places = new Map<string, string>();
  for (const rooms of ["services", "crates"]) {
    for (const file of readdirSync(join(root, rooms), { recursive: true, encoding: "utf8" })) {
      if (!/^[^/]+\/src\/.*\.rs$/.test(file)) continue;
      for (const [, point] of readFileSync(join(root, rooms, file), "utf8").matchAll(/^\s*kill_point::reached\("([^"]+)"\)/gm)) {
        places.set(point!, file.split("/")[0]!);
      }
    }
  }
  return places;
}
