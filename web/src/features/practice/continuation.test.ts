import { describe, expect, it } from "vitest";
import type { Session, Turn } from "@/api/contract";
import { continuationOf } from "./continuation";

const turn = (item_id: string, end_ms: number, call = 0): Turn => ({
  item_id,
  speaker: "coach",
  start_ms: end_ms - 1_000,
  end_ms,
  text: item_id,
  state: "complete",
  call,
});

const startedAt = Date.parse("2026-11-21T12:00:00Z");

function session(turns: Turn[], revision = turns.length): Session {
  return { started_at: "2026-11-21T12:00:00Z", transcript: { revision, turns, calls: [] } } as unknown as Session;
}

const nothing = { draft: null, zero: null };

describe("where a practice goes on", () => {
  it("is its beginning when nothing was said or recorded", () => {
    expect(continuationOf(session([]), nothing, [], startedAt + 90_000).fromMs).toBe(0);
  });

  it("is the time that has passed since its clock began", () => {
    expect(continuationOf(session([turn("A1", 5_000)]), { draft: null, zero: startedAt + 4_000 }, [], startedAt + 90_000).fromMs).toBe(86_000);
  });

  it("is the time since the session was started, where this browser knows no better", () => {
    expect(continuationOf(session([turn("A1", 5_000)]), nothing, [], startedAt + 90_000).fromMs).toBe(90_000);
  });

  it("is never before the end of what was said, whatever a clock says", () => {
    expect(continuationOf(session([turn("A1", 95_000)]), { draft: null, zero: startedAt }, [], startedAt - 60_000).fromMs).toBe(95_000);
  });

  it("takes the words of this browser when the server has fewer", () => {
    const draft = { revision: 3, turns: [turn("A1", 5_000), turn("A2", 9_000)], calls: [{ number: 0, start_ms: 0, end_ms: null }] };
    const from = continuationOf(session([turn("A1", 5_000)], 2), { draft, zero: startedAt }, [], startedAt + 20_000);
    expect(from).toMatchObject({ turns: draft.turns, calls: draft.calls });
    expect(continuationOf(session([turn("A1", 5_000)], 3), { draft, zero: startedAt }, [], startedAt + 20_000).turns).toHaveLength(1);
  });
});
