//! A learner who asks again until there is an answer, and what must be there in the end.

import { expect } from "@playwright/test";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { countOf } from "./databases.ts";
import { eventually } from "./eventually.ts";
import type { Session } from "./learner.ts";
import { insisted, sends } from "./sender.ts";
import { conversation, padded, Visitor } from "./visitor.ts";
import { decoded } from "./waves.ts";

const MIB = 1024 * 1024;

/** How the recording arrives. */
export type Way = "in takes" | "whole";

/** A whole practice of a learner who asks again until there is an answer. Unless it is said otherwise, the recording is more than a part, with bytes that fill none. */
export async function practises(way: Way, size = 9 * MIB, maya?: Visitor): Promise<[Visitor, Session]> {
  maya ??= await arrives();
  const listed = await insisted("there are topics", () => maya.requests.get("/api/topics?limit=1"), 200);
  const { topics } = (await listed.json()) as { topics: { id: string }[] };
  const started = await insisted(
    "it starts",
    (key) => maya.requests.post("/api/sessions", { data: { topic_id: topics[0]!.id, recording_policy: "keep" }, headers: { "idempotency-key": key } }),
    201,
  );
  const session = (await started.json()) as Session;
  await insisted("a secret is minted", () => maya.requests.post("/api/realtime/session", { data: { session_id: session.id } }), 200);
  await insisted(
    "what was said so far is saved",
    () => maya.requests.put(`/api/sessions/${session.id}/transcript`, { data: { revision: 1, turns: conversation().slice(0, 1) } }),
    200,
  );
  const recording = padded(size);
  const source = { length: recording.length, slice: (from: number, to: number) => recording.subarray(from, to) };
  if (way === "in takes") await sends({ cookie: await maya.accessCookie(), session: session.id, source });
  else await insisted("the recording is sent", () => maya.uploads(session, recording), 200, 201);
  await insisted("it is finalized", (key) => maya.finalizes(session, conversation(), key), 200);
  return [maya, session];
}

/** Transcript, recording and rating are there, and everything was said once. */
export async function isComplete(maya: Visitor, session: Session): Promise<void> {
  const ready = await maya.once(session, "recording and rating", ({ recording, rating }) => recording.state === "ready" && rating.state === "ready", 150_000);
  expect(ready.transcript).toMatchObject({ final: true });
  const said = ({ speaker, text }: { speaker: string; text: string | null }) => `${speaker}: ${text}`;
  expect(ready.transcript.turns.map(said)).toEqual(conversation().map(said));
  expect(ready.recording).toMatchObject({ revision: 1, warnings: [] });
  const file = join(mkdtempSync(join(tmpdir(), "kills-")), "stored.webm");
  writeFileSync(file, await (await maya.requests.get(`/api/sessions/${session.id}/audio`)).body());
  expect(Math.abs(decoded(file).duration_ms - 12_000)).toBeLessThan(100);
  for (const [service, subject] of [
    ["sessions", "session.started"],
    ["sessions", "session.finalized"],
    ["upload", "audio.stored"],
    ["rating", "session.rated"],
  ] as const) {
    expect(await eventsAbout(service, subject, session), `${subject} is said once`).toBe(1);
  }
  expect(await countOf("sessions", `select count(*) from session where session_id = '${session.id}'`)).toBe(1);
  expect(await countOf("rating", `select count(*) from rating where session_id = '${session.id}'`)).toBe(1);
}

export async function eventsAbout(service: string, subject: string, session: Session): Promise<number> {
  return countOf(service, `select count(*) from outbox where subject = '${subject}' and encode(payload, 'escape') like '%${session.id}%'`);
}

async function arrives(): Promise<Visitor> {
  return eventually("somebody comes", async () => Visitor.arrives(), 60_000);
}
