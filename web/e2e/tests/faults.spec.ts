//! What everything stands on fails while learners practise, and every practice ends complete.

import { expect, test } from "@playwright/test";
import { randomBytes, randomUUID } from "node:crypto";
import { BREAKDOWNS } from "../support/breakdowns.ts";
import { Broker } from "../support/broker.ts";
import { chaos } from "../support/chaos.ts";
import { Crowd } from "../support/crowd.ts";
import { countOf, duringChange, rowsOf } from "../support/databases.ts";
import { eventually } from "../support/eventually.ts";
import { faults } from "../support/faults.ts";
import { isComplete } from "../support/unyielding.ts";
import { Visitor } from "../support/visitor.ts";

test.setTimeout(300_000);
test.afterEach(async () => faults.end());

const dice = chaos.dice("faults");
for (let round = 1; round <= chaos.times(1); round++) {
  for (const { what, happens } of BREAKDOWNS.filter(({ quick }) => quick || chaos.isLong)) {
    test(`${what}, and every practice ends complete (${round})`, async () => {
      const crowd = await Crowd.comes();
      // A moment nobody chose.
      await new Promise((chosen) => setTimeout(chosen, 1000 + 2000 * dice()));
      await happens();
      const over = Date.now();
      const through = crowd.practices;
      await eventually("somebody is through again", async () => crowd.practices > through + 3 || undefined, 60_000);
      const through_ms = Date.now() - over;
      const practices = await crowd.goes();
      chaos.note("faults", { what, round, practices, through_ms, complete_ms: Date.now() - over });
    });
  }
}

test("an event that commits after later ones is said all the same", async () => {
  const maya = await Visitor.arrives();
  const session = await maya.practises();
  await isComplete(maya, session);
  const copy = randomUUID().replace(/^.{8}/, "00000000");
  const insert = `insert into outbox (event_id, subject, payload) select '${copy}', subject, payload from outbox where subject = 'session.finalized' and encode(payload, 'escape') like '%${session.id}%'`;
  await duringChange("sessions", insert, async () => isComplete(maya, await maya.practises()), "commit");
  for (const service of ["rating", "upload", "secrets"]) {
    await eventually(`${service} hears it`, async () => (await countOf(service, `select count(*) from inbox where event_id = '${copy}'`)) === 1 || undefined);
  }
  await rowsOf("sessions", `delete from outbox where event_id = '${copy}'`);
  await isComplete(maya, session);
});

/** How many of the three subjects below each service hears. */
const HEARD = { sessions: 1, secrets: 2, upload: 2, rating: 2 };

test("what nobody can read is put aside, and holds up nothing", async () => {
  const crowd = await Crowd.comes();
  const reached = await Broker.reached();
  const unreadable = [randomBytes(40), randomBytes(900_000), Buffer.from("\x0a\x04nope")];
  const ids = unreadable.map(() => randomUUID());
  const subjects = ["session.started", "session.finalized", "audio.stored"];
  for (const [at, payload] of unreadable.entries()) await reached.says({ id: ids[at]!, subject: subjects[at]!, payload });
  await reached.isHeardOut().finally(async () => reached.left());
  await crowd.goes();
  const theirs = `from dead_letter where event_id in (${ids.map((id) => `'${id}'`).join(", ")})`;
  const letters = Object.keys(HEARD).map(async (service) => [service, await countOf(service, `select count(*) ${theirs}`)] as const);
  try {
    expect(Object.fromEntries(await Promise.all(letters))).toEqual(HEARD);
  } finally {
    for (const service of Object.keys(HEARD)) await rowsOf(service, `delete ${theirs}`);
  }
});
