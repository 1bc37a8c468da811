import { QueryClient } from "@tanstack/react-query";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { historyKey } from "@/api/sessions";
import { meQuery } from "@/api/users";
import { makeRouter } from "./router";

let signedIn: string | null;
let queries: QueryClient;

beforeEach(async () => {
  vi.stubGlobal("fetch", () =>
    Promise.resolve(new Response(JSON.stringify({ id: signedIn }), { status: signedIn === null ? 401 : 200, headers: { "content-type": "application/json" } })),
  );
  window.history.replaceState(null, "", "/topics");
  queries = new QueryClient();
  signedIn = "maya";
  await queries.query(meQuery());
  queries.setQueryData(historyKey, "what maya did");
});

afterEach(() => vi.unstubAllGlobals());

async function wantsToSignIn(): Promise<string> {
  const router = makeRouter(queries);
  await router.navigate({ to: "/sign-in", search: { next: "/topics" } });
  return router.state.location.pathname;
}

describe("the way to signing in", () => {
  it("is open to a learner whose login has ended", async () => {
    signedIn = null;
    expect(await wantsToSignIn()).toBe("/sign-in");
    expect(queries.getQueryData(meQuery().queryKey)).toBeNull();
  });

  it("leads a learner who is signed in to where they wanted to go", async () => {
    expect(await wantsToSignIn()).toBe("/topics");
    expect(queries.getQueryData(historyKey)).toBe("what maya did");
  });

  it("shows a learner who signed in elsewhere nothing of the one before", async () => {
    signedIn = "ben";
    expect(await wantsToSignIn()).toBe("/topics");
    expect(queries.getQueryData(meQuery().queryKey)?.id).toBe("ben");
    expect(queries.getQueryData(historyKey)).toBeUndefined();
  });
});
