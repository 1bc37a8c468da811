//! The coach hears who it talks with, and so does the rating.

import { expect, test } from "@playwright/test";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Learner, type Session } from "../support/learner.ts";
import { recognised } from "../support/recogniser.ts";
import { type Part, speak, type Voice } from "../support/speech.ts";
import { decoded } from "../support/waves.ts";

const TOPIC = "Last weekend";

/** A whole practice of one learner who gives these answers. */
async function practised(voice: Voice, answers: Part[][]): Promise<{ session: Session; recording: ReturnType<typeof decoded> }> {
  const learner = await Learner.arrives();
  try {
    const folder = mkdtempSync(join(tmpdir(), "speaker-"));
    const spoken = await Promise.all(answers.map((parts, at) => speak(folder, `answer-${at}`, voice, parts)));
    await learner.signsUp();
    const id = await learner.starts(TOPIC);
    for (const [at, answer] of spoken.entries()) {
      await learner.hearsTheCoach(at + 1);
      await learner.headset.say(answer.wav);
    }
    await learner.hearsTheCoach(spoken.length + 1);
    await learner.ends();
    const session = await learner.sessionOnce(id, "recording and rating", ({ recording, rating }) => recording.state === "ready" && rating.state === "ready");
    const file = join(folder, "stored.webm");
    writeFileSync(file, await (await learner.requests.get(`/api/sessions/${id}/audio`)).body());
    return { session, recording: decoded(file) };
  } finally {
    await learner.leaves();
  }
}

test("learners who say different things are answered differently, as their recordings prove", async () => {
  const voice = { name: "slt", stretch: 1.2 } as const;
  const heard = new Map<string, string>();
  for (const place of ["restaurant", "mountains"]) {
    const { session, recording } = await practised(voice, [[`on saturday I went to the ${place} with my sister`]]);
    const answer = session.transcript.turns.filter(({ speaker }) => speaker === "coach")[1]!;
    const [from, to] = [answer.start_ms, answer.end_ms].map((ms) => Math.round(ms * 16));
    heard.set(place, recognised(recording.right.subarray(from, to)));
  }
  expect(heard.get("restaurant")).toContain("restaurant");
  expect(heard.get("restaurant")).not.toContain("mountains");
  expect(heard.get("mountains")).toContain("mountains");
  expect(heard.get("mountains")).not.toContain("restaurant");
});

test("a slow, a fast and a halting speaker rank so in every metric", async () => {
  const whole = ["on saturday I went to the market with my sister and we bought some fresh fish for the family"];
  const halting = ["on saturday I went", 800, "to the market with my sister", 900, "and we bought some fresh fish", 700, "for the family"];
  const metrics = async (voice: Voice, parts: Part[]) => {
    const { session } = await practised(voice, [parts, parts]);
    return (metric: string) => {
      const value = session.rating.findings.find((finding) => finding.metric === metric && finding.subject === "learner")?.value;
      expect(value, `${metric} is measured`).toEqual(expect.any(Number));
      return value!;
    };
  };
  const fast = await metrics({ name: "slt", stretch: 1 }, whole);
  const slow = await metrics({ name: "slt", stretch: 1.7 }, whole);
  const halts = await metrics({ name: "slt", stretch: 1 }, halting);

  for (const pace of ["syllable_rate", "articulation_rate"]) expect(fast(pace), pace).toBeGreaterThan(slow(pace));
  expect(slow("speaking_time")).toBeGreaterThan(fast("speaking_time"));
  expect(fast("syllable_rate")).toBeGreaterThan(halts("syllable_rate"));
  for (const pause of ["silent_pauses", "pause_time", "pauses_per_minute"]) {
    expect(halts(pause), pause).toBeGreaterThan(fast(pause));
    expect(halts(pause), pause).toBeGreaterThan(slow(pause));
  }
  for (const run of ["mean_run", "longest_run"]) {
    expect(halts(run), run).toBeLessThan(fast(run));
    expect(fast(run), run).toBeLessThan(slow(run));
  }
});
