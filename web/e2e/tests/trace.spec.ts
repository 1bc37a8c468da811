//! One practice is one trace, from the click to the rating, also where something went wrong on the way.

import { expect, test } from "@playwright/test";
import { randomUUID } from "node:crypto";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Broker } from "../support/broker.ts";
import { countOf, rowsOf } from "../support/databases.ts";
import { eventually } from "../support/eventually.ts";
import { faults } from "../support/faults.ts";
import { Learner, type Session } from "../support/learner.ts";
import { expectOneTrace, named, spansOf } from "../support/practice-trace.ts";
import { oddities } from "../support/schema.ts";
import { speak } from "../support/speech.ts";
import { allSpans, type Span, stack } from "../support/stack.ts";
import { Visitor } from "../support/visitor.ts";

/** A practice with a call, up to its end. */
async function calls(maya: Visitor): Promise<Session> {
  const session = await maya.starts();
  const minted = await maya.mints(session);
  expect(minted.status()).toBe(200);
  const { client_secret: secret } = (await minted.json()) as { client_secret: string };
  expect((await maya.calls(session, secret)).status()).toBe(201);
  return session;
}

/** Its end, and its recording. */
async function ends(maya: Visitor, session: Session): Promise<void> {
  expect((await maya.finalizes(session)).status()).toBe(200);
  expect((await maya.uploads(session)).status()).toBe(201);
}

/** Spans of one name, the first one first. */
function those(spans: Span[], name: string): Span[] {
  return spans.filter((span) => named(span) === name).toSorted((a, b) => a.begins - b.begins);
}

test("one trace names every step of a practice once, although nobody looks at it any more", async () => {
  const maya = await Visitor.arrives();
  const session = await calls(maya);
  await ends(maya, session);
  // No page is open: everything from here on happens by itself.
  await expectOneTrace(session.traceparent, "whole");
});

test("and so does that of a conversation whose tab is closed at the end", async () => {
  const learner = await Learner.arrives();
  try {
    await learner.signsUp();
    const id = await learner.starts("Last weekend");
    await learner.hearsTheCoach(1);
    const folder = mkdtempSync(join(tmpdir(), "trace-"));
    const answer = await speak(folder, "answer", { name: "slt", stretch: 1.25 }, ["on saturday I went to the museum with my sister"]);
    await learner.headset.say(answer.wav);
    await learner.hearsTheCoach(2);
    await learner.ends();
    const { traceparent } = await learner.session(id);
    await eventually("the page has said how long its learner waited", async () => {
      const waits = (await spansOf(traceparent)).map(named);
      return ["sessions browser.first_sound", "sessions browser.reply"].every((wait) => waits.includes(wait)) || undefined;
    });
    await learner.page.close();
    await expectOneTrace(traceparent, "while speaking");
  } finally {
    await learner.leaves();
  }
});

test("a job that the provider lets down is tried again beside its first try", async () => {
  const maya = await Visitor.arrives();
  const session = await calls(maya);
  const call = await callOf(session);
  await faults.provider.suffers({ answer: { status: 503 } });
  try {
    expect((await maya.finalizes(session)).status()).toBe(200);
    const failed = `select count(*) from job where subject = '${call}' and attempts > 0 and last_error = 'provider_unavailable'`;
    await eventually("the call could not be hung up", async () => (await countOf("secrets", failed)) === 1 || undefined);
  } finally {
    await faults.provider.recovers();
  }
  expect((await maya.uploads(session)).status()).toBe(201);
  const tries = await eventually("the call is hung up", async () => {
    const tries = those(await spansOf(session.traceparent), "secrets job.hang_up");
    const last = tries.at(-1)?.tags;
    // Each replica sends its spans on when it pleases: the last try may be heard of before the first.
    return last?.["job.outcome"] === "finished" && Number(last["job.attempt"]) === tries.length ? tries : undefined;
  });
  expect(tries.length).toBeGreaterThan(1);
  expect(tries.map(({ tags }) => Number(tags["job.attempt"]))).toEqual(tries.map((_, before) => before + 1));
  expect(tries.slice(0, -1).map(({ tags }) => tags["job.outcome"])).toEqual(tries.slice(1).map(() => "set_back"));
  expect(new Set(tries.map(({ parent }) => parent)).size, "beside one another").toBe(1);

  const again = ["secrets job.hang_up", "secrets provider.hang_up"];
  const spans = await expectOneTrace(session.traceparent, "whole", Object.fromEntries(again.map((step) => [step, tries.length])));
  const asked = those(spans, "secrets op.secrets.hang_up").map(({ parent }) => parent);
  expect(asked, "each try asks by itself").toEqual(tries.map(({ id }) => id));
});

