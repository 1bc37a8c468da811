//! Delete wins: at once for the learner, soon everywhere, and nothing comes back.

import { expect, test } from "@playwright/test";
import { randomUUID } from "node:crypto";
import { eventually } from "../support/eventually.ts";
import { countOf } from "../support/databases.ts";
import { found } from "../support/sinks.ts";
import { conversation, Visitor } from "../support/visitor.ts";

const PARTS = ["sessions", "secrets", "upload", "rating"];

test("a deleted session is gone at once, and soon nothing of it is left anywhere", async () => {
  const maya = await Visitor.arrives();
  const canary = `quokka ${randomUUID()}`;
  const session = await maya.practises(conversation(canary));
  await maya.once(session, "recording and rating", ({ recording, rating }) => recording.state === "ready" && rating.state === "ready");
  expect(await found(canary), "the search finds it while it is there").not.toEqual([]);

  expect((await maya.requests.delete(`/api/sessions/${session.id}`)).status()).toBe(204);
  expect((await maya.requests.get(`/api/sessions/${session.id}`)).status()).toBe(404);
  expect((await maya.requests.get(`/api/sessions/${session.id}/audio`)).status()).toBe(404);
  expect((await maya.finalizes(session)).status()).toBe(404);

  await eventually("every part is erased", async () => {
    const left = await countOf("sessions", `select count(*) from session where session_id = '${session.id}'`);
    return left === 0 || undefined;
  }, 60_000);
  expect(await found(canary)).toEqual([]);

  // Everything that was said about it is said again.
  for (const service of PARTS) {
    await countOf(service, `with again as (update outbox set published_at = null where encode(payload, 'escape') like '%${session.id}%' returning 1) select count(*) from again`);
  }
  await eventually("it was said again", async () => {
    const waiting = await Promise.all(PARTS.map((service) => countOf(service, "select count(*) from outbox where published_at is null")));
    return waiting.every((count) => count === 0) || undefined;
  });
  expect((await maya.requests.get(`/api/sessions/${session.id}`)).status()).toBe(404);
  expect(await countOf("rating", `select count(*) from rating where session_id = '${session.id}'`)).toBe(0);
  expect(await found(canary)).toEqual([]);
});
