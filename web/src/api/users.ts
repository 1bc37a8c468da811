import { queryOptions } from "@tanstack/react-query";
import { answer, api } from "./client";
import type { Credentials, Registration } from "./contract";
import { Problem } from "./problem";

/** Who is signed in, or nobody. */
export function meQuery() {
  return queryOptions({
    queryKey: ["me"],
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: async () => {
      try {
        return await answer(api.GET("/api/users/me"));
      } catch (thrown) {
        if (thrown instanceof Problem && thrown.status === 401) return null;
        throw thrown;
      }
    },
  });
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
