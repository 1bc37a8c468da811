import type { EndReason } from "@/api/contract";
import type { NoLine, Trouble } from "./no-line";

/** How long what is waited for, in milliseconds. */
export const patience = {
  /** A shaky network may come back by itself; after so long the call counts as lost. */
  graceMs: 2_000,
  /** A line is looked for so long before the learner is asked. */
  searchMs: 60_000,
  /** Before the first words there is nothing to lose: the learner is asked sooner. */
  firstSearchMs: 15_000,
  /** A call that is hung up sooner than this, twice running, was ended on purpose. */
  youngMs: 10_000,
} as const;

/** Between two attempts: none longer than `most`, so that a network that comes back is soon found to be back. */
const pauses = {
  network: { first: 400, most: 2_000 },
  provider: { first: 1_000, most: 8_000 },
} as const;
const mostFirstAttempts = 3;
/** So much later than asked for, at most: not everybody at once. */
const jitterMs = 250;

/** What is outside the call and can be asked at any time. */
export interface World {
  now: number;
  online: boolean;
  /** From 0 to below 1. */
  random: number;
}

/** The search for a line: from when it was lost, or first wanted, until it is found or given up. */
export interface Search {
  since: number;
  until: number;
  /** Attempts that failed. */
  attempts: number;
  /** Secrets refused, one right after the other. */
  refusals: number;
  /** What it does right now: `dialling`, `waiting` for the next attempt, or waiting for the network to come back. */
  state: "dialling" | "waiting" | "offline";
  /** When the next attempt is due, while `waiting`. */
  nextAt: number | null;
  /** The other side asked for the pause: it is kept even when the network changes. */
  asked: boolean;
  /** Why the latest attempt failed. */
  trouble: Trouble | null;
}

export function newSearch({ now, online }: World, first: boolean, since = now): Search {
  return {
    since,
    until: now + (first ? patience.firstSearchMs : patience.searchMs),
    attempts: 0,
    refusals: 0,
    state: online ? "dialling" : "offline",
    nextAt: null,
    asked: false,
    trouble: online ? null : { code: "OFFLINE", reference: null },
  };
}

/** What follows from a failed attempt. */
export type Verdict =
  | { then: "search"; search: Search }
  | { then: "give-up" }
  /** The session itself is over: what was said is saved. */
  | { then: "end"; reason: EndReason; trouble: Trouble | null };

/** What to do after an attempt that failed. `held`: something was said already that must not be lost. */
export function afterFailure(search: Search, failure: NoLine, held: boolean, world: World): Verdict {
  const failed: Search = {
    ...search,
    attempts: search.attempts + 1,
    refusals: failure.cause === "secret" ? search.refusals + 1 : 0,
    trouble: failure.trouble,
  };
  switch (failure.cause) {
    case "time-up":
      return held ? { then: "end", reason: "time_limit", trouble: null } : { then: "give-up" };
    case "minutes":
      return held ? { then: "end", reason: "time_limit", trouble: failure.trouble } : { then: "give-up" };
    case "ended":
    case "gone":
      return held ? { then: "end", reason: "learner", trouble: failure.trouble } : { then: "give-up" };
    case "signed-out":
    case "refused":
      return { then: "give-up" };
    case "offline":
      return { then: "search", search: { ...failed, state: "offline", nextAt: null, asked: false } };
    case "secret":
      // It ran out on the way. A new one is another matter only once.
      return failed.refusals > 1 ? { then: "give-up" } : waiting(failed, 0, false, held, world);
    case "busy":
    case "often":
    case "failing":
      return failure.retryAfterMs === null
        ? waiting(failed, pause(pauses.provider, failed.attempts, world), false, held, world)
        : waiting(failed, failure.retryAfterMs + world.random * jitterMs, true, held, world);
    case "unreachable":
    case "no-way":
      return waiting(failed, pause(pauses.network, failed.attempts, world), false, held, world);
  }
}

/** Full jitter: anything up to a bound that doubles. */
function pause({ first, most }: { first: number; most: number }, attempts: number, { random }: World): number {
  return random * Math.min(most, first * 2 ** (attempts - 1));
}

function waiting(search: Search, pauseMs: number, asked: boolean, held: boolean, { now }: World): Verdict {
  const nextAt = now + Math.round(pauseMs);
  if (nextAt >= search.until || (!held && search.attempts >= mostFirstAttempts)) return { then: "give-up" };
  return { then: "search", search: { ...search, state: "waiting", nextAt, asked } };
}
