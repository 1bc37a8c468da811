import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { PushToTalk } from "./push-to-talk";

let did: string[];
let coachHasTheFloor: boolean;
let key: PushToTalk;

beforeEach(() => {
  vi.useFakeTimers();
  did = [];
  coachHasTheFloor = false;
  const note = (what: string) => () => void did.push(what);
  key = new PushToTalk(
    {
      coachHasTheFloor: () => coachHasTheFloor,
      interrupt: note("interrupt"),
      open: note("open"),
      close: note("close"),
      finish: note("finish"),
      forget: note("forget"),
      onSpeaking: (speaking) => void did.push(speaking ? "speaking" : "done"),
    },
    () => Date.now(),
  );
});

afterEach(() => vi.useRealTimers());

describe("speaking by hand", () => {
  it("lasts as long as the key is held, and a moment for the sound on its way", () => {
    key.down();
    vi.advanceTimersByTime(3_000);
    expect(did).toEqual(["open", "speaking"]);
    key.up();
    expect(did).toEqual(["open", "speaking", "done"]);
    vi.advanceTimersByTime(1_000);
    expect(did).toEqual(["open", "speaking", "done", "close", "finish"]);
  });

  it("begins with a tap and ends with the next", () => {
    key.down();
    vi.advanceTimersByTime(100);
    key.up();
    vi.advanceTimersByTime(5_000);
    expect(key.isSpeaking).toBe(true);
    key.down();
    vi.advanceTimersByTime(100);
    key.up();
    vi.advanceTimersByTime(1_000);
    expect(did).toEqual(["open", "speaking", "done", "close", "finish"]);
  });

  it("ends with a press that has no length, as it began", () => {
    key.toggle();
    vi.advanceTimersByTime(2_000);
    expect(key.isSpeaking).toBe(true);
    key.toggle();
    vi.advanceTimersByTime(1_000);
    expect(did).toEqual(["open", "speaking", "done", "close", "finish"]);
  });

  it("interrupts a coach who has the floor, before the learner is heard", () => {
    coachHasTheFloor = true;
    key.down();
    expect(did).toEqual(["interrupt", "open", "speaking"]);
  });

  it("goes on when the key goes down again at once", () => {
    key.down();
    vi.advanceTimersByTime(2_000);
    key.up();
    vi.advanceTimersByTime(100);
    key.down();
    vi.advanceTimersByTime(2_000);
    key.up();
    vi.advanceTimersByTime(1_000);
    expect(did.filter((what) => what === "open")).toHaveLength(1);
    expect(did.filter((what) => what === "finish")).toHaveLength(1);
  });

  it("that was a slip of the finger asks for no reply", () => {
    key.toggle();
    vi.advanceTimersByTime(100);
    key.toggle();
    vi.advanceTimersByTime(1_000);
    expect(did).toEqual(["open", "speaking", "done", "close", "forget"]);
  });

  it("ends when the key is lost from sight, and a locked one stays", () => {
    key.down();
    vi.advanceTimersByTime(1_000);
    key.lose();
    expect(key.isSpeaking).toBe(false);
    vi.advanceTimersByTime(1_000);
    key.toggle();
    key.lose();
    expect(key.isSpeaking).toBe(true);
  });

  it("asks for nothing any more once the line is gone", () => {
    key.down();
    vi.advanceTimersByTime(1_000);
    expect(key.stop()).toBe(true);
    vi.advanceTimersByTime(1_000);
    expect(did).toEqual(["open", "speaking", "done", "close"]);
    expect(key.stop()).toBe(false);
  });
});
