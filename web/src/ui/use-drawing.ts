import { useEffect, useEffectEvent } from "react";

/** Enough for a level to look alive; twice as often would cost a phone twice the battery. */
const pauseMs = 1000 / 30;
/** For a learner who asked for less motion: what is shown steps, and does not dance. */
const calmPauseMs = 1000 / 5;

/** Draws again and again while it is `on`. `draw` is told how much time has passed, and whether its picture is to be calm. */
export function useDrawing(on: boolean, draw: (passedMs: number, calm: boolean) => void): void {
  const drawNow = useEffectEvent(draw);
  useEffect(() => {
    if (!on) return;
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    // Displays do not come exactly when they are due: half a picture early is early enough.
    const dueMs = (calm ? calmPauseMs : pauseMs) - 1000 / 120;
    let drawnAt = -Infinity;
    let frame = 0;
    const step = (time: number) => {
      const passedMs = time - drawnAt;
      if (passedMs >= dueMs) {
        drawNow(Math.min(passedMs, calmPauseMs), calm);
        drawnAt = time;
      }
      frame = requestAnimationFrame(step);
    };
    frame = requestAnimationFrame(step);
    return () => cancelAnimationFrame(frame);
  }, [on]);
}
