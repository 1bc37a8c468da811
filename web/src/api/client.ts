import createClient from "openapi-fetch";
import { attempt, brokenOff } from "./attempt";
import type { Routes } from "./contract";
import { Problem, problemFrom } from "./problem";
import { refreshOnce } from "./refresh";
import { sessionIn, traceparentOf } from "./trace";

/** These answer 401 about the credentials themselves: refreshing would not help. */
const ownAnswer = new Set(["/api/auth/sign-in", "/api/auth/register", "/api/auth/refresh", "/api/auth/sign-out"]);

/** Sends a request to our own services: the session's trace goes along, a stale login is refreshed once. */
export async function send(request: Request): Promise<Response> {
  const { pathname } = new URL(request.url);
  const session = sessionIn(pathname);
  const traceparent = session === null ? undefined : traceparentOf(session);
  if (traceparent !== undefined) request.headers.set("traceparent", traceparent);

  const again = request.clone();
  const response = await attempt(request);
  if (response.status !== 401 || ownAnswer.has(pathname)) return response;
  return (await refreshOnce()) ? attempt(again) : response;
}

export const api = createClient<Routes>({
  baseUrl: window.location.origin,
  credentials: "same-origin",
  fetch: send,
});

/** The answer's data, or the problem thrown. */
export async function answer<T>(
  call: Promise<{ data?: T; error?: unknown; response: Response }>,
): Promise<Exclude<T, undefined>> {
  const { data, error, response } = await call.catch((thrown: unknown) => {
    throw brokenOff(thrown);
  });
  if (!response.ok) throw problemFrom(response, error);
  return data as Exclude<T, undefined>;
}

/** True for the problems that asking again may heal. */
export function isPassing(thrown: unknown): boolean {
  return thrown instanceof Problem && (thrown.status === 0 || thrown.status >= 500 || thrown.slug === "request-in-progress");
}
