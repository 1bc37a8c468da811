import type { Pace, RealtimeTicket } from "@/api/contract";
import { unreachable } from "@/api/problem";
import { mintTicket } from "@/api/sessions";
import { callCoach, type Ears, type RealtimeConnection } from "./realtime-connection";

/** Our own services answer sooner, or say that the provider does not. */
const permissionWithinMs = 6_000;

export interface Line {
  connection: RealtimeConnection;
  ticket: RealtimeTicket;
}

/** One attempt at a call: the permission for it, then the call itself. Throws what `noLine` understands. */
export async function dial(sessionId: string, pace: Pace, ears: Ears, signal: AbortSignal): Promise<Line> {
  const ticket = await permission(sessionId, pace, signal);
  return { ticket, connection: await callCoach(ticket, ears, signal) };
}

async function permission(sessionId: string, pace: Pace, signal: AbortSignal): Promise<RealtimeTicket> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), permissionWithinMs);
  try {
    return await mintTicket(sessionId, pace, AbortSignal.any([signal, late.signal]));
  } catch (thrown) {
    // Waiting longer would only keep the next attempt from finding that the network is back.
    if (late.signal.aborted && !signal.aborted) throw unreachable();
    throw thrown;
  } finally {
    clearTimeout(timer);
  }
}
