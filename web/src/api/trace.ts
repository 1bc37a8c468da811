import type { Session } from "./contract";

/**
 * One practice is one trace: a session brings its `traceparent` along, and every later request for that
 * session sends it back.
 */
const traceparents = new Map<string, string>();

export function rememberTrace(session: Pick<Session, "id" | "traceparent">): void {
  if (session.traceparent !== null) traceparents.set(session.id, session.traceparent);
}

export function traceparentOf(sessionId: string): string | undefined {
  return traceparents.get(sessionId);
}

/** The trace id inside a session's traceparent: what the learner sees as the reference. */
export function traceIdOf(sessionId: string): string | null {
  return traceparents.get(sessionId)?.split("-")[1] ?? null;
}

/** The session a request path is about, if any. */
export function sessionIn(pathname: string): string | null {
  return /^\/api\/sessions\/([^/]+)/.exec(pathname)?.[1] ?? null;
}
