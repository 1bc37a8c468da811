import { useEffect, useState, useSyncExternalStore } from "react";
import type { PracticeCall, Snapshot } from "./practice-call";

/** The one bridge between a practice and React. */
export function useCall(practice: PracticeCall): Snapshot {
  return useSyncExternalStore(practice.subscribe, practice.read);
}

/** The session clock, read often enough to show seconds. */
export function useElapsed(now: () => number): number {
  const [elapsed, setElapsed] = useState(now);
  useEffect(() => {
    const timer = setInterval(() => setElapsed(now()), 250);
    return () => clearInterval(timer);
  }, [now]);
  return elapsed;
}
