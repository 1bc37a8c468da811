//! Every service is killed at every point of a session where it hurts, and the session ends complete.

import { expect, test } from "@playwright/test";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chaos } from "../support/chaos.ts";
import { countOf } from "../support/databases.ts";
import { eventually } from "../support/eventually.ts";
import { KillPoint, placesInTheSource } from "../support/kill-points.ts";
import type { Session } from "../support/learner.ts";
import { insisted, sends } from "../support/sender.ts";
import { conversation, padded, Visitor } from "../support/visitor.ts";
import { decoded } from "../support/waves.ts";

const MIB = 1024 * 1024;

/** How the recording arrives. */
type Way = "in takes" | "whole";

interface Place {
  service: string;
  point: string;
  way?: Way;
  /** The session is deleted in the end, for what is said then. */
  deleted?: boolean;
  /** Also in a quick run. */
  quick?: boolean;
}

const PLACES: Place[] = [
  { service: "sessions", point: "start.inserted" },
  { service: "sessions", point: "start.committed", quick: true },
  { service: "sessions", point: "finalize.sealed" },
  { service: "sessions", point: "finalize.told", quick: true },
  { service: "sessions", point: "finalize.committed", quick: true },
  { service: "sessions", point: "outbox.claimed" },
  { service: "sessions", point: "outbox.published", quick: true },
  { service: "sessions", point: "inbox.committed" },
  { service: "secrets", point: "mint.minted", quick: true },
  { service: "secrets", point: "inbox.committed" },
  { service: "secrets", point: "outbox.claimed", deleted: true },
  { service: "secrets", point: "outbox.published", deleted: true },
  { service: "upload", point: "take.part_stored", quick: true },
  { service: "upload", point: "take.counted" },
  { service: "upload", point: "take.put_together", quick: true },
  { service: "upload", point: "join.stored", quick: true },
  { service: "upload", point: "join.told" },
  { service: "upload", point: "recording.put_together", way: "whole" },
  { service: "upload", point: "inbox.committed" },
  { service: "upload", point: "outbox.claimed" },
  { service: "upload", point: "outbox.published" },
  { service: "rating", point: "rate.measured", quick: true },
  { service: "rating", point: "rate.told" },
  { service: "rating", point: "rate.committed" },
  { service: "rating", point: "inbox.committed", quick: true },
  { service: "rating", point: "outbox.claimed" },
  { service: "rating", point: "outbox.published" },
];

/** Points that every service with an outbox or an inbox has. */
const SHARED = ["outbox", "inbox"];

test("every point in the source is one at which somebody is killed here", () => {
  const points = [...placesInTheSource()].map(([point, room]) => (SHARED.includes(room) ? point : `${room} ${point}`));
  const killed = PLACES.map(({ service, point }) => (SHARED.includes(point.split(".")[0]!) ? point : `${service} ${point}`));
  expect([...new Set(killed)].toSorted()).toEqual(points.toSorted());
});

for (let round = 1; round <= chaos.times(1); round++) {
  for (const place of PLACES.filter(({ quick }) => quick || chaos.isLong)) {
    test(`${place.service} is killed at ${place.point}, and the session ends complete (${round})`, async () => {
      const point = new KillPoint(place.service, place.point);
      const began = Date.now();
      try {
        if (!place.deleted) point.isSet();
        const [maya, session] = await practises(place.way ?? "in takes");
        await isComplete(maya, session);
        if (place.deleted) {
          point.isSet();
          await insisted("it is deleted", () => maya.requests.delete(`/api/sessions/${session.id}`), 204);
          await isForgotten(session);
        }
        await eventually(`${place.service} died at ${place.point}`, async () => point.wasHit || undefined, 10_000);
      } finally {
        point.isGone();
      }
      chaos.note("kills", { ...place, round, took_ms: Date.now() - began });
    });
  }
}

/** A whole practice of a learner who asks again until there is an answer. */
async function practises(way: Way): Promise<[Visitor, Session]> {
  const maya = await Visitor.arrives();
  const { topics } = (await (await maya.requests.get("/api/topics?limit=1")).json()) as { topics: { id: string }[] };
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
  // More than a part, and bytes that fill none.
  const recording = padded(9 * MIB);
  const source = { length: recording.length, slice: (from: number, to: number) => recording.subarray(from, to) };
  if (way === "in takes") await sends({ cookie: await maya.accessCookie(), session: session.id, source });
  else await insisted("the recording is sent", () => maya.uploads(session, recording), 200, 201);
  await insisted("it is finalized", (key) => maya.finalizes(session, conversation(), key), 200);
  return [maya, session];
}

/** Transcript, recording and rating are there, and everything was said once. */
async function isComplete(maya: Visitor, session: Session): Promise<void> {
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

async function eventsAbout(service: string, subject: string, session: Session): Promise<number> {
  return countOf(service, `select count(*) from outbox where subject = '${subject}' and encode(payload, 'escape') like '%${session.id}%'`);
}

/** Everybody has erased their part, and said so once. */
async function isForgotten(session: Session): Promise<void> {
  await eventually("the session is gone", async () =>
    (await countOf("sessions", `select count(*) from session where session_id = '${session.id}'`)) === 0 || undefined, 60_000);
  for (const service of ["secrets", "upload", "rating"]) {
    expect(await eventsAbout(service, "session.erased", session), `${service} says it once`).toBe(1);
  }
}
