//! One change, one event, one answer, however often it is asked.

import { expect, test } from "@playwright/test";
import { randomUUID } from "node:crypto";
import { countOf } from "../support/databases.ts";
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
