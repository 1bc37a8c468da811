//! A microphone that fails or changes in the middle of a practice, and learners who say themselves when they speak.

import { expect, test } from "@playwright/test";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Learner, type Session } from "../support/learner.ts";
import { compared, type Part, speak, type Utterance, words } from "../support/speech.ts";
import { aligned, decoded, envelope } from "../support/waves.ts";

const TOPIC = "Last weekend";

let learner: Learner;
let folder: string;

test.beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "microphone-"));
  learner = await Learner.arrives();
  await learner.signsUp();
});

test.afterEach(async () => {
  await learner.leaves();
});

async function says(name: string, ...parts: Part[]): Promise<Utterance> {
  return speak(folder, name, { name: "slt", stretch: 1.2 }, parts);
}

async function reads(): Promise<void> {
  await learner.page.getByRole("link", { name: `Practise: ${TOPIC}` }).click();
}

async function checks(): Promise<void> {
  await learner.page.getByRole("button", { name: "Check my microphone" }).click();
  await expect(learner.page.getByLabel("Device")).toBeVisible();
}

/** Starts a practice that is ready to start. */
async function begins(): Promise<string> {
  const created = learner.page.waitForResponse((response) => response.url().endsWith("/api/sessions") && response.request().method() === "POST");
  await learner.page.getByRole("button", { name: "Start", exact: true }).click();
  return ((await (await created).json()) as Session).id;
}

function notice(code: string) {
  return learner.page.locator(`[data-failure=${code}]`);
}

/** Every answer was understood, in order, and every one of them is on the learner's channel of the stored recording. */
async function allIsKept(id: string, answers: Utterance[]): Promise<void> {
  const { transcript } = await learner.sessionOnce(id, "the recording", ({ recording }) => recording.state === "ready");
  const turns = transcript.turns.filter(({ speaker }) => speaker === "learner");
  expect(turns.map(({ text }) => text)).toHaveLength(answers.length);
  const file = join(folder, "stored.webm");
  writeFileSync(file, await (await learner.requests.get(`/api/sessions/${id}/audio`)).body());
  const stored = envelope(decoded(file).left);
  for (const [at, answer] of answers.entries()) {
    const heard = words(turns[at]!.text ?? "");
    expect(compared(answer.words, heard).recall, `"${answer.words.join(" ")}" in "${turns[at]!.text}"`).toBeGreaterThanOrEqual(0.6);
    expect(aligned(stored, envelope(samplesOf(answer))).alike, answer.words.join(" ")).toBeGreaterThanOrEqual(0.8);
  }
}

function samplesOf({ wav }: Utterance): Float32Array {
  const file = readFileSync(wav);
  const samples = new Float32Array((file.length - 44) >> 1);
  for (let at = 0; at < samples.length; at++) samples[at] = file.readInt16LE(44 + 2 * at) / 32_768;
  return samples;
}

test("a microphone that is forbidden ends no call, and is taken again", async () => {
  const one = await says("one", "on saturday I went to the market with my sister");
  const id = await learner.starts(TOPIC);
  await learner.hearsTheCoach(1);

  // Whatever is not granted explicitly is denied from now on.
  await learner.context.grantPermissions([]);
  await expect(notice("MIC_REVOKED")).toContainText("The call goes on.");
  await expect(notice("MIC_REVOKED").getByRole("button", { name: "End and save" })).toBeVisible();
  await notice("MIC_REVOKED").getByRole("button", { name: "Try again" }).click();
  await expect(notice("MIC_REVOKED")).toBeHidden();
  await learner.context.clearPermissions();
  await learner.headset.say(one.wav);
  await learner.isAnswered(1);

  await learner.ends();
  await allIsKept(id, [one]);
});

test("when only the chosen one of two microphones is gone, the other is taken, and one can be chosen again", async () => {
  const [one, two, three] = await Promise.all([
    says("one", "on saturday I went to the museum with my brother"),
    says("two", "we walked home along the river because the weather was warm"),
    says("three", "in the evening we had dinner in a small restaurant"),
  ]);
  await learner.headset.plugsIn("desk");
  await reads();
  await checks();
  await learner.page.getByLabel("Device").selectOption({ label: "desk" });
  const id = await begins();
  await learner.hearsTheCoach(1);
  await learner.headset.say(one.wav, "desk");
  await learner.isAnswered(1);

  // The browser says nothing about it: the track stays live, and silent.
  await learner.headset.pullsOut("desk");
  await expect(learner.page.getByText("You are heard through")).toBeVisible();
  await learner.headset.say(two.wav);
  await learner.isAnswered(2);

  await learner.headset.plugsIn("desk");
  await learner.page.getByRole("button", { name: "Choose microphone and loudspeaker" }).click();
  await learner.page.getByRole("menuitemradio", { name: "desk" }).click();
  await expect(learner.page.getByText("You are heard through “desk” now.")).toBeVisible();
  await learner.headset.say(three.wav, "desk");
  await learner.isAnswered(3);

  await learner.ends();
  await allIsKept(id, [one, two, three]);
});

test("a learner may speak by hand: a held key and a tapped button, however long the pauses", async () => {
  const [one, two] = await Promise.all([
    says("one", "on saturday I went to the market", 3000, "with my sister and my brother"),
    says("two", "we bought some fresh fish for the whole family"),
  ]);
  await reads();
  await learner.page.getByText("Your pace").click();
  await learner.page.getByRole("switch", { name: "Push to talk" }).check();
  await checks();
  const id = await begins();
  await learner.hearsTheCoach(1);

  const talk = learner.page.getByRole("button", { name: "Talk", exact: true });
  await learner.page.getByRole("log").focus();
  await learner.page.keyboard.down(" ");
  await expect(talk).toHaveAttribute("aria-pressed", "true");
  await learner.headset.say(one.wav);
  await learner.page.keyboard.up(" ");
  await expect(talk).toHaveAttribute("aria-pressed", "false");
  await learner.isAnswered(1);

  await talk.click();
  await expect(talk).toHaveAttribute("aria-pressed", "true");
  await learner.headset.say(two.wav);
  await talk.click();
  await learner.isAnswered(2);

  await learner.ends();
  await allIsKept(id, [one, two]);
  await learner.page.goto("/topics");
  await reads();
  await expect(learner.page.getByText("Push to talk · At the usual pace")).toBeVisible();
});
