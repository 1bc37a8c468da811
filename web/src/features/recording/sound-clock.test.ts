import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { SoundClock } from "./sound-clock";

/** An audio context as far as its clock goes. */
class Context extends EventTarget {
  state: AudioContextState = "running";
  runsAgain = true;
  resumed = 0;
  private ran = 0;
  private since = Date.now();

  get currentTime(): number {
    return this.ran + (this.state === "running" ? (Date.now() - this.since) / 1000 : 0);
  }

  becomes(state: AudioContextState): void {
    this.ran = this.currentTime;
    this.since = Date.now();
    this.state = state;
    this.dispatchEvent(new Event("statechange"));
  }

  resume(): Promise<void> {
    this.resumed += 1;
    if (!this.runsAgain) return Promise.reject(new DOMException("", "InvalidStateError"));
    return Promise.resolve().then(() => this.becomes("running"));
  }
}

let context: Context;
let clock: SoundClock;
let held: boolean[];
let stood: [from: number, to: number][];

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 });
  [context, held, stood] = [new Context(), [], []];
  clock = new SoundClock(context, { onHeld: (is) => held.push(is), onAgain: (from, to) => stood.push([from, to]) });
});

afterEach(() => {
  clock.stop();
  vi.useRealTimers();
});

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

describe("the clock of a practice", () => {
  it("is the context's while that runs", async () => {
    await pass(3_000);
    expect([clock.now, clock.placeOf(2)]).toEqual([3, 2]);
  });

  it("goes on while the context stands still, and after it", async () => {
    context.runsAgain = false;
    await pass(3_000);
    context.becomes("suspended");
    await pass(20_000);
    expect(clock.now).toBe(23);
    context.becomes("running");
    await pass(1_000);
    expect([clock.now, context.currentTime, clock.placeOf(context.currentTime)]).toEqual([24, 4, 24]);
    expect(stood).toEqual([[3, 23]]);
  });

  it("has it run again at once where the browser lets it, and bothers nobody", async () => {
    context.becomes("suspended");
    await pass(5_000);
    expect(context.state).toBe("running");
    expect(held).toEqual([false]);
  });

  it("asks for a click where the browser does not, until it runs", async () => {
    context.runsAgain = false;
    context.becomes("suspended");
    await pass(5_000);
    expect(held).toEqual([true]);
    context.becomes("running");
    expect(held).toEqual([true, false]);
  });

  it("tries again when the page is seen again, as after a phone call", async () => {
    context.runsAgain = false;
    context.becomes("suspended");
    await pass(5_000);
    context.runsAgain = true;
    document.dispatchEvent(new Event("visibilitychange"));
    await pass(0);
    expect([context.state, context.resumed, held.at(-1)]).toEqual(["running", 2, false]);
  });

  it("leaves alone what was closed", async () => {
    context.becomes("closed");
    await pass(5_000);
    expect([context.resumed, held]).toEqual([0, []]);
  });
});
