import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { measured, startTelemetry } from "./telemetry";
import { rememberTrace } from "./trace";

// The page of a test is never painted: each says its value when it is asked to.
vi.mock("web-vitals", () => {
  const saying = (value: number) => (hear: (metric: { value: number }) => void) =>
    document.addEventListener("visibilitychange", () => hear({ value }), { once: true });
  return { onLCP: saying(800), onINP: saying(40), onCLS: saying(0.02) };
});

interface Sent {
  measurements: { measure: string; value: number; place?: object }[];
}

const sent = vi.fn<(url: string, init: RequestInit) => Promise<Response>>();

function bodies(): Sent[] {
  return sent.mock.calls.map(([, { body }]) => JSON.parse(body as string) as Sent);
}

async function leaves(): Promise<void> {
  vi.spyOn(document, "visibilityState", "get").mockReturnValue("hidden");
  document.dispatchEvent(new Event("visibilitychange"));
  await Promise.resolve();
}

beforeEach(() => {
  vi.useFakeTimers();
  sent.mockReset().mockResolvedValue(new Response(null, { status: 204 }));
  vi.stubGlobal("fetch", sent);
});

afterEach(() => {
  vi.runOnlyPendingTimers();
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

test("what is measured is said after a while, together and once", () => {
  measured("reply", 700);
  measured("first_sound", 1200);
  expect(sent).not.toHaveBeenCalled();
  vi.advanceTimersByTime(15_000);
  vi.advanceTimersByTime(15_000);
  expect(bodies()).toEqual([
    {
      measurements: [
        { measure: "reply", value: 700 },
        { measure: "first_sound", value: 1200 },
      ],
    },
  ]);
  expect(sent.mock.calls[0]?.[1].keepalive).toBe(true);
});

test("a wait of a practice has its place in the trace, as long as that is known", () => {
  rememberTrace({ id: "s1", traceparent: "00-abc-def-01" });
  measured("reply", 700, "s1");
  measured("reply", 800, "another");
  vi.advanceTimersByTime(15_000);
  expect(bodies()[0]?.measurements).toEqual([
    { measure: "reply", value: 700, place: { traceparent: "00-abc-def-01", ended_ms_ago: 15_000 } },
    { measure: "reply", value: 800 },
  ]);
});

test("a page that is left says it at once, with how it appeared, answered and stayed in its place", async () => {
  startTelemetry();
  measured("playback_start", 90);
  await leaves();
  expect(bodies().flatMap(({ measurements }) => measurements)).toEqual([
    { measure: "playback_start", value: 90 },
    { measure: "largest_contentful_paint", value: 800 },
    { measure: "interaction_to_next_paint", value: 40 },
    { measure: "cumulative_layout_shift", value: 0.02 },
  ]);
});

test("more than one request may have, and what cannot be said, is forgotten", async () => {
  sent.mockRejectedValue(new TypeError("offline"));
  for (let at = 0; at < 40; at += 1) measured("reply", at);
  await vi.advanceTimersByTimeAsync(15_000);
  expect(bodies()[0]?.measurements).toHaveLength(32);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(sent).toHaveBeenCalledTimes(1);
});
