//! Requests that come at a fixed rate, whether or not those before were answered.

import { randomUUID } from "node:crypto";
import type { Session } from "./learner.ts";
import { conversation, Visitor } from "./visitor.ts";

/** So many learners ask, each doing one thing at a time. */
const LEARNERS = 60;
/** Before a recording comes, so often words are saved: after each turn of a short practice. */
const WORDS = 12;

interface Answering {
  status(): number;
  ok(): boolean;
  json(): Promise<unknown>;
}

interface Asking {
  maya: Visitor;
  session: Session;
  /** How often this learner has looked at something, and done something. */
  looked: number;
  done: number;
  /** When this learner last asked for a permission. */
  minted: number;
}

type Way = [string, () => Promise<Answering>];

export class Traffic {
  readonly #asked: Promise<void>[] = [];
  readonly #began = performance.now();
  readonly #learners: Asking[];
  readonly #idle: Asking[];
  readonly #timer: NodeJS.Timeout;
  /** What was not answered with success, and what became of it. */
  readonly failed: string[] = [];
  /** Practices that were ended. */
  readonly ended: [Visitor, Session][] = [];

  private constructor(learners: Asking[], perSecond: number) {
    this.#learners = learners;
    this.#idle = [...learners];
    this.#timer = setInterval(() => {
      // A timer that comes late is not asked to come twice.
      const due = ((performance.now() - this.#began) * perSecond) / 1000;
      while (this.#asked.length < due) this.#asked.push(this.#next());
    }, 1000 / perSecond);
  }

  static async begins(perSecond: number): Promise<Traffic> {
    const learners: Asking[] = [];
    for (let count = 0; count < LEARNERS; count++) {
      const maya = await Visitor.arrives();
      // Nobody's practice ends before it is recorded.
      learners.push({ maya, session: await maya.starts(), looked: count, done: count % WORDS, minted: 0 });
    }
    return new Traffic(learners, perSecond);
  }

  /** How many requests were made. */
  get asked(): number {
    return this.#asked.length;
  }

  /** Nothing more is asked. Resolves when everything is answered. */
  async ends(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all(this.#asked);
  }

  /** Of three requests, two look at something and one does something. */
  async #next(): Promise<void> {
    const looks = this.#asked.length % 3 !== 0;
    const learner = looks ? this.#learners[this.#asked.length % this.#learners.length] : this.#idle.shift();
    if (!learner) {
      this.failed.push("nobody was free: all wait for answers");
      return;
    }
    const ways = looks ? this.#looks(learner) : this.#does(learner);
    const [what, ask] = ways[learner[looks ? "looked" : "done"]++ % ways.length]!;
    try {
      const answer = await ask();
      if (!answer.ok()) this.failed.push(`${what}: ${answer.status()}`);
    } catch (error) {
      this.failed.push(`${what}: ${String(error)}`);
    }
    if (!looks) this.#idle.push(learner);
  }

  #looks({ maya }: Asking): Way[] {
    return [
      ["the topics", async () => maya.requests.get("/api/topics")],
      ["the practices", async () => maya.requests.get("/api/sessions")],
      ["who asks", async () => maya.requests.get("/api/users/me")],
    ];
  }

  /** One thing after the other. There are many words to a recording: two of these a second keep this machine's decoders busy. */
  #does(learner: Asking): Way[] {
    const { maya, session } = learner;
    const words: Way = ["the words so far", async () => maya.requests.put(`/api/sessions/${session.id}/transcript`, { data: { revision: 1, turns: conversation() } })];
    return [
      ...Array.from({ length: WORDS }, () => words),
      ["the recording", async () => maya.uploads(session)],
      ["the end, and another practice", async () => this.#goesOn(learner)],
      // Nobody may begin more than six calls in a minute.
      ["a permission, or who asks", async () => (Date.now() - learner.minted > 11_000 ? this.#mints(learner) : maya.requests.get("/api/users/me"))],
    ];
  }

  async #mints(learner: Asking): Promise<Answering> {
    learner.minted = Date.now();
    return learner.maya.mints(learner.session);
  }

  async #goesOn(learner: Asking): Promise<Answering> {
    const { maya, session } = learner;
    const finalized = await maya.finalizes(session);
    if (!finalized.ok()) return finalized;
    this.ended.push([maya, session]);
    const started = await maya.requests.post("/api/sessions", {
      data: { topic_id: session.topic.id, recording_policy: "keep" },
      headers: { "idempotency-key": randomUUID() },
    });
    if (started.ok()) learner.session = (await started.json()) as Session;
    return started;
  }
}
