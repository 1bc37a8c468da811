import { describe, expect, it } from "vitest";
import { EchoDetector, likenessOf } from "./echo";

/** Loudness of speech: syllables of about five a second, in phrases; another seed is another speaker. */
function speech(steps: number, seed: number): number[] {
  let state = seed;
  const random = () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
  let [loud, left] = [0, 0];
  return Array.from({ length: steps }, () => {
    left -= 1;
    if (left <= 0) {
      loud = random() < 0.2 ? 0 : 0.05 + 0.25 * random();
      left = 3 + Math.floor(3 * random());
    }
    return loud * (0.7 + 0.6 * random());
  });
}

/** What a microphone near a loudspeaker hears: later, quieter, with a room around it. */
function heardBack(out: readonly number[], delay: number, gain: number): number[] {
  return out.map((_, at) => 0.002 + gain * (out[at - delay] ?? 0) + 0.3 * gain * (out[at - delay - 1] ?? 0));
}

describe("an echo", () => {
  it.each([
    [0, 1],
    [2, 0.5],
    [5, 0.3],
    [8, 0.2],
  ])("is known %i steps later at %f of the loudness", (delay, gain) => {
    const coach = speech(40, 7);
    expect(likenessOf(coach, heardBack(coach, delay, gain))).toBeGreaterThan(0.8);
  });

  it("is not what is left of it when it can hardly be heard", () => {
    const coach = speech(40, 7);
    expect(likenessOf(coach, heardBack(coach, 2, 0.01))).toBe(0);
  });

  it("is neither silence nor a steady noise", () => {
    const coach = speech(40, 7);
    expect(likenessOf(coach, coach.map(() => 0))).toBe(0);
    expect(likenessOf(coach, coach.map((_, at) => 0.05 + 0.0005 * (at % 3)))).toBeLessThan(0.6);
  });
});

describe("the echo detector", () => {
  const sentence = 120;

  it("says once that the microphone hears the coach", () => {
    const detector = new EchoDetector();
    const coach = speech(sentence, 3);
    const learner = heardBack(coach, 3, 0.5);
    const said = coach.filter((level, at) => detector.push({ coach: level, learner: learner[at] ?? 0 }, true));
    expect(said).toHaveLength(1);
    expect(coach.some((level, at) => detector.push({ coach: level, learner: learner[at] ?? 0 }, true))).toBe(false);
  });

  it("says so too when the echo interrupts the coach again and again", () => {
    const detector = new EchoDetector();
    const coach = speech(2 * sentence, 11);
    const learner = heardBack(coach, 2, 0.6);
    const said = coach.filter((level, at) => detector.push({ coach: level, learner: learner[at] ?? 0 }, at % 40 < 18));
    expect(said).toHaveLength(1);
  });

  it("takes no learner for an echo who talks over the coach", () => {
    let mistaken = 0;
    for (let seed = 1; seed <= 200; seed += 1) {
      const detector = new EchoDetector();
      const [coach, learner] = [speech(sentence, seed), speech(sentence, seed * 31 + 5)];
      if (coach.some((level, at) => detector.push({ coach: level, learner: learner[at] ?? 0 }, true))) mistaken += 1;
    }
    expect(mistaken).toBeLessThanOrEqual(2);
  });

  it("does not listen while the coach is silent", () => {
    const detector = new EchoDetector();
    const coach = speech(sentence, 3);
    expect(coach.some((level) => detector.push({ coach: level, learner: level }, false))).toBe(false);
  });
});
