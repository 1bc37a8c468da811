import { describe, expect, it } from "vitest";
import { type Call, type CallEvent, isPrecious, newCall, next, phases } from "./call";

const trouble = { code: "ICE_FAILED", reference: "abc" } as const;

function after(...events: CallEvent[]): Call {
  return events.reduce(next, newCall);
}

const connected: CallEvent = { kind: "connected" };

describe("a call", () => {
  it("goes through an exchange phase by phase", () => {
    const seen = [
      { kind: "connected" },
      { kind: "reply-started" },
      { kind: "coach-audible" },
      { kind: "reply-finished" },
      { kind: "coach-silent" },
      { kind: "learner-started" },
      { kind: "learner-stopped" },
      { kind: "reply-started" },
      { kind: "coach-audible" },
    ] satisfies CallEvent[];
    let call = newCall;
    const walked = seen.map((event) => {
      call = next(call, event);
      return call.phase;
    });
    expect(walked).toEqual([
      "listening",
      "thinking",
      "speaking",
      "speaking",
      "listening",
      "listening",
      "thinking",
      "thinking",
      "speaking",
    ]);
  });

  it("listens as soon as the learner interrupts", () => {
    const call = after(connected, { kind: "coach-audible" }, { kind: "learner-started" });
    expect(call.phase).toBe("listening");
    expect(next(call, { kind: "coach-silent" }).phase).toBe("listening");
  });

  it("stops thinking when the reply was cancelled before it was heard", () => {
    const call = after(connected, { kind: "learner-stopped" }, { kind: "reply-started" }, { kind: "reply-finished" });
    expect(call.phase).toBe("listening");
  });

  it("stops thinking when no reply comes", () => {
    expect(after(connected, { kind: "learner-stopped" }, { kind: "reply-awaited-in-vain" }).phase).toBe("listening");
  });

  it("ends through saving to saved", () => {
    const ending = after(connected, { kind: "end", reason: "learner" });
    expect(ending).toMatchObject({ phase: "ending", endReason: "learner" });
    const saved = [{ kind: "settled" } as const, { kind: "saved", durationMs: 61_000 } as const].reduce<Call>(next, ending);
    expect(saved).toMatchObject({ phase: "saved", durationMs: 61_000 });
  });

  it("saves what was said when it breaks, and keeps the cause", () => {
    const call = after(connected, { kind: "broken", reason: "connection_lost", trouble });
    expect(call).toMatchObject({ phase: "ending", endReason: "connection_lost", trouble });
  });

  it("fails when it never came about, and calls again on retry", () => {
    const call = after({ kind: "broken", reason: "connection_lost", trouble });
    expect(call).toMatchObject({ phase: "failed", broke: "calling" });
    expect(next(call, { kind: "retry" })).toEqual(newCall);
  });

  it("saves again on retry when saving failed", () => {
    const pending = { code: "SAVE_PENDING", reference: null } as const;
    const call = after(connected, { kind: "end", reason: "learner" }, { kind: "settled" }, { kind: "broken", reason: "learner", trouble: pending });
    expect(call).toMatchObject({ phase: "failed", broke: "saving" });
    expect(isPrecious(call)).toBe(true);
    expect(next(call, { kind: "retry" })).toMatchObject({ phase: "saving", trouble: null, endReason: "learner" });
  });

  it("ignores late news once it is over", () => {
    const late: CallEvent[] = [
      connected,
      { kind: "learner-started" },
      { kind: "coach-audible" },
      { kind: "end", reason: "coach" },
      { kind: "broken", reason: "connection_lost", trouble },
      { kind: "retry" },
    ];
    const saved = { ...newCall, phase: "saved" as const };
    for (const event of late) expect(next(saved, event)).toBe(saved);
    const ending = after(connected, { kind: "end", reason: "learner" });
    for (const event of late) expect(next(ending, event)).toBe(ending);
  });

  it("can be muted in every phase without leaving it", () => {
    for (const phase of phases) {
      expect(next({ ...newCall, phase }, { kind: "muted", muted: true })).toMatchObject({ phase, muted: true });
    }
  });
});
