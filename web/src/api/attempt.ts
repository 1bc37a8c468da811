import { unreachable } from "./problem";

/** An answer that is not here as a whole by then is not coming: our services answer in half of that. */
const deadlineMs = 10_000;

/**
 * One request to our own services. Throws `unreachable` when nobody answers in time; an abort of the caller's passes
 * through.
 */
export async function attempt(input: Request | string, init?: RequestInit): Promise<Response> {
  const asked = typeof input === "string" ? [] : [input.signal];
  try {
    return await fetch(input, { ...init, signal: AbortSignal.any([...asked, AbortSignal.timeout(deadlineMs)]) });
  } catch (thrown) {
    if (asked.some(({ aborted }) => aborted)) throw thrown;
    throw unreachable();
  }
}

/** What reading an answer threw: one that breaks off at the deadline was none. */
export function brokenOff(thrown: unknown): unknown {
  return thrown instanceof DOMException && thrown.name === "TimeoutError" ? unreachable() : thrown;
}
