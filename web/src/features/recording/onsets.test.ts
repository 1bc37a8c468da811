import { describe, expect, it } from "vitest";
import { type Edge, OnsetDetector } from "./onsets";

const window = 0.01;

/** The edges of a sound given as loudness per ten milliseconds. */
function edgesOf(loudness: readonly number[]): Edge[] {
  const detector = new OnsetDetector(0.0025);
  return loudness.flatMap((level, index) => {
    const edge = detector.push(level, index * window, (index + 1) * window);
    return edge === null ? [] : [edge];
  });
}

const times = (count: number, level: number) => Array.from({ length: count }, () => level);

describe("the onset detector", () => {
  it("dates an onset to the first loud window and an offset to the end of the last", () => {
    const edges = edgesOf([...times(100, 0.0002), ...times(80, 0.1), ...times(60, 0.0002)]);
    expect(edges.map(({ edge, at }) => [edge, Number(at.toFixed(3))])).toEqual([
      ["onset", 1],
      ["offset", 1.8],
    ]);
  });

  it("takes no click for a sound", () => {
    expect(edgesOf([...times(50, 0.0002), 0.5, 0.4, ...times(50, 0.0002)])).toEqual([]);
  });

  it("hears a word with a closure inside as one sound", () => {
    expect(edgesOf([...times(50, 0.0002), ...times(20, 0.1), ...times(12, 0.0002), ...times(20, 0.1), ...times(50, 0)])).toHaveLength(2);
  });

  it("hears a voice above a steady noise, and not the noise", () => {
    const edges = edgesOf([...times(600, 0.004), ...times(80, 0.08), ...times(60, 0.004)]);
    const onsets = edges.filter(({ edge, at }) => edge === "onset" && at > 3);
    expect(onsets.map(({ at }) => Number(at.toFixed(2)))).toEqual([6]);
  });
});
