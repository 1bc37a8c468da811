//! A practice is interrupted, once or several times, and nothing that was said is lost.

import { expect, test } from "@playwright/test";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chaos, percentile } from "../support/chaos.ts";
import { Disturbance } from "../support/disturbance.ts";
import { faults } from "../support/faults.ts";
import { ALL, type Interruption, KINDS, practicesOf, saidOf } from "../support/interruptions.ts";
import { Learner, type Session } from "../support/learner.ts";
import { speak, type Utterance } from "../support/speech.ts";
import { decoded, envelope, soundings } from "../support/waves.ts";

const TOPIC = "Last weekend";
/** The page looks for a line so long before it asks the learner. */
const WINDOW_MS = 60_000;
/** What is lost of the sound at most, of all that the browser gave to the page. */
const MISSING_MS = 1_000;

const SENTENCES = [
  "on saturday I went to the museum with my sister",
  "we looked at the paintings and then we had some coffee",
  "in the evening we had dinner in a small restaurant",
  "on sunday I took a long walk in the park with my brother",
  "after that we stayed at home and listened to some music",
];
/** Said into a line that may be dead. */
const INTO_THE_DARK = "and then we bought some bread and went home by bus";

/** How one interruption was got over. */
interface Gotten {
  what: string;
  /** Whether the learner had to do anything, where nothing should have been needed. */
  click: boolean;
  /** From the moment in which everything was back until the conversation went on; null where the call was not made anew. */
  resumed_ms: number | null;
}

interface Outcome {
  interruptions: Gotten[];
  /** Completed turns that are not stored, and those that are more than once. */
  lost: string[];
  doubled: string[];
  missing_ms: number;
  /** Why sound may be missing: see {@link Disturbance}. */
  dropped_ms: number;
  robbed: number;
}

const dice = chaos.dice("interruptions");
const drawn = chaos.isLong ? Array.from({ length: chaos.times(0) }, () => ALL[Math.floor(dice() * ALL.length)]!) : KINDS;

for (const [number, practice] of practicesOf(drawn).entries()) {
  const what = practice.map(({ what }) => what).join(", ");
  test(`${number + 1}: ${what}: nothing that was said is lost`, async () => {
    test.setTimeout(120_000 + 120_000 * practice.length);
    await faults.end();
    const learner = await Learner.arrives();
    const outcome = await interrupted(learner, practice).finally(async () => {
      await faults.end();
      await learner.leaves();
    });
    chaos.note("interruptions", outcome);
    expect(outcome).toMatchObject({ lost: [], doubled: [] });
    expect(outcome.missing_ms - outcome.dropped_ms, "sound that is missing").toBeLessThanOrEqual(MISSING_MS);
    // Of many, one in a hundred may need a click; of one of each kind, none.
    if (!chaos.isLong) expect(outcome.interruptions.filter(({ click }) => click)).toEqual([]);
  });
}

test("of all interruptions together, next to none needed a click", () => {
  const outcomes = chaos.noted<Outcome>("interruptions");
  const all = outcomes.flatMap(({ interruptions }) => interruptions);
  const resumed = all.flatMap(({ resumed_ms }) => resumed_ms ?? []);
  const clicks = all.filter(({ click }) => click).length;
  chaos.note("interruptions-together", {
    seed: chaos.seed,
    practices: outcomes.length,
    interruptions: all.length,
    clicks,
    calls_made_anew: resumed.length,
    resumed_p50_ms: percentile(resumed, 0.5),
    resumed_p95_ms: percentile(resumed, 0.95),
    most_missing_ms: Math.max(0, ...outcomes.map(({ missing_ms }) => missing_ms)),
  });
  expect(clicks, `of ${all.length}`).toBeLessThanOrEqual(all.length / 100);
});

async function interrupted(learner: Learner, practice: Interruption[]): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), "interruptions-"));
  const said = async (name: string, words: string) => speak(folder, name, { name: "slt", stretch: 1.25 }, [words]);
  const answers = await Promise.all(SENTENCES.map(async (sentence, at) => said(`answer-${at}`, sentence)));
  const dark = await said("dark", INTO_THE_DARK);
  let calls = 0;
  learner.context.on("request", (request) => {
    if (request.method() === "POST" && request.url().includes("/realtime/calls")) calls += 1;
  });

  const disturbance = await Disturbance.of(learner.context);
  await learner.signsUp();
  await learner.headset.record();
  for (const { strikes, happens } of practice) if (strikes === "before") await happens(learner, "");
  const id = await learner.starts(TOPIC);
  await learner.isRecorded();
  await learner.hearsTheCoach(1);
  await learner.headset.say(answers[0]!.wav);
  await learner.hearsTheCoach(2);

  const gotten: Gotten[] = [];
  const seen: Caption[][] = [];
  for (const [at, interruption] of practice.entries()) {
    seen.push(await captions(learner));
    await disturbance.looksAt(learner.page);
    const made = calls;
    const over = await getsOver(learner, id, interruption, { answer: answers[at + 1]!, dark });
    gotten.push({ what: interruption.what, click: over.click, resumed_ms: calls > made ? over.resumed_ms : null });
  }
  seen.push(await captions(learner));
  await disturbance.looksAt(learner.page);
  const { dropped_ms, robbed } = disturbance.figures();
  if (practice.at(-1)?.strikes !== "end" && !(await isSaved(learner))) await learner.ends();

  const session = await learner.sessionOnce(
    id,
    "recording and rating",
    ({ transcript, recording, rating }) => transcript.final && recording.state === "ready" && rating.state === "ready",
    120_000,
  );
  expect(await saidOf(id, "sessions", "session.finalized"), "it ends once").toBe(1);
  expect(learner.complaints).toEqual([]);
  return { interruptions: gotten, ...compared(seen, session), missing_ms: await missing(learner, session, folder), dropped_ms, robbed };
}

