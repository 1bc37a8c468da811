//! The whole conversation in Firefox: the same answers, held against the same truth.

import { expect, test } from "@playwright/test";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { answers, stored, theRatingIsTrue, theRecordingIsTrue, theTranscriptIsTrue } from "../support/evidence.ts";
import { FirefoxLearner } from "../support/firefox.ts";

let learner: FirefoxLearner;

test.beforeEach(async () => {
  learner = await FirefoxLearner.arrives();
});

test.afterEach(async () => {
  await learner.leaves();
});

test("a learner practises in Firefox as in Chromium", async () => {
  const folder = mkdtempSync(join(tmpdir(), "firefox-"));
  const script = await answers(folder);
  await learner.signsUp();
  await learner.headset.record();
  const id = await learner.starts("Last weekend");
  const begun = await learner.isRecorded();
  for (const [at, answer] of script.entries()) {
    await learner.hearsTheCoach(at + 1);
    await learner.headset.say(answer.wav);
  }
  await learner.hearsTheCoach(script.length + 1);
  const call_ms = (await learner.ends()) - begun;

  const session = await learner.sessionOnce(id, "recording and rating", (now) => now.recording.state === "ready" && now.rating.state === "ready");
  const recording = await stored(await learner.requests(), id, folder);
  await test.step("the recording is what was said and heard", () => {
    theRecordingIsTrue(learner.headset, recording, call_ms);
  });
  await test.step("the transcript is what was said, in true order", () => {
    theTranscriptIsTrue(session, script, recording);
  });
  await test.step("the rating finds what was planted", () => {
    theRatingIsTrue(session, script);
  });
  await test.step("it can be heard again", () => learner.hearsItAgain());
  expect(learner.complaints).toEqual([]);
});
