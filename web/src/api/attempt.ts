import { unreachable } from "./problem";

/** One request to our own services. Throws `unreachable` when nobody answers; an abort of the caller's passes through. */
export async function attempt(input: Request | string, init?: RequestInit): Promise<Response> {
  try {
    return await fetch(input, init);
  } catch (thrown) {
    if (typeof input !== "string" && input.signal.aborted) throw thrown;
    throw unreachable();
  }
}
