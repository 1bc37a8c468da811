//! A learner practises with their own voice, and everything that is stored is what was said.

import { expect, test } from "@playwright/test";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { countOf } from "../support/databases.ts";
import { answers, stored, theRatingIsTrue, theRecordingIsTrue, theTranscriptIsTrue } from "../support/evidence.ts";
import { Learner } from "../support/learner.ts";
import { expectOneTrace } from "../support/practice-trace.ts";

const TOPIC = "Last weekend";

let learner: Learner;
let folder: string;

test.beforeEach(async () => {
  learner = await Learner.arrives();
  folder = mkdtempSync(join(tmpdir(), "practise-"));
});

test.afterEach(async () => {
  await learner.leaves();
});

test("a learner talks with the coach, hears it again, reads the rating and deletes it", async () => {
  const script = await answers(folder);
  await learner.signsUp();
  await learner.headset.record();
  const id = await learner.starts(TOPIC);
  const begun = await learner.isRecorded();
  for (const [at, answer] of script.entries()) {
    await learner.hearsTheCoach(at + 1);
    await learner.headset.say(answer.wav);
  }
  await learner.hearsTheCoach(script.length + 1);
  const call_ms = (await learner.ends()) - begun;

  const session = await learner.sessionOnce(id, "recording and rating", (now) => now.recording.state === "ready" && now.rating.state === "ready");
  const recording = await stored(learner.requests, id, folder);
  await test.step("the recording is what was said and heard", () => {
    theRecordingIsTrue(learner.headset, recording, call_ms);
  });
  await test.step("the transcript is what was said, in true order", () => {
    theTranscriptIsTrue(session, script, recording);
  });
  await test.step("the rating finds what was planted", () => {
    theRatingIsTrue(session, script);
  });
  await test.step("it is one trace", async () => {
    await expectOneTrace(session.traceparent, "while speaking");
  });
  await test.step("and its learner may say how it was", async () => {
    await learner.page.getByRole("button", { name: "All right" }).click();
    await expect(learner.page.getByText("Thank you.")).toBeVisible();
    expect(await countOf("sessions", `select count(*) from session where session_id = '${id}' and feedback = 'fair'`)).toBe(1);
  });
  await test.step("it can be heard again", async () => {
    await learner.page.getByRole("link", { name: "See your session" }).click();
    await learner.page.getByRole("button", { name: "Play", exact: true }).click();
    const player = learner.page.locator("audio");
    await expect.poll(() => player.evaluate((audio: HTMLAudioElement) => audio.currentTime)).toBeGreaterThan(1);
    await expect(learner.page.getByText("Speaking time")).toBeVisible();
  });
  await test.step("and it can be deleted", async () => {
    await learner.page.getByRole("button", { name: "Delete this session" }).click();
    await learner.page.getByRole("alertdialog").getByRole("button", { name: "Delete for good" }).click();
    await expect(learner.page.getByRole("heading", { name: "My practice" })).toBeVisible();
    expect((await learner.requests.get(`/api/sessions/${id}`)).status()).toBe(404);
  });
  expect(learner.complaints).toEqual([]);
});