/** Lets it happen, and does what a learner would. */
async function getsOver(
  learner: Learner,
  id: string,
  { strikes, happens, afterwards, mayBeSpokenInto }: Interruption,
  { answer, dark }: { answer: Utterance; dark: Utterance },
): Promise<{ click: boolean; resumed_ms: number | null }> {
  if (strikes === "before") return { click: false, resumed_ms: null };
  if (strikes === "end") {
    await Promise.all([faults.edge.suffers({ blackhole: true }), faults.media.suffers({ blackhole: true })]);
    const ending = learner.ends();
    await happens(learner, id);
    await ending;
    return { click: false, resumed_ms: null };
  }
  await Promise.all([happens(learner, id), mayBeSpokenInto === true ? learner.headset.say(dark.wav) : null]);
  const back = Date.now();
  if (afterwards === "over") return { click: false, resumed_ms: null };
  if (afterwards === "continued") await continues(learner, id);
  const click = !(await isUnderWayAgain(learner));
  if (click) await learner.page.getByRole("button", { name: "Try again" }).click();
  const resumed_ms = Date.now() - back;
  // Whatever the coach still has to say comes first.
  await expect(learner.phase("Listening")).toBeVisible({ timeout: WINDOW_MS });
  await learner.headset.say(answer.wav);
  await learner.phase("Speaking").waitFor({ timeout: WINDOW_MS });
  await expect(learner.phase("Listening")).toBeVisible({ timeout: WINDOW_MS });
  return { click, resumed_ms };
}

interface Caption {
  speaker: string;
  text: string;
}

/** The words that the page shows. What it says about a turn without words is in italics, and a dash is put behind what was broken off. */
async function captions(learner: Learner): Promise<Caption[]> {
  const shown = learner.page.getByRole("log").locator("[data-speaker]");
  return shown.evaluateAll((turns) =>
    turns
      .filter((turn) => getComputedStyle(turn).fontStyle !== "italic")
      .map((turn) => ({
        speaker: turn.getAttribute("data-speaker") ?? "",
        text: (turn.textContent ?? "").replace(/\s+/g, " ").replace(/ —$/, "").trim(),
      })),
  );
}

/** The page goes on with a session that is open. */
async function continues(learner: Learner, id: string): Promise<void> {
  await learner.page.goto(`/sessions/${id}`);
  const way = { name: "Continue", exact: true };
  await learner.page.getByRole("link", way).or(learner.page.getByRole("button", way)).first().click();
  // The microphone is checked again where the page wants it so. A button may go away while it is about to be clicked.
  const start = learner.page.getByRole("button", { name: /^(Start|Continue|Check my microphone)$/ }).first();
  const room = learner.page.locator("[data-phase]");
  await expect(async () => {
    if (await start.isVisible()) await start.click({ timeout: 1_000 });
    await expect(room).toBeVisible({ timeout: 1_000 });
  }).toPass({ timeout: WINDOW_MS });
}

/** Waits until the conversation goes on, or the page asks for help. */
async function isUnderWayAgain(learner: Learner): Promise<boolean> {
  // A short outage is not even noticed: there must be sound to be sure that the line is there.
  const room = learner.page.locator("[data-phase=listening], [data-phase=thinking], [data-phase=speaking]");
  const asking = learner.page.locator("[data-phase=failed]");
  await expect(room.or(asking).first()).toBeVisible({ timeout: WINDOW_MS + 10_000 });
  return !(await asking.isVisible());
}

async function isSaved(learner: Learner): Promise<boolean> {
  const [saved, end] = [learner.page.locator("[data-phase=saved]"), learner.page.getByRole("button", { name: "End", exact: true })];
  await expect(saved.or(end).first()).toBeVisible({ timeout: WINDOW_MS });
  return saved.isVisible();
}

/** What the page has shown as complete, and is not stored as often. */
function compared(seen: Caption[][], { transcript: { turns } }: Session): Pick<Outcome, "lost" | "doubled"> {
  const line = ({ speaker, text }: { speaker: string; text: string | null }) => `${speaker}: ${text?.replace(/\s+/g, " ").trim()}`;
  const stored = turns.map(line);
  const [lost, doubled]: [string[], string[]] = [[], []];
  for (const said of new Set(seen.flat().map(line))) {
    const times = (lines: string[]) => lines.filter((one) => one === said).length;
    const shown = Math.max(...seen.map((captions) => times(captions.map(line))));
    if (times(stored) < shown) lost.push(said);
    if (times(stored) > shown) doubled.push(said);
  }
  const items = turns.map(({ item_id }) => item_id);
  return { lost, doubled: [...doubled, ...items.filter((item, at) => items.indexOf(item) !== at)] };
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
