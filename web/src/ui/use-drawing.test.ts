import { renderHook } from "@testing-library/react";
import { describe, expect, it, vi } from "vitest";
import { useDrawing } from "./use-drawing";

/** How often something is drawn in a second of a display that shows 60 pictures. */
function drawnInASecond(calm: boolean): { times: number; passedMs: number } {
  vi.stubGlobal("matchMedia", () => ({ matches: calm }));
  let next: FrameRequestCallback | undefined;
  vi.stubGlobal("requestAnimationFrame", (frame: FrameRequestCallback) => {
    next = frame;
    return 1;
  });
  const draw = vi.fn<(passedMs: number, calm: boolean) => void>();
  const { unmount } = renderHook(() => useDrawing(true, draw));
  for (let picture = 0; picture < 60; picture++) next?.((picture * 1000) / 60);
  unmount();
  vi.unstubAllGlobals();
  expect(draw.mock.calls.every(([, isCalm]) => isCalm === calm)).toBe(true);
  return { times: draw.mock.calls.length, passedMs: draw.mock.calls.slice(1).reduce((sum, [passed]) => sum + passed, 0) };
}

describe("what is drawn again and again", () => {
  it("is drawn 30 times a second, and knows the time in between", () => {
    const { times, passedMs } = drawnInASecond(false);
    expect(times).toBe(30);
    expect(passedMs).toBeCloseTo((58 * 1000) / 60);
  });

  it("is drawn five times a second for whoever asked for less motion", () => {
    expect(drawnInASecond(true).times).toBe(5);
  });

  it("is not drawn while it is off", () => {
    const frames = vi.spyOn(globalThis, "requestAnimationFrame");
    renderHook(() => useDrawing(false, () => undefined));
    expect(frames).not.toHaveBeenCalled();
  });
});
