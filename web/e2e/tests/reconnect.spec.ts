//! A call that breaks off goes on by itself, and the practice is one practice.

import { expect, test } from "@playwright/test";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectsLoosely, cuts } from "../screens/outside.ts";
import { Learner } from "../support/learner.ts";
import { speak } from "../support/speech.ts";
import { decoded, envelope, soundings } from "../support/waves.ts";

let learner: Learner;

test.beforeEach(async () => {
  learner = await Learner.arrives();
});

test.afterEach(async () => {
  await learner.leaves();
});

test("a lost call is replaced without a click, and the coach goes on at the same question", async () => {
  const folder = mkdtempSync(join(tmpdir(), "reconnect-"));
  const voice = { name: "slt", stretch: 1.25 } as const;
  const [first, second] = [
    await speak(folder, "first", voice, ["on saturday I went to the market with my sister", 700, "and we bought some fresh fish"]),
    await speak(folder, "second", voice, ["we walked home along the river", 900, "because the weather was warm"]),
  ];
  await connectsLoosely(learner.page);
  await learner.signsUp();
  const id = await learner.starts("Last weekend");
  const begun = await learner.isRecorded();
  await learner.hearsTheCoach(1);
  await learner.headset.say(first.wav);
  const asked = await learner.hearsTheCoach(2);

  await cuts(learner.page);
  const cutAt = Date.now();
  const wentOn = await learner.page.waitForFunction(() => document.querySelector("[role=log]")?.textContent.includes("Connection lost for") && Date.now());
  await expect(learner.page.getByRole("log").getByText(/^Connection lost for (\d+ s|a moment)$/)).toBeVisible();
  expect(Number(await wentOn.jsonValue()) - cutAt, "soon").toBeLessThan(5_000);
  const askedAgain = await learner.hearsTheCoach(3);
  expect(askedAgain, "the coach goes on at the same question").toContain(asked);
  expect(askedAgain, "and says why").not.toBe(asked);

  await learner.headset.say(second.wav);
  const went = await learner.hearsTheCoach(4);
  expect(went, "the answer is one to the question that was asked again").not.toContain(asked);
  const length_ms = (await learner.ends()) - begun;

  const session = await learner.sessionOnce(id, "the recording", ({ recording }) => recording.state === "ready");
  const { turns } = session.transcript;
  expect(turns.map(({ speaker, call }) => `${speaker} ${call}`), "every turn, once").toEqual([
    "coach 0",
    "learner 0",
    "coach 0",
    "coach 1",
    "learner 1",
    "coach 1",
  ]);
  expect(new Set(turns.map(({ item_id }) => item_id)).size).toBe(turns.length);
  expect(turns.map(({ start_ms }) => start_ms)).toEqual(turns.map(({ start_ms }) => start_ms).toSorted((a, b) => a - b));
  const stored = join(folder, "stored.webm");
  writeFileSync(stored, await (await learner.requests.get(`/api/sessions/${id}/audio`)).body());
  const recording = decoded(stored);
  expect(Math.abs(recording.duration_ms - session.duration_ms), "the recording went on").toBeLessThan(500);
  expect(Math.abs(recording.duration_ms - length_ms), "all the while").toBeLessThan(3_000);
  for (const { start_ms, end_ms } of turns.filter(({ speaker }) => speaker === "learner")) {
    const voice = soundings(envelope(recording.left), 1_200).some(
      (sounding) => Math.abs(sounding.start_ms - start_ms) < 500 && Math.abs(sounding.end_ms - end_ms) < 1_000,
    );
    expect(voice, `what was said at ${start_ms} ms lies there`).toBe(true);
  }
  expect(learner.complaints).toEqual([]);
});

test("a page that is loaded anew goes on with the practice, and the coach with its question", async () => {
  const folder = mkdtempSync(join(tmpdir(), "reload-"));
  const answer = await speak(folder, "answer", { name: "slt", stretch: 1.25 }, ["on saturday I went to the market with my sister"]);
  await learner.signsUp();
  const id = await learner.starts("Last weekend");
  await learner.hearsTheCoach(1);
  await learner.headset.say(answer.wav);
  const asked = await learner.hearsTheCoach(2);

  await learner.page.reload();
  await learner.page.getByRole("button", { name: "Check my microphone" }).click();
  await learner.page.getByRole("button", { name: "Continue" }).click();
  expect(await learner.hearsTheCoach(3)).toContain(asked);
  await expect(learner.page.getByText(/^Connection lost for/)).toBeVisible();
  await learner.ends();

  const { transcript } = await learner.session(id);
  expect(transcript.turns.map(({ speaker, call }) => `${speaker} ${call}`)).toEqual(["coach 0", "learner 0", "coach 0", "coach 1"]);
  const last = transcript.turns.at(-1);
  const before = transcript.turns.at(-2);
  expect(last?.start_ms, "the clock went on meanwhile").toBeGreaterThan((before?.end_ms ?? 0) + 1_000);
  expect(learner.complaints).toEqual([]);
});
