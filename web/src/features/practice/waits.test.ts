import { expect, test } from "vitest";
import type { Measure } from "@/api/contract";
import { type Call, newCall } from "./call";
import { Waits } from "./waits";

function watched() {
  let now = 1000;
  const found: [Measure, number][] = [];
  const waits = new Waits(400, newCall, (measure, ms) => found.push([measure, ms]), () => now);
  return {
    found,
    at: (time: number, change: Partial<Call>) => {
      now = time;
      waits.see({ ...newCall, phase: "listening", ...change });
    },
  };
}

test("the first sound counts from the click, and only once", () => {
  const { at, found } = watched();
  at(1500, {});
  at(2400, { coachAudible: true });
  at(4000, {});
  at(5000, { coachAudible: true });
  expect(found).toEqual([["first_sound", 2000]]);
});

test("a reply counts from the end of the learner's last words", () => {
  const { at, found } = watched();
  at(2000, { coachAudible: true });
  at(3000, { learnerSpeaking: true });
  at(4000, {});
  at(4200, { learnerSpeaking: true });
  at(5000, {});
  at(5700, { coachAudible: true });
  expect(found).toEqual([
    ["first_sound", 1600],
    ["reply", 700],
  ]);
});

test("what the learner is asked to try again is not waited for by the page", () => {
  const { at, found } = watched();
  at(3000, { phase: "failed" });
  at(90_000, { phase: "connecting" });
  at(91_000, { coachAudible: true });
  at(92_000, { phase: "reconnecting" });
  at(95_000, { phase: "failed" });
  at(190_000, { phase: "reconnecting" });
  at(191_000, {});
  expect(found).toEqual([]);
});

test("a lost line counts until the next one, whose first words reply to nothing", () => {
  const { at, found } = watched();
  at(2000, { coachAudible: true });
  at(3000, { learnerSpeaking: true });
  at(3500, {});
  at(4000, { phase: "reconnecting" });
  at(9000, { phase: "listening" });
  at(9600, { phase: "speaking", coachAudible: true });
  expect(found.slice(1)).toEqual([["reconnect", 5000]]);
});
