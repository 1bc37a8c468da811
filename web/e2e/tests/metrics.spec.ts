//! What an operator sees of a practice.

import { expect, test } from "@playwright/test";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually } from "../support/eventually.ts";
import { Learner } from "../support/learner.ts";
import { alerts, catalogue, compared, ownSeries, panels, rules, seriesOf } from "../support/prometheus.ts";
import { speak } from "../support/speech.ts";
import { Visitor } from "../support/visitor.ts";

/** What every process has of whoever asks it. */
const ADDED = ["__name__", "job", "service", "instance", "le"];
/** Kinds of things that must never tell series apart. */
const PERSONAL = /[0-9a-f]{8}-[0-9a-f]{4}-|[0-9a-f]{32}|@|https?:/i;

/** A practice in a page, and one without: between them they use every part. */
async function practise(): Promise<void> {
  const visitor = await Visitor.arrives();
  const whole = await visitor.practises();
  await visitor.once(whole, "a rating", ({ recording, rating }) => recording.state === "ready" && rating.state === "ready");
  const learner = await Learner.arrives();
  try {
    await learner.signsUp();
    const id = await learner.starts("Last weekend");
    await learner.hearsTheCoach(1);
    const answer = await speak(mkdtempSync(join(tmpdir(), "metrics-")), "answer", { name: "slt", stretch: 1.25 }, ["on saturday I went to the museum with my sister"]);
    await learner.headset.say(answer.wav);
    await learner.hearsTheCoach(2);
    await learner.ends();
    await learner.sessionOnce(id, "recording and rating", ({ recording, rating }) => recording.state === "ready" && rating.state === "ready");
    await learner.page.getByRole("link", { name: "See your session" }).click();
    await learner.page.getByRole("button", { name: "Play", exact: true }).click();
    const player = learner.page.locator("audio");
    await expect.poll(() => player.evaluate((audio: HTMLAudioElement) => audio.currentTime)).toBeGreaterThan(1);
    // A page that is left says what it measured.
    await learner.page.goto("/");
    await expect(learner.page.getByRole("main")).toBeVisible();
  } finally {
    await learner.leaves();
  }
}

test("after a practice every panel shows something, every alert has something to compare, and nothing is counted by person", async () => {
  const began = Date.now();
  await practise();
  for (const { panel, expression } of panels()) {
    await test.step(panel, async () => {
      // It is collected every five seconds, and a rate takes two looks.
      await eventually(`a series of ${expression}`, async () => ((await seriesOf(expression)) > 0 ? true : undefined), 40_000);
    });
  }
  const followed = await rules();
  expect(followed.filter(({ type }) => type === "alerting").length).toBeGreaterThan(0);
  for (const { name, query, type, health, lastError } of followed) {
    await test.step(`${type} rule ${name}`, async () => {
      expect(health, lastError).toBe("ok");
      expect(await seriesOf(type === "alerting" ? compared(query) : query), query).toBeGreaterThan(0);
    });
  }
  await test.step("what is collected is what the catalogue says", async () => {
    const known = catalogue();
    const wrong = (await ownSeries()).flatMap((series) => {
      const name = series["__name__"] ?? "";
      const metric = known.get(name) ?? known.get(name.replace(/_(bucket|sum|count)$/, ""));
      if (!metric) return /^(up|scrape_\w+)$/.test(name) ? [] : [`${name} is not in the catalogue`];
      return Object.entries(series).flatMap(([label, value]) => {
        if (PERSONAL.test(value)) return [`${name} has ${label}=${value}`];
        if (ADDED.includes(label)) return [];
        const allowed = metric.labels.has(label) && (metric.labels.get(label)?.includes(value) ?? true);
        return allowed ? [] : [`${name} has ${label}=${value}, which the catalogue does not`];
      });
    });
    expect(wrong).toEqual([]);
  });
  // What was made to fail before may still be called out.
  expect((await alerts()).filter(({ state, activeAt }) => state === "firing" && Date.parse(activeAt) > began)).toEqual([]);
});
