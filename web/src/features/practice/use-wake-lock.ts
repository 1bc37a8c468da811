import { useEffect } from "react";

/** Keeps the screen on while it is wanted: a phone that locks takes the microphone away. A browser that cannot does without. */
export function useWakeLock(wanted: boolean): void {
  useEffect(() => {
    const { wakeLock } = navigator as { wakeLock?: WakeLock };
    if (!wanted || wakeLock === undefined) return;
    const over = new AbortController();
    const ask = async () => {
      if (document.visibilityState !== "visible") return;
      const lock = await wakeLock.request("screen");
      if (over.signal.aborted) await lock.release();
      else over.signal.addEventListener("abort", () => void lock.release());
    };
    const askQuietly = () => void ask().catch(() => undefined);
    askQuietly();
    // The browser lets go of it by itself when the tab is hidden.
    document.addEventListener("visibilitychange", askQuietly, { signal: over.signal });
    return () => over.abort();
  }, [wanted]);
}
