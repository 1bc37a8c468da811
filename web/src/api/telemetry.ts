import { onCLS, onINP, onLCP } from "web-vitals";
import type { Measure, Measurement } from "./contract";
import { traceparentOf } from "./trace";

/** A page that is left says what it has measured then; one that stays says so now and then. */
const everyMs = 15_000;
/** As many as one request may have. */
const most = 32;

/** A page that slept for longer measured its sleep, and one such value would have all that goes with it refused. */
const longestMs = 600_000;

/** What was measured, and when that was. */
interface Measured {
  measure: Measure;
  value: number;
  at: number;
  /** The place in the trace of the practice it belongs to. */
  traceparent: string | undefined;
}

let waiting: Measured[] = [];
let timer: ReturnType<typeof setTimeout> | undefined;

/** Notes how long something took in milliseconds, in a practice or in none; of a layout shift, its score. */
export function measured(measure: Measure, value: number, sessionId: string | null = null): void {
  if (value > longestMs) return;
  waiting.push({ measure, value, at: performance.now(), traceparent: sessionId === null ? undefined : traceparentOf(sessionId) });
  timer ??= setTimeout(say, everyMs);
}

/** Nobody waits for it, and what cannot be said now is forgotten. */
function say(): void {
  clearTimeout(timer);
  timer = undefined;
  const measurements = waiting.slice(0, most).map(inWords);
  waiting = [];
  if (measurements.length === 0) return;
  fetch("/api/telemetry", {
    method: "POST",
    credentials: "same-origin",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ measurements }),
    // The page may be gone before the answer is there.
    keepalive: true,
  }).catch(() => undefined);
}

function inWords({ measure, value, at, traceparent }: Measured): Measurement {
  if (traceparent === undefined) return { measure, value };
  const ago = Math.round(performance.now() - at);
  // Long ago it cannot be said where it belongs.
  return ago > longestMs ? { measure, value } : { measure, value, place: { traceparent, ended_ms_ago: ago } };
}

/** Measures how pages appear, answer and stay in their place. */
export function startTelemetry(): void {
  onLCP(({ value }) => measured("largest_contentful_paint", value));
  onINP(({ value }) => measured("interaction_to_next_paint", value));
  onCLS(({ value }) => measured("cumulative_layout_shift", value));
  document.addEventListener("visibilitychange", () => {
    // After those above, which know their last value only now.
    if (document.visibilityState === "hidden") queueMicrotask(say);
  });
}
