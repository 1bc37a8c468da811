//! Every process is asked to stop, one after the other, while learners ask and talk: nobody notices.

import { expect, test } from "@playwright/test";
import { Broker } from "../support/broker.ts";
import { Calls } from "../support/calls.ts";
import { chaos } from "../support/chaos.ts";
import { countOf } from "../support/databases.ts";
import { eventually } from "../support/eventually.ts";
import { replicasOf, SERVICES, signal } from "../support/processes.ts";
import { stack } from "../support/stack.ts";
import { Traffic } from "../support/traffic.ts";
import { isComplete } from "../support/unyielding.ts";

// Built for speed, as in a long run, the services leave this machine room for so many.
const [PER_SECOND, CALLS] = chaos.isLong ? [50, 20] : [20, 6];
/** Practices of which everything is looked at; of the others, that they are rated, which comes last. */
const LOOKED_AT = 10;

test("each service is stopped in turn, and no request fails, no call ends, no event is lost", async () => {
  test.setTimeout(600_000);
  const calls = await Calls.begin(CALLS);
  await allAreHeard(calls);
  const traffic = await Traffic.begins(PER_SECOND);
  let slowest_ms = 0;
  for (const service of SERVICES.filter((name) => name !== "coach")) {
    for (const replica of replicasOf(service)) {
      const asked = Date.now();
      signal("SIGTERM", replica);
      await eventually(`a ${service} has stopped`, async () => !replicasOf(service).includes(replica) || undefined, 20_000);
      slowest_ms = Math.max(slowest_ms, Date.now() - asked);
      await stack.starts(service);
      await stack.starts(`${service}-2`);
    }
  }
  // A fast machine is through before anybody has said and sent everything.
  await eventually("practices have ended", async () => traffic.ended.length > LOOKED_AT || undefined, 60_000);
  await traffic.ends();
  chaos.note("drain", { requests: traffic.asked, failed: traffic.failed, slowest_ms });
  expect(traffic.failed, `of ${traffic.asked}`).toEqual([]);
  await allAreHeard(calls);
  await everythingIsHeard(traffic.ended.map(([, { id }]) => id));
  for (const [learner, session] of traffic.ended.slice(0, LOOKED_AT)) await isComplete(learner, session);

  // Whoever talks with a coach that is asked to stop is told so, and can call again.
  signal("SIGTERM", ...replicasOf("coach"));
  await eventually("every call is told", async () => (await calls.ended()) === CALLS || undefined, 15_000);
  await calls.leave();
  await stack.starts("coach");
});

/** Nobody was told that it is over, and sound comes on every line: on a busy machine not in every moment. */
async function allAreHeard(calls: Calls): Promise<void> {
  expect(await calls.ended()).toBe(0);
  await eventually("every line is heard", async () => (await calls.live()) === CALLS || undefined, 15_000);
}

async function everythingIsHeard(sessions: string[]): Promise<void> {
  for (const service of ["sessions", "upload", "rating"]) {
    await eventually(`${service} has said everything`, async () => (await countOf(service, "select count(*) from outbox where published_at is null")) === 0 || undefined);
  }
  const reached = await Broker.reached();
  await reached.isHeardOut().finally(async () => reached.left());
  const named = sessions.map((id) => `'${id}'`).join(", ");
  await eventually("all are rated", async () => (await countOf("rating", `select count(distinct session_id) from rating where session_id in (${named})`)) === sessions.length || undefined, 150_000);
}
