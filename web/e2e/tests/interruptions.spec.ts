//! A practice is interrupted, and nothing that was said is lost.

import { expect, test } from "@playwright/test";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chaos, percentile } from "../support/chaos.ts";
import { faults } from "../support/faults.ts";
import { ALL, type Interruption, KINDS, saidOf } from "../support/interruptions.ts";
import { Learner, type Session } from "../support/learner.ts";
import { speak } from "../support/speech.ts";
import { decoded, envelope, soundings } from "../support/waves.ts";

const TOPIC = "Last weekend";
/** The page looks for a line so long before it asks the learner. */
const WINDOW_MS = 60_000;
/** What is lost of the sound at most, of all that was said into a microphone that was heard. */
const MISSING_MS = 1_000;

interface Outcome {
  what: string;
  /** Whether the learner had to do anything, where nothing should have been needed. */
  click: boolean;
  lost: number;
  doubled: number;
  missing_ms: number;
  /** From the moment in which everything was back until the conversation went on. */
  resumed_ms: number | null;
}

const dice = chaos.dice("interruptions");
const drawn = chaos.isLong ? Array.from({ length: chaos.times(0) }, () => ALL[Math.floor(dice() * ALL.length)]!) : KINDS;

for (const [number, interruption] of drawn.entries()) {
  test(`${number + 1}: ${interruption.what}, and nothing that was said is lost`, async () => {
    await faults.end();
    const learner = await Learner.arrives();
    const outcome = await interrupted(learner, interruption).finally(async () => {
      await faults.end();
      await learner.leaves();
    });
    chaos.note("interruptions", outcome);
    expect(outcome).toMatchObject({ lost: 0, doubled: 0 });
    expect(outcome.missing_ms, "sound that is missing").toBeLessThanOrEqual(MISSING_MS);
    // Of many, one in a hundred may need a click; of one of each kind, none.
    if (!chaos.isLong) expect(outcome.click, "a click was needed").toBe(false);
  });
}

test("of all of them together, next to none needed a click", () => {
  const outcomes = chaos.noted<Outcome>("interruptions");
  const resumed = outcomes.flatMap(({ resumed_ms }) => resumed_ms ?? []);
  const clicks = outcomes.filter(({ click }) => click).length;
  chaos.note("interruptions-together", {
    seed: chaos.seed,
    interruptions: outcomes.length,
    clicks,
    resumed_p50_ms: percentile(resumed, 0.5),
    resumed_p95_ms: percentile(resumed, 0.95),
    most_missing_ms: Math.max(0, ...outcomes.map(({ missing_ms }) => missing_ms)),
  });
  expect(clicks, `of ${outcomes.length}`).toBeLessThanOrEqual(outcomes.length / 100);
});

async function interrupted(learner: Learner, { what, afterwards, strikes, happens }: Interruption): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), "interruptions-"));
  const voice = { name: "slt", stretch: 1.25 } as const;
  const first = await speak(folder, "first", voice, ["on saturday I went to the museum with my sister"]);
  const second = await speak(folder, "second", voice, ["we looked at the paintings and then we had some coffee"]);

  await learner.signsUp();
  await learner.headset.record();
  if (strikes === "before") await happens(learner, "");
  const id = await learner.starts(TOPIC);
  await expect(learner.page.getByText("Recording", { exact: true })).toBeVisible();
  await learner.hearsTheCoach(1);
  await learner.headset.say(first.wav);
  await learner.hearsTheCoach(2);
  const before = await captions(learner);

  let [resumed_ms, click]: [number | null, boolean] = [null, false];
  if (strikes === "middle") {
    await happens(learner, id);
    const back = Date.now();
    if (afterwards === "continued") await continues(learner, id);
    if (afterwards !== "over") {
      click = !(await isUnderWayAgain(learner));
      if (click) await learner.page.getByRole("button", { name: "Try again" }).click();
      resumed_ms = Date.now() - back;
      await learner.headset.say(second.wav);
      await learner.phase("Speaking").waitFor({ timeout: WINDOW_MS });
      await expect(learner.phase("Listening")).toBeVisible({ timeout: WINDOW_MS });
    }
  }
  if (strikes === "end") {
    await Promise.all([faults.edge.suffers({ blackhole: true }), faults.media.suffers({ blackhole: true })]);
    const ending = learner.ends();
    await happens(learner, id);
    await ending;
  } else if (!(await isSaved(learner))) {
    await learner.ends();
  }

  const session = await learner.sessionOnce(
    id,
    "recording and rating",
    ({ transcript, recording, rating }) => transcript.final && recording.state === "ready" && rating.state === "ready",
    120_000,
  );
  expect(await saidOf(id, "sessions", "session.finalized"), "it ends once").toBe(1);
  expect(learner.complaints).toEqual([]);
  return { what, click, resumed_ms, ...compared(before, session), missing_ms: await missing(learner, session, folder) };
}

