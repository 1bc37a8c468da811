import { describe, expect, it } from "vitest";
import { gapsBetween } from "./gaps";

const call = (number: number, start_ms: number, end_ms: number | null) => ({ number, start_ms, end_ms });

describe("the gaps of a session", () => {
  it("lie between one call and the next", () => {
    expect(gapsBetween([call(0, 0, 8_000), call(1, 20_000, 31_000), call(2, 33_500, null)])).toEqual([
      { fromMs: 8_000, toMs: 20_000 },
      { fromMs: 31_000, toMs: 33_500 },
    ]);
  });

  it("are none in one call, in a blink, or where nobody saw a call end", () => {
    expect(gapsBetween([])).toEqual([]);
    expect(gapsBetween([call(0, 0, 8_000)])).toEqual([]);
    expect(gapsBetween([call(0, 0, 8_000), call(1, 8_900, 9_500), call(2, 9_000, 9_700)])).toEqual([]);
    expect(gapsBetween([call(0, 0, null), call(1, 8_900, 9_500)])).toEqual([]);
  });
});
