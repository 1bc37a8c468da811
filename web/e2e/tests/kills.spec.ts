//! Every service is killed at every point of a session where it hurts, and the session ends complete.

import { expect, test } from "@playwright/test";
import { chaos } from "../support/chaos.ts";
import { countOf } from "../support/databases.ts";
import { eventually } from "../support/eventually.ts";
import { KillPoint, placesInTheSource } from "../support/kill-points.ts";
import type { Session } from "../support/learner.ts";
import { insisted } from "../support/sender.ts";
import { eventsAbout, isComplete, practises, type Way } from "../support/unyielding.ts";

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

/** Everybody has erased their part, and said so once. */
async function isForgotten(session: Session): Promise<void> {
  await eventually("the session is gone", async () =>
    (await countOf("sessions", `select count(*) from session where session_id = '${session.id}'`)) === 0 || undefined, 60_000);
  for (const service of ["secrets", "upload", "rating"]) {
    expect(await eventsAbout(service, "session.erased", session), `${service} says it once`).toBe(1);
  }
}
