//! A learner in the middle of a practice, whose requests are written by hand.

import { randomUUID } from "node:crypto";
import { countOf } from "./databases.ts";
import type { Session } from "./learner.ts";
import { stack } from "./stack.ts";
import { conversation, Visitor } from "./visitor.ts";
import { type Answer, ask, type Asked } from "./wire.ts";

/** A request with a JSON body that nothing is wrong with. */
export interface JsonRequest {
  method: "PATCH" | "POST" | "PUT";
  path: string;
  headers: Record<string, string>;
  body: Record<string, unknown>;
}

export class Practice {
  /** Nobody has this address, and nobody must get it. */
  readonly newcomer = `newcomer-${randomUUID()}@example.test`;

  private constructor(
    readonly visitor: Visitor,
    readonly session: Session,
    readonly cookie: string,
  ) {}

  static async begins(): Promise<Practice> {
    const visitor = await Visitor.arrives();
    return new Practice(visitor, await visitor.starts(), await visitor.accessCookie());
  }

  get path(): string {
    return `/api/sessions/${this.session.id}`;
  }

  /** Asks as this learner's page would. */
  async ask(asked: Asked): Promise<Answer> {
    return ask({ ...asked, headers: { origin: stack.url, cookie: this.cookie, ...asked.headers } });
  }

  /** Every route that reads JSON. */
  jsonRequests(): JsonRequest[] {
    const keyed = () => ({ "content-type": "application/json", "idempotency-key": randomUUID() });
    const json = { "content-type": "application/json" };
    const { email, password } = this.visitor;
    const said = { duration_ms: 12_000, end_reason: "learner" };
    return [
      { method: "POST", path: "/api/auth/register", headers: json, body: { email: this.newcomer, password, display_name: "Ben" } },
      { method: "POST", path: "/api/auth/sign-in", headers: json, body: { email, password } },
      { method: "PATCH", path: "/api/users/me", headers: json, body: { practice: { patience: "quick", push_to_talk: true, coach_speed: 0.85 } } },
      { method: "POST", path: "/api/sessions", headers: keyed(), body: { topic_id: this.session.topic.id, recording_policy: "keep" } },
      { method: "PUT", path: `${this.path}/transcript`, headers: json, body: { revision: 1, turns: conversation() } },
      { method: "POST", path: `${this.path}/finalize`, headers: keyed(), body: { turns: conversation(), ...said } },
      { method: "PUT", path: `${this.path}/feedback`, headers: json, body: { feedback: "good" } },
      { method: "POST", path: "/api/realtime/session", headers: json, body: { session_id: this.session.id } },
    ];
  }

  /** All that a request of this learner's could have changed. */
  async standing(): Promise<unknown> {
    const read = async (path: string) => JSON.parse(String((await this.ask({ path })).body)) as unknown;
    const id = this.session.id;
    return {
      me: await read("/api/users/me"),
      history: await read("/api/sessions"),
      session: await read(this.path),
      logins: await countOf("accounts", `select count(*) from login join account using (account_id) where email = '${this.visitor.email}'`),
      newcomers: await countOf("accounts", `select count(*) from account where email = '${this.newcomer}'`),
      keys: await countOf("sessions", `select count(*) from idempotency_key where learner_id = (select learner_id from session where session_id = '${id}')`),
      secrets: await countOf("secrets", `select count(*) from client_secret where session_id = '${id}'`),
      recordings: await countOf("upload", `select count(*) from medium where subject_id = '${id}'`),
    };
  }
}
