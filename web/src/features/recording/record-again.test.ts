import { describe, expect, it } from "vitest";
import { mostFailures, pauseBeforeRecording } from "./record-again";

const all = (random: number) => Array.from({ length: mostFailures - 1 }, (_, index) => pauseBeforeRecording(index + 1, random));
const sum = (pauses: number[]) => pauses.reduce((before, pause) => before + pause, 0);

describe("the pause before a recorder is tried again", () => {
  it("doubles up to a bound, and at least half of it is waited", () => {
    expect(all(0).slice(0, 7)).toEqual([125, 250, 500, 1_000, 2_000, 2_500, 2_500]);
    expect(all(1).slice(0, 7)).toEqual([250, 500, 1_000, 2_000, 4_000, 5_000, 5_000]);
  });

  it("makes all attempts together last for as long as another program may need, and not for ever", () => {
    expect(sum(all(0))).toBeGreaterThan(15_000);
    expect(sum(all(1))).toBeLessThan(60_000);
  });
});
