//! Each alert is raised by what it is named after.

import { expect, test } from "@playwright/test";
import { chaos } from "../support/chaos.ts";
import { eventually } from "../support/eventually.ts";
import { faults } from "../support/faults.ts";
import { alerts, rules } from "../support/prometheus.ts";
import { stack } from "../support/stack.ts";
import { troubles } from "../support/troubles.ts";
import { Visitor } from "../support/visitor.ts";

/** Of all that an alert may be about, what tells one from another. */
const ABOUT = ["dependency", "consumer", "service"];
const TAKEN_AWAY = ["OutboxLag sessions ticket", "ServiceDown rating page", "ServiceNotReady streams page"];

const aSecond = async () => new Promise((over) => setTimeout(over, 1000));

/** The name, subject and severity of every alert that fires now. */
async function firing(): Promise<string[]> {
  return (await alerts())
    .filter(({ state }) => state === "firing")
    .map(({ labels }) => [labels["alertname"], labels[ABOUT.find((label) => label in labels) ?? ""], labels["severity"]].filter(Boolean).join(" "));
}

test("what is taken away calls somebody by its name, until it is back", async () => {
  const visitor = await Visitor.arrives();
  await stack.stops("rating", "rating-2", "nats");
  try {
    await visitor.starts();
    await eventually(`${TAKEN_AWAY.join(", ")} firing`, async () => {
      const now = await firing();
      return TAKEN_AWAY.every((alert) => now.includes(alert)) ? now : undefined;
    }, 150_000);
  } finally {
    await stack.starts("nats", "rating", "rating-2");
  }
  await eventually("none of them firing", async () => {
    const now = await firing();
    return TAKEN_AWAY.every((alert) => !now.includes(alert)) || undefined;
  }, 60_000);
});

// Some look back for a quarter of an hour before they call.
if (chaos.isLong) test("and so does every other trouble that an alert is named after", everythingElse);

async function everythingElse(): Promise<void> {
  test.setTimeout(45 * 60_000);
  const all = troubles();
  const expected = all.flatMap(({ alerts }) => alerts);
  const named = (lines: string[]) => [...new Set(lines.map((line) => `${line.split(" ")[0]} ${line.split(" ").at(-1)}`))].toSorted();
  const written = (await rules()).filter(({ type }) => type === "alerting").map(({ name, labels }) => `${name} ${labels?.["severity"]}`);
  expect(named([...expected, ...TAKEN_AWAY]), "no alert is left out").toEqual(named(written));

  for (const { what, prepares } of all) await test.step(`before ${what}`, async () => prepares?.());
  const struck = Date.now();
  const silent = new Set(expected);
  let learning: Promise<void>[] = [];
  let over = false;
  try {
    for (const { what, strikes } of all) await test.step(what, async () => strikes?.());
    learning = all.map(async ({ meanwhile }) => {
      while (meanwhile && !over) {
        await meanwhile();
        await aSecond();
      }
    });
    while (silent.size > 0 && Date.now() < struck + 30 * 60_000) {
      for (const alert of await firing()) if (silent.delete(alert)) chaos.note("alerts", { alert, after_s: Math.round((Date.now() - struck) / 1000) });
      await aSecond();
    }
  } finally {
    over = true;
    for (const { ends } of all) await ends?.();
    await faults.end();
    await Promise.all(learning);
  }
  expect([...silent], "nobody was called for these").toEqual([]);
}
