//! One change, one event, one answer, however often it is asked.

import { expect, test } from "@playwright/test";
import { randomUUID } from "node:crypto";
import { Broker, type Said } from "../support/broker.ts";
import { countOf, rowsAbout, rowsOf } from "../support/databases.ts";
import { eventually } from "../support/eventually.ts";
import type { Session } from "../support/learner.ts";
import { stack } from "../support/stack.ts";
import { conversation, Visitor } from "../support/visitor.ts";

test("fifty finalizes at once over two replicas are one change, one event and one answer", async () => {
  const maya = await Visitor.arrives();
  const session = await maya.starts();
  const key = randomUUID();
  const answers = await Promise.all(Array.from({ length: 50 }, () => maya.finalizes(session, conversation(), key)));
  const bodies = new Set(await Promise.all(answers.map((answer) => answer.text())));
  expect(answers.map((answer) => answer.status())).toEqual(Array(50).fill(200));
  expect(bodies.size, "identical answers").toBe(1);
  expect(await countOf("sessions", `select count(*) from outbox where subject = 'session.finalized' and encode(payload, 'escape') like '%${session.id}%'`)).toBe(1);
});

test("every event five times and in reverse comes to the same end", async () => {
  const maya = await Visitor.arrives();
  const complete = ({ recording, rating }: Session) => recording.state === "ready" && rating.state === "ready";
  const straight = await maya.practises();
  const usual = outcome(await maya.once(straight, "the usual end", complete));

  await stack.stops("nats");
  const [session, untold] = await silently(maya).finally(() => stack.starts("nats"));
  const broker = await Broker.reached();
  const fiveTimes = async (events: Said[]) => {
    for (const event of events.toReversed()) for (let time = 0; time < 5; time++) await broker.says(event);
    await broker.isHeardOut();
  };
  await fiveTimes(untold);
  const end = await maya.once(session, "the same end", complete);
  expect(outcome(end)).toEqual(usual);

  // And again from the beginning, with what was said in answer.
  const said = await broker.saidAbout(session.id);
  expect([...new Set(said.map(({ subject }) => subject))].toSorted()).toEqual(["audio.stored", "session.finalized", "session.rated", "session.started"]);
  const rows = await rowsAbout(session.id);
  await fiveTimes(said);
  await broker.left();
  expect(await rowsAbout(session.id), "no row anywhere is another").toEqual(rows);
  expect(await maya.once(session, "the session", () => true)).toEqual(end);
});

/** What a practice came to, without what belongs to this one only. */
function outcome({ state, duration_ms, transcript, recording, rating }: Session) {
  return {
    state,
    duration_ms,
    transcript,
    recording: { state: recording.state, revision: recording.revision, duration_ms: recording.duration_ms, warnings: recording.warnings },
    rating: { state: rating.state, revision: rating.revision, findings: rating.findings },
  };
}

/** A practice of which nothing was told yet, and what there is to tell. */
async function silently(maya: Visitor): Promise<[Session, Said[]]> {
  const session = await maya.practises();
  return [session, await heldBack(session.id)];
}

/** Takes what waits in the outboxes about a session, in the order in which it would have been said. */
async function heldBack(session: string): Promise<Said[]> {
  const about = `published_at is null and encode(payload, 'escape') like '%${session}%'`;
  await eventually("the recording is announced", async () => (await countOf("upload", `select count(*) from outbox where ${about}`)) === 1 || undefined);
  const rows = await Promise.all(
    ["sessions", "upload"].map((service) =>
      rowsOf(service, `update outbox set published_at = now() where ${about} returning event_id, subject, encode(payload, 'hex')`),
    ),
  );
  return rows
    .flat()
    .toSorted()
    .map((row) => row.split("|"))
    .map(([id, subject, payload]) => ({ id: id!, subject: subject!, payload: Buffer.from(payload!, "hex") }));
}

test("what comes after the end changes nothing", async () => {
  const maya = await Visitor.arrives();
  const session = await maya.starts();
  expect((await maya.finalizes(session)).status()).toBe(200);
  const before = await (await maya.requests.get(`/api/sessions/${session.id}`)).json();

  const partial = await maya.requests.put(`/api/sessions/${session.id}/transcript`, { data: { revision: 99, turns: conversation("something else") } });
  expect(partial.status()).toBe(409);
  expect(await partial.json()).toMatchObject({ type: "/problems/transcript-finalized" });
  const other = await maya.finalizes(session, conversation("something else"));
  expect(other.status()).toBe(409);
  expect(await other.json()).toMatchObject({ type: "/problems/already-finalized" });
  const after = (await (await maya.requests.get(`/api/sessions/${session.id}`)).json()) as { transcript: unknown };
  expect(after.transcript).toEqual(before.transcript);
});

test("another learner's session looks like one that does not exist", async () => {
  const [maya, ben] = [await Visitor.arrives(), await Visitor.arrives()];
  const session = await maya.practises();
  const absent = randomUUID();
  for (const [method, path] of [
    ["get", ""],
    ["get", "/events"],
    ["get", "/audio"],
    ["get", "/audio/peaks"],
    ["delete", ""],
    ["post", "/upload"],
  ] as const) {
    const options = method === "post" ? { data: Buffer.from("x"), headers: { "content-type": "audio/webm" } } : {};
    const [foreign, none] = await Promise.all([session.id, absent].map((id) => ben.requests[method](`/api/sessions/${id}${path}`, options)));
    const bare = async (response: typeof foreign) => ({ status: response!.status(), body: { ...(await response!.json()), instance: "" } });
    expect(await bare(foreign), `${method} ${path}`).toEqual(await bare(none));
    expect(foreign!.status()).toBe(404);
  }
});
