//! What is stored of a conversation, held against what was said and heard.

import { type APIRequestContext, expect } from "@playwright/test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Session } from "./learner.ts";
import type { Headset } from "./sound.ts";
import { compared, speak, type Utterance, words } from "./speech.ts";
import { aligned, correlation, decoded, envelope, type Sounding, soundings } from "./waves.ts";

/**
 * Four answers with pauses planted inside them, spoken at the pace of a learner. The coach's recogniser understands nearly
 * every word of them: what the transcript lacks was most likely lost on the way to it.
 */
export async function answers(into: string): Promise<Utterance[]> {
  const voice = { name: "slt", stretch: 1.25 } as const;
  return [
    await speak(into, "first", voice, ["last summer we traveled to the mountains", 700, "and stayed in a small hotel for a week"]),
    await speak(into, "second", voice, ["in the evening we had dinner", 900, "in a small restaurant near the river"]),
    await speak(into, "third", voice, ["I would like to travel to another country", 600, "and learn to speak the language"]),
    await speak(into, "fourth", voice, ["my family lives in a small town near the mountains", 800, "and I visit them every month"]),
  ];
}

/** The recording as the learner gets it back. */
export async function stored(requests: APIRequestContext, id: string, folder: string) {
  const response = await requests.get(`/api/sessions/${id}/audio`);
  expect(response.status()).toBe(200);
  const file = join(folder, "stored.webm");
  writeFileSync(file, await response.body());
  return decoded(file);
}

export type Recording = Awaited<ReturnType<typeof stored>>;

export function theRecordingIsTrue(headset: Headset, recording: Recording, call_ms: number) {
  const [mouth, speaker] = [envelope(headset.recorded("mouth")), envelope(headset.recorded("speaker"))];
  const [left, right] = [envelope(recording.left), envelope(recording.right)];
  const [said, heard] = [aligned(mouth, left), aligned(speaker, right)];
  expect(said.alike, "the left is what the learner said").toBeGreaterThanOrEqual(0.8);
  expect(heard.alike, "the right is what the coach was heard to say").toBeGreaterThanOrEqual(0.8);
  expect(correlation(speaker, left, said.lag), "the coach is not on the left").toBeLessThanOrEqual(0.2);
  expect(correlation(mouth, right, heard.lag), "the learner is not on the right").toBeLessThanOrEqual(0.2);
  expect(Math.abs(recording.duration_ms - call_ms), "as long as the call").toBeLessThanOrEqual(1000);
}

export function theTranscriptIsTrue(session: Session, script: Utterance[], recording: Recording) {
  const turns = session.transcript.turns;
  const learners = turns.filter(({ speaker }) => speaker === "learner");
  expect(learners.length, "one turn for each answer").toBe(script.length);
  for (const [at, turn] of learners.entries()) {
    const { recall, insertions } = compared(script[at]!.words, words(turn.text ?? ""));
    expect(recall, `recall of "${script[at]!.words.join(" ")}" in "${turn.text}"`).toBeGreaterThanOrEqual(0.7);
    expect(insertions, `insertions in "${turn.text}"`).toBeLessThanOrEqual(0.25);
  }
  expect(turns.map(({ start_ms }) => start_ms)).toEqual(turns.map(({ start_ms }) => start_ms).toSorted((a, b) => a - b));

  // A coach's turn may have a pause between its sentences; an answer's planted pauses are shorter than this.
  const truth = { learner: soundings(envelope(recording.left), 1200), coach: soundings(envelope(recording.right), 1200) };
  for (const turn of turns) {
    const nearest = closest(truth[turn.speaker], turn.start_ms);
    expect(Math.abs(nearest.start_ms - turn.start_ms), `${turn.speaker}'s turn "${turn.text}" begins when it is heard`).toBeLessThanOrEqual(150);
  }
}

function closest(truth: Sounding[], at: number): Sounding {
  return truth.reduce((best, sounding) => (Math.abs(sounding.start_ms - at) < Math.abs(best.start_ms - at) ? sounding : best));
}

export function theRatingIsTrue(session: Session, script: Utterance[]) {
  const value = (metric: string) => {
    const finding = session.rating.findings.find((one) => one.metric === metric && one.subject !== "coach");
    expect(finding?.value, `${metric} is measured`).not.toBeNull();
    return finding!.value!;
  };
  const pauses = script.flatMap((answer) => answer.pauses);
  const planted = pauses.reduce((sum, pause) => sum + pause, 0) / 1000;
  expect(Math.abs(value("silent_pauses") - pauses.length), "planted pauses are found").toBeLessThanOrEqual(1);
  expect(Math.abs(value("pause_time") - planted) / planted, "their time").toBeLessThanOrEqual(0.1);
  const spoken = script.reduce((sum, answer) => sum + answer.duration_ms, 0) / 1000 - planted;
  expect(Math.abs(value("speaking_time") - spoken) / spoken, "speaking time").toBeLessThanOrEqual(0.05);
}
