import { describe, expect, it } from "vitest";
import { untilNewOnes } from "./minutes";

const midnight = "2026-11-22T00:00:00Z";
const before = (ms: number) => untilNewOnes({ minutes_left_today: 3, new_minutes_at: midnight }, Date.parse(midnight) - ms);

describe("when the minutes of the day are asked for again", () => {
  it("is when there are new ones", () => {
    expect(before(3_600_000)).toBe(3_600_000);
  });

  it("is neither at once nor never where the clock is wrong", () => {
    expect(before(-5_000)).toBe(60_000);
    expect(before(90 * 86_400_000)).toBe(86_400_000);
  });
});
