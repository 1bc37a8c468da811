import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { answer, api } from "./client";
import type { Call, Ending, Feedback, Pace, RealtimeTicket, Session, StartSession, Turn } from "./contract";
import { rememberTrace, traceparentOf } from "./trace";

function remembered(session: Session): Session {
  rememberTrace(session);
  return session;
}

export const sessionKey = (id: string) => ["session", id] as const;
export const historyKey = ["sessions"] as const;

export function sessionQuery(id: string) {
  return queryOptions({
    queryKey: sessionKey(id),
    queryFn: async ({ signal }) =>
      remembered(await answer(api.GET("/api/sessions/{id}", { params: { path: { id } }, signal }))),
  });
}

export function historyQuery() {
  return infiniteQueryOptions({
    queryKey: historyKey,
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) =>
      answer(
        api.GET("/api/sessions", {
          params: { query: { limit: 20, ...(pageParam === undefined ? {} : { cursor: pageParam }) } },
          signal,
        }),
      ),
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });
}

/** Starts a session. The same key gives the same session, so a lost answer can be asked for again. */
export async function createSession(key: string, body: StartSession): Promise<Session> {
  return remembered(
    await answer(api.POST("/api/sessions", { params: { header: { "Idempotency-Key": key } }, body })),
  );
}

export async function readSession(id: string): Promise<Session> {
  return remembered(await answer(api.GET("/api/sessions/{id}", { params: { path: { id } } })));
}

/** Saves the words so far. Without calls the server keeps those it knows. */
export async function saveTranscript(id: string, revision: number, turns: Turn[], calls?: Call[]): Promise<number> {
  const body = { revision, turns, ...(calls === undefined ? {} : { calls }) };
  const saved = await answer(api.PUT("/api/sessions/{id}/transcript", { params: { path: { id } }, body }));
  return saved.revision;
}

/** Says that the learner is still there, so that the session stays open. */
export async function sendHeartbeat(id: string): Promise<void> {
  await answer(api.POST("/api/sessions/{id}/heartbeat", { params: { path: { id } } }));
}

export async function finalizeSession(id: string, key: string, ending: Ending): Promise<Session> {
  return remembered(
    await answer(
      api.POST("/api/sessions/{id}/finalize", {
        params: { path: { id }, header: { "Idempotency-Key": key } },
        body: ending,
      }),
    ),
  );
}

export async function rateAgain(id: string, key: string): Promise<Session> {
  return remembered(
    await answer(
      api.POST("/api/sessions/{id}/rating", { params: { path: { id }, header: { "Idempotency-Key": key } } }),
    ),
  );
}

/** Says how a session was. */
export async function sendFeedback(id: string, feedback: Feedback): Promise<void> {
  await answer(api.PUT("/api/sessions/{id}/feedback", { params: { path: { id } }, body: { feedback } }));
}

export async function deleteSession(id: string): Promise<void> {
  await answer(api.DELETE("/api/sessions/{id}", { params: { path: { id } } }));
}

/** Permission for one call attempt. The client secret in it lives a minute and is kept nowhere. */
export async function mintTicket(sessionId: string, pace: Pace, signal: AbortSignal): Promise<RealtimeTicket> {
  const traceparent = traceparentOf(sessionId);
  const ticket = await answer(
    api.POST("/api/realtime/session", {
      headers: traceparent === undefined ? {} : { traceparent },
      body: { session_id: sessionId, pace: { patience: pace.patience, push_to_talk: pace.push_to_talk, speed: pace.coach_speed } },
      signal,
    }),
  );
  // A provider elsewhere takes no headers of ours.
  return ticket.exchange === "relay" && traceparent !== undefined ? { ...ticket, traceparent } : ticket;
}