interface Caption {
  speaker: string;
  text: string;
}

/** The turns that the page shows as complete. */
async function captions(learner: Learner): Promise<Caption[]> {
  const shown = learner.page.getByRole("log").locator("[data-speaker]");
  return shown.evaluateAll((turns) =>
    turns.map((turn) => ({ speaker: turn.getAttribute("data-speaker") ?? "", text: turn.textContent?.replace(/\s+/g, " ").trim() ?? "" })),
  );
}

/** The page goes on with a session that is open. */
async function continues(learner: Learner, id: string): Promise<void> {
  await learner.page.goto(`/sessions/${id}`);
  const way = { name: "Continue", exact: true };
  await learner.page.getByRole("link", way).or(learner.page.getByRole("button", way)).first().click();
  // The microphone is checked again where the page wants it so.
  const start = learner.page.getByRole("button", { name: /^(Start|Continue|Check my microphone)$/ });
  const room = learner.page.locator("[data-phase]");
  while (!(await room.isVisible())) {
    await expect(start.or(room).first()).toBeVisible();
    if (!(await room.isVisible())) await start.first().click();
  }
}

/** Waits until the conversation goes on, or the page asks for help. */
async function isUnderWayAgain(learner: Learner): Promise<boolean> {
  // A short outage is not even noticed: there must be sound to be sure that the line is there.
  const room = learner.page.locator("[data-phase=listening], [data-phase=thinking], [data-phase=speaking]");
  const asking = learner.page.locator("[data-phase=failed]");
  await expect(room.or(asking).first()).toBeVisible({ timeout: WINDOW_MS + 10_000 });
  return room.isVisible();
}

async function isSaved(learner: Learner): Promise<boolean> {
  const [saved, end] = [learner.page.locator("[data-phase=saved]"), learner.page.getByRole("button", { name: "End", exact: true })];
  await expect(saved.or(end).first()).toBeVisible({ timeout: WINDOW_MS });
  return saved.isVisible();
}

/** What was complete before, and is not there once. */
function compared(before: Caption[], session: Session): Pick<Outcome, "lost" | "doubled"> {
  const stored = session.transcript.turns;
  const counts = before.map(({ speaker, text }) => stored.filter((turn) => turn.speaker === speaker && turn.text !== null && text.includes(turn.text)).length);
  const items = new Set(stored.map(({ item_id }) => item_id));
  return { lost: counts.filter((count) => count === 0).length, doubled: counts.filter((count) => count > 1).length + stored.length - items.size };
}

/** How much of what was said into the microphone is not on the learner's side of the recording. */
async function missing(learner: Learner, session: Session, folder: string): Promise<number> {
  const file = join(folder, "stored.webm");
  const response = await learner.requests.get(`/api/sessions/${session.id}/audio`);
  expect(response.status()).toBe(200);
  writeFileSync(file, await response.body());
  const sounding = (samples: Float32Array) => soundings(envelope(samples), 300).reduce((sum, { start_ms, end_ms }) => sum + end_ms - start_ms, 0);
  return Math.max(0, sounding(learner.headset.recorded("mouth")) - sounding(decoded(file).left));
}
