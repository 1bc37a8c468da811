import { type QueryClient, queryOptions } from "@tanstack/react-query";
import { answer, api } from "./client";
import type { Credentials, Pace, Registration, User } from "./contract";
import { Problem } from "./problem";

/** Who is signed in, or nobody. */
export function meQuery() {
  return queryOptions({
    queryKey: ["me"],
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: readMe,
  });
}

async function readMe(): Promise<User | null> {
  try {
    return await answer(api.GET("/api/users/me"));
  } catch (thrown) {
    if (thrown instanceof Problem && thrown.status === 401) return null;
    throw thrown;
  }
}

/** From now on the page is this learner's, or nobody's: what was read for somebody else is forgotten. */
export function belongTo(queries: QueryClient, user: User | null): void {
  queries.clear();
  queries.setQueryData(meQuery().queryKey, user);
}

/**
 * Whether requests are this learner's. Tabs share their cookies: what is "not there" may be there for whoever signed
 * in before. What cannot be found out counts as no.
 */
export async function isSignedIn(learnerId: string): Promise<boolean> {
  try {
    return (await readMe())?.id === learnerId;
  } catch {
    return false;
  }
}

/** Remembers how the learner likes to practise. */
export function rememberPace(practice: Partial<Pace>): Promise<User> {
  return answer(api.PATCH("/api/users/me", { body: { practice } }));
}

export function signIn(body: Credentials) {
  return answer(api.POST("/api/auth/sign-in", { body }));
}

export async function register(body: Registration): Promise<void> {
  await answer(api.POST("/api/auth/register", { body }));
}

export async function signOut(): Promise<void> {
  await answer(api.POST("/api/auth/sign-out"));
}
