import { queryOptions } from "@tanstack/react-query";
import { answer, api } from "./client";
import type { Minutes } from "./contract";

const soonest = 60_000;
const latest = 24 * 60 * 60_000;

/** What is left of the learner's day. It is asked anew when the learner comes back to the page, and when a new day begins. */
export function minutesQuery() {
  return queryOptions({
    queryKey: ["minutes"],
    queryFn: ({ signal }) => answer(api.GET("/api/realtime/minutes", { signal })),
    refetchOnWindowFocus: true,
    refetchInterval: ({ state }) => (state.data === undefined ? false : untilNewOnes(state.data, Date.now())),
  });
}

/** How long until there are new minutes, in milliseconds. A clock that is wrong here must not make us ask all the time. */
export function untilNewOnes({ new_minutes_at }: Minutes, now: number): number {
  return Math.min(latest, Math.max(soonest, Date.parse(new_minutes_at) - now));
}
