//! A learner without a page: the same requests, as fast as the services answer.

import { type APIRequestContext, expect, request } from "@playwright/test";
import { execFileSync } from "node:child_process";
import { randomBytes, randomUUID } from "node:crypto";
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually } from "./eventually.ts";
import { tenMinutesPass } from "./databases.ts";
import type { Call, Session, Turn } from "./learner.ts";
import { offer } from "./offer.ts";
import { stack } from "./stack.ts";

/** Headers that our own pages' requests have. */
const OURS = { origin: stack.url, "sec-fetch-site": "same-origin" };

export class Visitor {
  private constructor(
    readonly requests: APIRequestContext,
    readonly email: string,
    readonly password: string,
  ) {}

  /** Registers and signs in. */
  static async arrives(email = `visitor-${randomUUID()}@example.test`, password = `correct horse ${randomUUID()}`, name = "Maya"): Promise<Visitor> {
    const requests = await request.newContext({ baseURL: stack.url, extraHTTPHeaders: OURS });
    const registered = await requests.post("/api/auth/register", { data: { email, password, display_name: name } });
    expect(registered.status(), await registered.text()).toBe(202);
    const signedIn = await requests.post("/api/auth/sign-in", { data: { email, password } });
    expect(signedIn.status(), await signedIn.text()).toBe(200);
    return new Visitor(requests, email, password);
  }

  /** What shows every service who is asking. */
  async accessCookie(): Promise<string> {
    const { cookies } = await this.requests.storageState();
    const { name, value } = cookies.find((cookie) => cookie.name.endsWith("vv_access"))!;
    return `${name}=${value}`;
  }

  async starts(): Promise<Session> {
    const { topics } = (await (await this.requests.get("/api/topics?limit=1")).json()) as { topics: { id: string }[] };
    const response = await this.requests.post("/api/sessions", {
      data: { topic_id: topics[0]!.id, recording_policy: "keep" },
      headers: { "idempotency-key": randomUUID() },
    });
    expect(response.status(), await response.text()).toBe(201);
    return (await response.json()) as Session;
  }

  /** Asks for the permission to call. */
  async mints(session: Session) {
    return this.requests.post("/api/realtime/session", {
      data: { session_id: session.id },
      headers: { traceparent: session.traceparent },
    });
  }

  /** Calls the coach, and never connects. */
  async calls(session: Session, secret: string) {
    return this.requests.post("/api/realtime/calls", {
      data: offer(),
      headers: { "content-type": "application/sdp", authorization: `Bearer ${secret}`, traceparent: session.traceparent },
    });
  }

  async finalizes(session: Session, turns: Turn[] = conversation(), key: string = randomUUID()) {
    return this.requests.post(`/api/sessions/${session.id}/finalize`, {
      data: { turns, duration_ms: 12_000, end_reason: "learner" },
      headers: { "idempotency-key": key, traceparent: session.traceparent },
    });
  }

  /** Ends a session otherwise than its learner would. */
  async breaksOff(session: Session, calls: Call[], reason = "connection_lost", turns: Turn[] = conversation()): Promise<void> {
    const response = await this.requests.post(`/api/sessions/${session.id}/finalize`, {
      data: { turns, calls, duration_ms: 12_000, end_reason: reason },
      headers: { "idempotency-key": randomUUID() },
    });
    expect(response.status(), await response.text()).toBe(200);
  }

  /** Saves the words so far. */
  async saves(session: Session, turns: Turn[] = conversation()): Promise<void> {
    const response = await this.requests.put(`/api/sessions/${session.id}/transcript`, { data: { revision: 1, turns } });
    expect(response.status(), await response.text()).toBe(200);
  }

  /** A practice whose tab died after two turns, and to which nobody came back. */
  async abandons(): Promise<Session> {
    const session = await this.starts();
    await this.saves(session);
    await tenMinutesPass(session.id);
    return this.once(session, "sealed as it was", ({ state }) => state === "finalized");
  }

  /** Starts a session that goes on with another one. */
  async continues(session: Session): Promise<Session> {
    const response = await this.requests.post("/api/sessions", {
      data: { topic_id: session.topic.id, recording_policy: "keep", continues: session.id },
      headers: { "idempotency-key": randomUUID() },
    });
    expect(response.status(), await response.text()).toBe(201);
    return (await response.json()) as Session;
  }

  async uploads(session: Session, recording = sound()) {
    return this.requests.post(`/api/sessions/${session.id}/upload`, {
      data: recording,
      headers: { "content-type": "audio/webm", traceparent: session.traceparent },
    });
  }

  /** A whole practice: started, finalized, its recording sent. */
  async practises(turns: Turn[] = conversation()): Promise<Session> {
    const session = await this.starts();
    const finalized = await this.finalizes(session, turns);
    expect(finalized.status(), await finalized.text()).toBe(200);
    const uploaded = await this.uploads(session);
    expect(uploaded.status(), await uploaded.text()).toBe(201);
    return session;
  }

  async once(session: Session, what: string, wanted: (session: Session) => boolean, patience = 60_000): Promise<Session> {
    return eventually(what, async () => {
      const now = (await (await this.requests.get(`/api/sessions/${session.id}`)).json()) as Session;
      return wanted(now) ? now : undefined;
    }, patience);
  }
}

/** A short conversation, with a phrase of the test's own if it wants one. */
export function conversation(phrase = "I went to the market with my sister"): Turn[] {
  return [
    { item_id: "item_1", speaker: "coach", start_ms: 200, end_ms: 2500, text: "What did you do last weekend?", state: "complete" },
    { item_id: "item_2", speaker: "learner", start_ms: 3000, end_ms: 9000, text: phrase, state: "complete" },
  ].map((turn) => ({ ...turn, call: 1 })) as Turn[];
}

let made: Buffer | undefined;

/** Twelve seconds of a coach on the right and a learner on the left. */
export function sound(): Buffer {
  if (made) return made;
  const folder = mkdtempSync(join(tmpdir(), "sound-"));
  const say = (name: string, voice: string, text: string) => execFileSync("flite", ["-voice", voice, "-t", text, "-o", join(folder, name)]);
  say("coach.wav", "rms", "What did you do last weekend?");
  say("learner.wav", "slt", "I went to the market with my sister and we bought some fresh fish for the whole family");
  execFileSync("ffmpeg", [
    ...["-v", "error", "-i", join(folder, "learner.wav"), "-i", join(folder, "coach.wav"), "-filter_complex"],
    "[0]adelay=3000,apad=whole_dur=12[l];[1]adelay=200,apad=whole_dur=12[r];[l][r]join=inputs=2:channel_layout=stereo:map=0.0-FL|1.0-FR",
    ...["-t", "12", "-c:a", "libopus", "-b:a", "64k", join(folder, "sound.webm")],
  ]);
  made = readFileSync(join(folder, "sound.webm"));
  return made;
}

/** The sound, with random bytes behind it that players skip. */
export function padded(to: number): Buffer {
  const head = sound();
  const padding = Buffer.alloc(9);
  padding[0] = 0xec;
  padding.writeBigUInt64BE((1n << 56n) | BigInt(to - head.length - 9), 1);
  // Small bytes only: among millions of any kind there is now and then something that a demuxer takes for the next element.
  const rest = randomBytes(to - head.length - 9).map((byte) => byte & 15);
  return Buffer.concat([head, padding, rest]);
}
