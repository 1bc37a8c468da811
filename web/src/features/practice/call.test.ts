import { describe, expect, it } from "vitest";
import { type Call, type CallEvent, type Effect, isPrecious, mayEnd, newCall, next, phases } from "./call";
import type { Cause, NoLine } from "./no-line";
import { patience, type World } from "./redial";

const trouble = { code: "ICE_FAILED", reference: "abc" } as const;
const start: World = { now: 1_000_000, online: true, random: 0.5 };

const connected: CallEvent = { kind: "connected" };
const lost: CallEvent = { kind: "over", how: "lost", timeIsUp: false };
const hungUp: CallEvent = { kind: "over", how: "hung-up", timeIsUp: false };
const noLine = (cause: Cause, retryAfterMs: number | null = null): CallEvent => {
  const failure: NoLine = { cause, trouble: { code: "PROVIDER_BUSY", reference: null }, retryAfterMs };
  return { kind: "no-line", failure };
};

/** A call to which things happen, and time passes. */
class Story {
  call: Call;
  world: World = { ...start };
  effects: readonly Effect[] = [];

  constructor(call: Partial<Call> = {}) {
    this.call = { ...newCall, ...call };
  }

  then(...events: CallEvent[]): this {
    for (const event of events) ({ call: this.call, effects: this.effects } = next(this.call, event, this.world));
    return this;
  }

  later(ms: number): this {
    this.world = { ...this.world, now: this.world.now + ms };
    return this;
  }

  online(online: boolean): this {
    this.world = { ...this.world, online };
    return this.then({ kind: online ? "online" : "offline" });
  }

  /** What is done, by name. */
  get does(): string[] {
    return this.effects.map((effect) => (effect.do === "wake" ? `wake ${effect.afterMs}` : effect.do));
  }
}

const talking = () => new Story().then({ kind: "dial" }, connected).later(60_000);

