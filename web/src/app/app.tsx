import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { useState } from "react";
import { isPassing } from "@/api/client";
import { MoveContext } from "@/ui/link";
import { ErrorBoundary } from "./error-boundary";
import { makeRouter } from "./router";

/** Asking again heals what passes, twice; a refusal stays a refusal. */
const retries = 2;

function makeApp() {
  const queries = new QueryClient({
    defaultOptions: {
      queries: {
        retry: (count, thrown) => count < retries && isPassing(thrown),
        // Being offline is a failure with words, not a wait without any.
        networkMode: "always",
        refetchOnWindowFocus: false,
      },
      mutations: { networkMode: "always" },
    },
  });
  const router = makeRouter(queries);
  router.subscribe("onResolved", ({ fromLocation, pathChanged }) => {
    // A new page is read from its beginning; a new filter on the same page is not a new page.
    if (fromLocation !== undefined && pathChanged) document.getElementById("content")?.focus({ preventScroll: true });
  });
  return { queries, router, move: (path: string) => router.history.push(path) };
}

export function App() {
  const [{ queries, router, move }] = useState(makeApp);
  return (
    <ErrorBoundary>
      <QueryClientProvider client={queries}>
        <MoveContext value={move}>
          <RouterProvider router={router} />
        </MoveContext>
      </QueryClientProvider>
    </ErrorBoundary>
  );
}
