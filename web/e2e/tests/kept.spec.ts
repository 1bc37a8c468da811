//! What was recorded survives the tab it was recorded in.

import { expect, test } from "@playwright/test";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Learner } from "../support/learner.ts";
import { speak } from "../support/speech.ts";
import { Visitor } from "../support/visitor.ts";
import { decoded } from "../support/waves.ts";

let learner: Learner;

test.beforeEach(async () => {
  learner = await Learner.arrives();
  await learner.signsUp();
});

test.afterEach(async () => {
  await learner.leaves();
});

/** A practice with one answer; answers its id and when its recording began. */
async function practises(): Promise<{ id: string; begun: number; folder: string }> {
  const folder = mkdtempSync(join(tmpdir(), "kept-"));
  const answer = await speak(folder, "answer", { name: "slt", stretch: 1.25 }, ["on saturday I went to the museum with my sister"]);
  const id = await learner.starts("Last weekend");
  await expect(learner.page.getByText("Recording", { exact: true })).toBeVisible();
  const begun = Date.now();
  await learner.hearsTheCoach(1);
  await learner.headset.say(answer.wav);
  await learner.hearsTheCoach(2);
  return { id, begun, folder };
}

async function isComplete(id: string) {
  return learner.sessionOnce(id, "recording and rating", ({ recording, rating }) => recording.state === "ready" && rating.state === "ready");
}

test("a tab that dies in the middle of a practice takes less than a second of it along", async () => {
  const { id, begun, folder } = await practises();
  const length_ms = Date.now() - begun;
  await learner.losesTheTab();
  await learner.page.goto(`/sessions/${id}`);
  await learner.page.getByRole("button", { name: "End and save it" }).click();
  const session = await isComplete(id);
  expect(session.transcript.turns.filter(({ speaker }) => speaker === "learner")).toHaveLength(1);
  const stored = join(folder, "stored.webm");
  writeFileSync(stored, await (await learner.requests.get(`/api/sessions/${id}/audio`)).body());
  expect(Math.abs(decoded(stored).duration_ms - length_ms)).toBeLessThan(1000);
});

test("a recording that could not be sent is sent at the learner's next visit, and at nobody else's", async () => {
  await learner.page.route("**/upload", (route) => route.abort());
  const { id } = await practises();
  await learner.ends();
  await expect(learner.page.getByText("The recording did not get through")).toBeVisible({ timeout: 30_000 });
  const cookies = await learner.context.cookies();

  await learner.context.clearCookies();
  const other = await Visitor.arrives();
  await learner.opensAnotherTab();
  await learner.signsIn(other.email, other.password);
  await expect(learner.page.getByText("Sending the recording")).toBeHidden();
  expect(await inBrowser()).toBe(1);

  await learner.context.clearCookies();
  await learner.context.addCookies(cookies);
  await learner.opensAnotherTab();
  await learner.page.goto("/topics");
  await isComplete(id);
  await expect.poll(inBrowser).toBe(0);
});

/** How many recordings lie in this browser. */
async function inBrowser(): Promise<number> {
  return learner.page.evaluate(
    () =>
      new Promise<number>((resolve, reject) => {
        const opening = indexedDB.open("recordings");
        opening.onerror = () => reject(opening.error);
        opening.onsuccess = () => {
          const counting = opening.result.transaction("recordings").objectStore("recordings").count();
          counting.onsuccess = () => resolve(counting.result);
        };
      }),
  );
}