describe("a call", () => {
  it("goes through an exchange phase by phase", () => {
    const story = new Story().then({ kind: "dial" });
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
    expect(seen.map((event) => story.then(event).call.phase)).toEqual([
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
    const story = talking().then({ kind: "coach-audible" }, { kind: "learner-started" });
    expect(story.call.phase).toBe("listening");
    expect(story.then({ kind: "coach-silent" }).call.phase).toBe("listening");
  });

  it("stops thinking when the reply was cancelled before it was heard", () => {
    const story = talking().then({ kind: "learner-stopped" }, { kind: "reply-started" }, { kind: "reply-finished" });
    expect(story.call.phase).toBe("listening");
  });

  it("stops thinking when no reply comes", () => {
    expect(talking().then({ kind: "learner-stopped" }, { kind: "reply-awaited-in-vain" }).call.phase).toBe("listening");
  });

  it("ends through saving to saved", () => {
    const story = talking().then({ kind: "learner-started" }, { kind: "end", reason: "learner" });
    expect(story.call).toMatchObject({ phase: "ending", endReason: "learner" });
    expect(story.effects).toContainEqual({ do: "finish", learnerSpeaking: true });
    expect(story.does, "the line is needed for the last words").not.toContain("hang-up");
    expect(story.then({ kind: "settled" }).does).toContain("save");
    expect(story.then({ kind: "saved", durationMs: 61_000, lostTurns: 0 }).call).toMatchObject({ phase: "saved", durationMs: 61_000 });
  });

  it("saves what was said when it was ended elsewhere, and keeps the cause", () => {
    const story = talking().then({ kind: "broken", trouble });
    expect(story.call).toMatchObject({ phase: "ending", endReason: "learner", trouble });
  });

  it("saves again on retry when saving failed", () => {
    const pending = { code: "SAVE_PENDING", reference: null } as const;
    const story = talking().then({ kind: "end", reason: "learner" }, { kind: "settled" });
    for (const wait of ["wake 500", "wake 1500", "wake 3000"]) {
      expect(story.then({ kind: "unsaved", trouble: pending }).does).toEqual([wait]);
      expect(story.call, "nobody need know yet").toMatchObject({ phase: "saving", trouble: null });
      expect(story.then({ kind: "woken" }).does).toContain("save");
    }
    story.then({ kind: "unsaved", trouble: pending });
    expect(story.call).toMatchObject({ phase: "failed", broke: "saving" });
    expect(isPrecious(story.call)).toBe(true);
    const told = { ...story.call };
    expect(story.then({ kind: "online" }).does, "the learner need not click").toContain("save");
    expect(story.call).toEqual(told);
    expect(story.then({ kind: "retry" }).call).toMatchObject({ phase: "saving", trouble: null, endReason: "learner" });
    expect(story.does).toContain("save");
  });

  it("goes on trying for as long as it is open, at least every sixteen seconds", () => {
    const pending = { code: "SAVE_PENDING", reference: null } as const;
    const story = talking().then({ kind: "end", reason: "learner" }, { kind: "settled" });
    story.world.random = 0.999;
    for (let times = 1; times <= 20; times += 1) {
      const [effect] = story.then({ kind: "unsaved", trouble: pending }).effects;
      expect(effect).toMatchObject({ do: "wake" });
      expect(effect?.do === "wake" ? effect.afterMs : Infinity).toBeLessThanOrEqual(16_000);
    }
    expect(story.then({ kind: "saved", durationMs: 9_000, lostTurns: 0 }).call).toMatchObject({ phase: "saved", trouble: null });
  });

  it("does not try by itself what only the learner can put right", () => {
    const trouble = { code: "SIGNED_OUT", reference: null } as const;
    const story = talking().then({ kind: "end", reason: "learner" }, { kind: "settled" }, { kind: "unsaved", trouble });
    expect(story.call).toMatchObject({ phase: "failed", broke: "saving", trouble });
    expect(story.does).toEqual(["let-sleep"]);
    expect([isPrecious(story.call), isPrecious(story.call, false)]).toEqual([false, true]);
  });

  it("is trouble when it was ended elsewhere before all of it came", () => {
    const story = talking().then({ kind: "end", reason: "learner" }, { kind: "settled" }, { kind: "saved", durationMs: 9_000, lostTurns: 2 });
    expect(story.call).toMatchObject({ phase: "saved", lostTurns: 2, trouble: { code: "ALREADY_ENDED" } });
  });

  it("ignores late news once it is over", () => {
    const late: CallEvent[] = [
      connected,
      lost,
      noLine("unreachable"),
      { kind: "woken" },
      { kind: "shaky" },
      { kind: "learner-started" },
      { kind: "coach-audible" },
      { kind: "end", reason: "coach" },
      { kind: "broken", trouble },
      { kind: "retry" },
    ];
    for (const phase of ["saved", "ending"] as const) {
      const over = { ...newCall, phase };
      for (const event of late) expect(next(over, event, start)).toEqual({ call: over, effects: [] });
    }
  });

  it("can be muted in every phase without leaving it", () => {
    for (const phase of phases) {
      const { call, effects } = next({ ...newCall, phase }, { kind: "muted", muted: true }, start);
      expect(call).toMatchObject({ phase, muted: true });
      expect(effects).toEqual([]);
    }
  });
});

describe("a line that is lost", () => {
  it("has two seconds to come back by itself", () => {
    const story = talking().then({ kind: "shaky" });
    expect(story.does).toEqual(["wake 2000"]);
    expect(story.call.phase).toBe("listening");
    expect(story.later(1_500).then({ kind: "steady" }).does).toEqual(["let-sleep"]);
    expect(story.later(1_000).then({ kind: "woken" }).call.phase).toBe("listening");
  });

  it("is replaced when it does not, and the search counts from the moment of silence", () => {
    const story = talking().then({ kind: "shaky" });
    const silentSince = story.world.now;
    story.later(patience.graceMs).then({ kind: "woken" });
    expect(story.call).toMatchObject({ phase: "reconnecting", search: { state: "dialling", since: silentSince } });
    expect(story.does).toEqual(["hang-up", "dial", "wake 60000"]);
    expect(story.then(connected).call).toMatchObject({ phase: "listening", search: null });
  });

  it("is replaced at once when the transport says that it is gone", () => {
    const story = talking().then({ kind: "coach-audible" }, lost);
    expect(story.call).toMatchObject({ phase: "reconnecting", coachAudible: false, learnerSpeaking: false });
    expect(story.does).toContain("dial");
  });

  it("is not given a grace when the network is gone, and is looked for when it is back", () => {
    const story = talking().online(false);
    expect(story.call.phase, "sound may travel on, whatever the browser thinks").toBe("listening");
    story.then({ kind: "shaky" });
    expect(story.call).toMatchObject({ phase: "reconnecting", search: { state: "offline" } });
    expect(story.does).toEqual(["hang-up", "wake 60000"]);
    story.later(9_000).online(true);
    expect(story.does).toContain("dial");
  });

  it("is not given the rest of its grace when the network goes meanwhile", () => {
    expect(talking().then({ kind: "shaky" }).online(false).call.phase).toBe("reconnecting");
  });

  it("is dialled anew when the network comes back during an attempt", () => {
    const story = talking().then(lost).online(false);
    expect(story.does, "the attempt may yet get through").toEqual([]);
    expect(story.online(true).does).toEqual(["hang-up", "dial", "wake 60000"]);
  });

  it("can be muted and ended while it is looked for", () => {
    const story = talking().then(lost, { kind: "muted", muted: true });
    expect(story.call).toMatchObject({ phase: "reconnecting", muted: true });
    expect(mayEnd(story.call)).toBe(true);
    expect(isPrecious(story.call)).toBe(true);
    story.then({ kind: "end", reason: "learner" });
    expect(story.call).toMatchObject({ phase: "ending", endReason: "learner", search: null, muted: true });
    expect(story.does).toEqual(["let-sleep", "hang-up", "finish"]);
  });

  it("is given up after the window; then there is a way on, and a way to save", () => {
    const story = talking().then(lost);
    const from = story.world.now;
    let attempts = 0;
    while (story.call.phase === "reconnecting") {
      attempts += 1;
      story.later(1_000).then(noLine("unreachable"));
      const [effect] = story.effects;
      if (effect?.do === "wake") story.later(effect.afterMs).then({ kind: "woken" });
    }
    expect(story.world.now - from).toBeGreaterThan(patience.searchMs - 5_000);
    expect(story.world.now - from).toBeLessThanOrEqual(patience.searchMs + 1_000);
    expect(attempts).toBeGreaterThan(20);
    expect(story.call).toMatchObject({ phase: "failed", broke: "calling", held: true });
    expect(isPrecious(story.call)).toBe(true);
    const again = new Story(story.call).then({ kind: "retry" });
    expect(again.call).toMatchObject({ phase: "reconnecting", trouble: null });
    expect(again.does).toContain("dial");
    story.then({ kind: "end", reason: "connection_lost" });
    expect(story.call).toMatchObject({ phase: "ending", endReason: "connection_lost" });
  });

  it("is given up after the window when the attempt at it hangs", () => {
    const story = talking().then(lost);
    expect(story.later(patience.searchMs - 1).then({ kind: "woken" }).call.phase).toBe("reconnecting");
    expect(story.later(1).then({ kind: "woken" }).call).toMatchObject({ phase: "failed", broke: "calling", held: true });
    expect(story.does).toContain("hang-up");
  });

  it("is given up after the window when the network never comes back, and is OFFLINE", () => {
    const story = talking().then({ kind: "shaky" }).online(false).later(patience.searchMs).then({ kind: "woken" });
    expect(story.call).toMatchObject({ phase: "failed", broke: "calling", trouble: { code: "OFFLINE" } });
  });
});

describe("the other side hangs up", () => {
  it("ends by the limit when the time is up, whoever says so", () => {
    for (const how of ["lost", "hung-up", "expired"] as const) {
      const story = talking().then({ kind: "over", how, timeIsUp: true });
      expect(story.call).toMatchObject({ phase: "ending", endReason: "time_limit", trouble: null });
    }
  });

  it("is called again: the provider's own limit is none of ours", () => {
    for (const how of ["hung-up", "expired"] as const) {
      const story = talking().then({ kind: "over", how, timeIsUp: false });
      expect(story.call.phase).toBe("reconnecting");
      expect(story.does).toContain("dial");
    }
  });

  it("is believed when it hangs up at once, twice", () => {
    const story = new Story().then({ kind: "dial" }, connected).later(1_000).then(hungUp);
    expect(story.call.phase).toBe("reconnecting");
    story.then(connected).later(1_000).then(hungUp);
    expect(story.call).toMatchObject({ phase: "ending", endReason: "coach" });
  });

  it("is not believed when there was a conversation in between", () => {
    const story = new Story().then({ kind: "dial" }, connected).later(1_000).then(hungUp, connected).later(60_000).then(hungUp, connected);
    expect(story.later(1_000).then(hungUp).call.phase).toBe("reconnecting");
  });
});

describe("a failed attempt in the middle of a practice", () => {
  const searching = () => talking().then(lost);

  it.each([
    ["unreachable", "wake 200"],
    ["no-way", "wake 200"],
    ["failing", "wake 500"],
    ["busy", "wake 500"],
    ["often", "wake 500"],
  ] as const)("%s: tries again by itself after a while", (cause, does) => {
    const story = searching().then(noLine(cause));
    expect(story.call.phase).toBe("reconnecting");
    expect(story.does).toEqual([does]);
    expect(story.later(1_000).then({ kind: "woken" }).does).toContain("dial");
  });

  it.each(["busy", "failing", "often"] as const)("%s: leaves the other side alone as long as it asks, network or not", (cause) => {
    const story = searching().then(noLine(cause, 7_000));
    expect(story.does).toEqual(["wake 7125"]);
    expect(story.call.search).toMatchObject({ state: "waiting", asked: true });
    expect(story.online(false).online(true).does).toEqual([]);
    expect(story.later(7_125).then({ kind: "woken" }).does).toContain("dial");
  });

  it("says so at once when it is asked to wait longer than it would", () => {
    expect(searching().then(noLine("busy", 120_000)).call).toMatchObject({ phase: "failed", broke: "calling" });
  });

  it("secret: asks for another at once, without a click", () => {
    const story = searching().then(noLine("secret"));
    expect(story.does).toEqual(["wake 0"]);
    expect(story.then({ kind: "woken" }).does).toContain("dial");
    expect(story.then(connected).call.phase).toBe("listening");
  });

  it("secret: says so when the second one is refused as well", () => {
    const story = searching().then(noLine("secret"), { kind: "woken" }, noLine("secret"));
    expect(story.call).toMatchObject({ phase: "failed", broke: "calling" });
  });

  it("secret: is not held against one that is refused long after", () => {
    const story = searching().then(noLine("secret"), { kind: "woken" }, noLine("unreachable")).later(1_000);
    expect(story.then({ kind: "woken" }, noLine("secret")).call.phase).toBe("reconnecting");
  });

  it("minutes: ends by the limit, saves, and says that they are used up", () => {
    const story = searching().then(noLine("minutes"));
    expect(story.call).toMatchObject({ phase: "ending", endReason: "time_limit", trouble: { code: "PROVIDER_BUSY" } });
    expect(story.does).toContain("finish");
  });

  it("time-up: ends by the limit, which is no trouble", () => {
    expect(searching().then(noLine("time-up")).call).toMatchObject({ phase: "ending", endReason: "time_limit", trouble: null });
  });

  it.each(["ended", "gone"] as const)("%s: goes to what was saved", (cause) => {
    expect(searching().then(noLine(cause)).call).toMatchObject({ phase: "ending", endReason: "learner" });
  });

  it.each(["signed-out", "refused"] as const)("%s: asks the learner at once, with everything kept", (cause) => {
    const story = searching().then(noLine(cause));
    expect(story.call).toMatchObject({ phase: "failed", broke: "calling", held: true });
    expect(mayEnd(story.call)).toBe(true);
  });

  it("signed-out: does not stand in the way of signing in", () => {
    const failure: NoLine = { cause: "signed-out", trouble: { code: "SIGNED_OUT", reference: null }, retryAfterMs: null };
    expect(isPrecious(searching().then({ kind: "no-line", failure }).call)).toBe(false);
  });

  it("offline: waits for the network and nothing else", () => {
    const story = searching().later(10_000).then(noLine("offline"));
    expect(story.does).toEqual(["hang-up", "wake 50000"]);
    expect(story.online(true).does).toContain("dial");
  });

  it("waits no longer for its turn when the network is back", () => {
    const story = searching().then(noLine("unreachable"));
    expect(story.online(true).does).toEqual(["hang-up", "dial", "wake 60000"]);
  });

  it("waits anything up to a bound that doubles, and never longer than two seconds for a network", () => {
    const story = searching();
    story.world.random = 0.999;
    const waits = Array.from({ length: 6 }, () => {
      story.then(noLine("unreachable"));
      const wait = story.effects.flatMap((effect) => (effect.do === "wake" ? [effect.afterMs] : []))[0] ?? -1;
      story.later(wait).then({ kind: "woken" });
      return wait;
    });
    expect(waits).toEqual([400, 799, 1_598, 1_998, 1_998, 1_998]);
  });
});

describe("the first call", () => {
  it.each(["unreachable", "no-way", "failing", "busy", "often"] as const)("%s: is tried three times before the learner is asked", (cause) => {
    const story = new Story().then({ kind: "dial" });
    for (const attempt of [1, 2]) {
      story.then(noLine(cause));
      expect(story.call, `after attempt ${attempt}`).toMatchObject({ phase: "connecting", search: { attempts: attempt, state: "waiting" } });
      story.later(2_000).then({ kind: "woken" });
      expect(story.does).toContain("dial");
    }
    story.then(noLine(cause));
    expect(story.call).toMatchObject({ phase: "failed", broke: "calling", held: false });
    expect(isPrecious(story.call)).toBe(false);
    expect(story.then({ kind: "retry" }).call).toMatchObject({ phase: "connecting" });
  });

  it.each(["time-up", "minutes", "signed-out", "ended", "gone", "refused"] as const)("%s: is said at once", (cause) => {
    expect(new Story().then({ kind: "dial" }, noLine(cause)).call).toMatchObject({ phase: "failed", broke: "calling" });
  });

  it("fails when the session is ended elsewhere before anybody spoke", () => {
    const story = new Story().then({ kind: "dial" }, { kind: "broken", trouble });
    expect(story.call).toMatchObject({ phase: "failed", broke: "calling", trouble });
    expect(story.does).toContain("hang-up");
  });

  it("of a practice that goes on has as much patience as any other, and can be ended", () => {
    const story = new Story({ held: true }).then({ kind: "dial" });
    expect(story.call.search?.until).toBe(start.now + patience.searchMs);
    expect(story.then({ kind: "end", reason: "learner" }).call.phase).toBe("ending");
  });
});
