//! Delete wins: at once for the learner, soon everywhere, and nothing comes back.

import { expect, test } from "@playwright/test";
import { randomUUID } from "node:crypto";
import { eventually } from "../support/eventually.ts";
import { asNews, Broker } from "../support/broker.ts";
import { countOf, rowsAbout } from "../support/databases.ts";
import { found } from "../support/sinks.ts";
import { conversation, Visitor } from "../support/visitor.ts";

test("a deleted session is gone at once, and soon nothing of it is left anywhere", async () => {
  const maya = await Visitor.arrives();
  const canary = `quokka ${randomUUID()}`;
  const session = await maya.practises(conversation(canary));
  await maya.once(session, "recording and rating", ({ recording, rating }) => recording.state === "ready" && rating.state === "ready");
  expect(await found(canary), "the search finds it while it is there").toEqual(["rows of sessions"]);
  const broker = await Broker.reached();
  const said = await broker.saidAbout(session.id);
  expect(said.map(({ subject }) => subject).toSorted()).toEqual(["audio.stored", "session.finalized", "session.rated", "session.started"]);

  expect((await maya.requests.delete(`/api/sessions/${session.id}`)).status()).toBe(204);
  expect((await maya.requests.get(`/api/sessions/${session.id}`)).status()).toBe(404);
  expect((await maya.requests.get(`/api/sessions/${session.id}/audio`)).status()).toBe(404);
  expect((await maya.finalizes(session)).status()).toBe(404);

  await eventually("every part is erased", async () => {
    const left = await countOf("sessions", `select count(*) from session where session_id = '${session.id}'`);
    return left === 0 || undefined;
  }, 60_000);
  expect(await found(canary)).toEqual([]);

  // Everything that was said while it was there is said again, also as if it had never been said before.
  const left = (rows: string[]) => rows.filter((row) => !/^\w+\.outbox /.test(row));
  const before = left(await rowsAbout(session.id));
  for (const event of said.toReversed()) {
    await broker.says(event);
    await broker.says(asNews(event));
  }
  await broker.isHeardOut();
  await broker.left();
  expect((await maya.requests.get(`/api/sessions/${session.id}`)).status()).toBe(404);
  expect(left(await rowsAbout(session.id)), "nothing is revived").toEqual(before);
  expect(await found(canary)).toEqual([]);
});
