//! Learners who practise one after the other while something goes wrong, and what must be so of every practice in the end.

import type { Session } from "./learner.ts";
import { isComplete, practises } from "./unyielding.ts";
import { sound, Visitor } from "./visitor.ts";

/** So many practise at once. */
const LEARNERS = 3;

export class Crowd {
  readonly #practices: [Visitor, Session][] = [];
  readonly #learners: Promise<void>[];
  #goesOn = true;

  private constructor(learners: Visitor[]) {
    this.#learners = learners.map(async (learner) => {
      let practising: Visitor | undefined = learner;
      while (this.#goesOn) {
        this.#practices.push(await practises("in takes", sound().length + 1024, practising));
        // Nobody may begin a call as often as that: the next one comes.
        practising = undefined;
      }
    });
  }

  /** Resolves when everybody has come and begun. */
  static async comes(): Promise<Crowd> {
    return new Crowd(await Promise.all(Array.from({ length: LEARNERS }, async () => Visitor.arrives())));
  }

  /** Practices that are through. */
  get practices(): number {
    return this.#practices.length;
  }

  /** Everybody ends the practice of this moment. Resolves when each practice has all it must have; tells how many there were. */
  async goes(): Promise<number> {
    this.#goesOn = false;
    await Promise.all(this.#learners);
    for (const [learner, session] of this.#practices) await isComplete(learner, session);
    return this.#practices.length;
  }
}
