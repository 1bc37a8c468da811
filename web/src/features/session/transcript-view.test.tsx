import { render, screen } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import type { Transcript } from "@/api/contract";
import type { Playback } from "./playback";
import { TranscriptView } from "./transcript-view";

const playback = {
  subscribe: () => () => undefined,
  read: () => ({ playing: false, positionMs: 0, speed: 1, broken: false }),
} as unknown as Playback;

const turn = (item_id: string, call: number, start_ms: number) => ({
  item_id,
  call,
  start_ms,
  end_ms: start_ms + 900,
  speaker: "learner" as const,
  text: `words of ${item_id}`,
  state: "complete" as const,
});

function shown(transcript: Partial<Transcript>): string[] {
  render(
    <TranscriptView
      transcript={{ source: "live", revision: 1, final: true, approximate: false, turns: [], calls: [], ...transcript }}
      playback={playback}
      playable={false}
    />,
  );
  return screen.getAllByRole("listitem").map((item) => item.textContent);
}

describe("what was said", () => {
  it("says between two turns that the connection was lost, and for how long", () => {
    const items = shown({
      turns: [turn("a", 0, 1_000), turn("b", 0, 3_000), turn("c", 1, 17_000)],
      calls: [
        { number: 0, start_ms: 0, end_ms: 4_000 },
        { number: 1, start_ms: 16_000, end_ms: 20_000 },
      ],
    });
    expect(items).toHaveLength(4);
    expect(items[2]).toBe("Connection lost for 12 s");
    expect(items[3]).toContain("words of c");
  });

  it("says it once also where calls came and went without a word", () => {
    const items = shown({
      turns: [turn("a", 0, 1_000), turn("c", 2, 30_000)],
      calls: [
        { number: 0, start_ms: 0, end_ms: 2_000 },
        { number: 1, start_ms: 5_000, end_ms: 6_000 },
        { number: 2, start_ms: 26_000, end_ms: 31_000 },
      ],
    });
    expect(items.filter((item) => item.startsWith("Connection lost"))).toEqual(["Connection lost for 3 s", "Connection lost for 20 s"]);
  });
});