/** The one call of a session, as \`secrets\` knows it. */
async function callOf(session: Session): Promise<string> {
  const [call] = await rowsOf("secrets", `select mint_id from call where session_id = '${session.id}'`);
  return call!;
}

test("an event that is delivered twice is in its trace twice, and says so", async () => {
  const maya = await Visitor.arrives();
  const session = await calls(maya);
  await ends(maya, session);
  await expectOneTrace(session.traceparent, "whole");

  const broker = await Broker.reached();
  const event = (await broker.saidAbout(session.id)).find(({ subject }) => subject === "session.finalized")!;
  await broker.says(event);
  await broker.isHeardOut();
  await broker.left();
  const heard = ["secrets", "rating"].map((service) => `${service} event.session.finalized process`);
  const spans = await expectOneTrace(session.traceparent, "whole", Object.fromEntries(heard.map((step) => [step, 2])));
  for (const step of heard) {
    const [first, second] = those(spans, step);
    expect([first!, second!].map(({ tags }) => tags["event.duplicate"]), step).toEqual([undefined, true]);
    expect([first!, second!].map(({ tags }) => tags["event.verdict"]), step).toEqual(["done", "done"]);
    expect(second!.parent, step).toBe(first!.parent);
    expect(second!.tags["event.id"], step).toBe(event.id);
    expect(spans.filter(({ parent }) => parent === second!.id).map(named), `${step}: nothing comes of it`).toEqual([]);
  }
});

test("a dead letter and what comes of it when it is sent again are in the trace of what it was about", async () => {
  const maya = await Visitor.arrives();
  const session = await calls(maya);
  await ends(maya, session);
  await expectOneTrace(session.traceparent, "whole");
  const [learner] = await rowsOf("sessions", `select learner_id from session where session_id = '${session.id}'`);
  const whole = rateAgain(session.id, learner!);

  const broker = await Broker.reached();
  const event = { id: randomUUID(), subject: "rating.requested", payload: whole.subarray(0, -1), traceparent: session.traceparent };
  await broker.says(event);
  await broker.isHeardOut();
  await broker.left();
  const [letter] = await rowsOf("rating", `select dead_letter_id from dead_letter where event_id = '${event.id}'`);
  const heard = (spans: Span[]) => those(spans, "rating event.rating.requested process");
  const dead = await eventually("the dead letter is in the trace", async () => {
    const spans = await spansOf(session.traceparent);
    const [first] = heard(spans);
    return first && spans.some(({ name, parent }) => name === "db.dead_letter.keep" && parent === first.id) ? first : undefined;
  });
  expect(dead.failed).toBe(true);
  expect(dead.tags).toMatchObject({ "event.id": event.id, "event.verdict": "never" });

  // As if a release came that can read it.
  await rowsOf("rating", `update dead_letter set payload = decode('${whole.toString("hex")}', 'hex') where dead_letter_id = ${letter}`);
  await stack.ops("dead-letters", "replay", "rating", letter!);
  const again = await eventually("all that came of it is in the trace, and hangs together", async () => {
    const spans = await spansOf(session.traceparent);
    const [, again] = heard(spans);
    const rated = spans.some(({ name, parent }) => name === "job.rate" && parent === again?.id);
    // Each process sends its spans when it pleases: one may be there before the one that caused it.
    const ids = new Set(spans.map(({ id }) => id));
    const whole = spans.every(({ parent }) => parent === undefined || ids.has(parent));
    return rated && those(spans, "sessions job.fetch_rating").length === 2 && whole ? again : undefined;
  });
  expect(again.failed).toBe(false);
  expect(again.tags).toMatchObject({ "event.id": event.id, "event.verdict": "done", "event.replayed": true });
  expect(again.parent).toBe(dead.parent);
  await stack.ops("dead-letters", "drop", "rating", letter!);
});

/** The event \`rating.requested\`, encoded: two texts, each with its number and its length. */
function rateAgain(session: string, learner: string): Buffer {
  return Buffer.concat([session, learner].map((id, before) => Buffer.concat([Buffer.from([((before + 1) << 3) | 2, id.length]), Buffer.from(id)])));
}

test("no span of any service is called or carries what the schema does not have", async () => {
  // Whatever was done before in this run, too.
  const spans = (await allSpans()).filter(({ name }) => name !== "planted");
  expect([...new Set(spans.map(({ service }) => service))]).toEqual(expect.arrayContaining(["accounts", "secrets", "sessions"]));
  expect([...new Set(spans.flatMap(oddities))]).toEqual([]);
});
