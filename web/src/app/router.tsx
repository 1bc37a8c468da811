import type { QueryClient } from "@tanstack/react-query";
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from "@tanstack/react-router";
import { unreachable } from "@/api/problem";
import { topicQuery } from "@/api/topics";
import { belongTo, meQuery } from "@/api/users";
import { nextPath, paths } from "@/paths";
import { FailedPage, NotFoundPage } from "@/routes/failed-page";
import { entryFrom, nextFrom, topicFilterFrom } from "@/routes/search";
import { WelcomePage } from "@/routes/welcome";

interface RouterContext {
  queries: QueryClient;
}

const root = createRootRouteWithContext<RouterContext>()({ component: Outlet });

interface Guard {
  context: RouterContext;
  location: { href: string };
}

async function requireLearner({ context, location }: Guard): Promise<void> {
  const user = await context.queries.query({ ...meQuery(), staleTime: "static" });
  if (user === null) throw redirect({ href: paths.signIn(location.href) });
}

/** Who is signed in has no business on the pages for those who are not. */
async function requireStranger({ context }: Pick<Guard, "context">, next?: string): Promise<void> {
  const { queryKey } = meQuery();
  const known = context.queries.getQueryData(queryKey);
  // A login may have ended, or become another one's, behind the page's back. When nobody can say who this is, the page
  // itself still works.
  const user = await context.queries.query({ ...meQuery(), staleTime: 0 }).catch(() => null);
  if (user === null) return;
  if (user.id !== known?.id) belongTo(context.queries, user);
  throw redirect({ href: nextPath(next) });
}

/** Loading the page anew helps after an update. Offline it would leave nothing of the page, so that is said like any other failure. */
async function arriving<T>(load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (thrown) {
    if (navigator.onLine) throw thrown;
    throw unreachable();
  }
}

const welcome = createRoute({
  getParentRoute: () => root,
  path: "/",
  beforeLoad: ({ context }) => requireStranger({ context }),
  component: WelcomePage,
});
const signIn = createRoute({
  getParentRoute: () => root,
  path: "/sign-in",
  validateSearch: nextFrom,
  beforeLoad: ({ context, search }) => requireStranger({ context }, search.next),
  component: lazyRouteComponent(() => arriving(() => import("@/routes/sign-in")), "SignInPage"),
});
const signUp = createRoute({
  getParentRoute: () => root,
  path: "/sign-up",
  validateSearch: nextFrom,
  beforeLoad: ({ context, search }) => requireStranger({ context }, search.next),
  component: lazyRouteComponent(() => arriving(() => import("@/routes/sign-up")), "SignUpPage"),
});
const topics = createRoute({
  getParentRoute: () => root,
  path: "/topics",
  validateSearch: topicFilterFrom,
  component: lazyRouteComponent(() => arriving(() => import("@/routes/topics")), "TopicsPage"),
});
const practise = createRoute({
  getParentRoute: () => root,
  path: "/practise/$topicId",
  validateSearch: entryFrom,
  beforeLoad: requireLearner,
  loader: ({ context, params }) => context.queries.query({ ...topicQuery(params.topicId), staleTime: "static" }),
  component: lazyRouteComponent(() => arriving(() => import("@/routes/practise")), "PractisePage"),
});
const history = createRoute({
  getParentRoute: () => root,
  path: "/sessions",
  beforeLoad: requireLearner,
  component: lazyRouteComponent(() => arriving(() => import("@/routes/history")), "HistoryPage"),
});
const session = createRoute({
  getParentRoute: () => root,
  path: "/sessions/$sessionId",
  beforeLoad: requireLearner,
  component: lazyRouteComponent(() => arriving(() => import("@/routes/session")), "SessionPage"),
});

const tree = root.addChildren([welcome, signIn, signUp, topics, practise, history, session]);

export function makeRouter(queries: QueryClient) {
  return createRouter({
    routeTree: tree,
    context: { queries },
    defaultPreload: "intent",
    scrollRestoration: true,
    defaultErrorComponent: FailedPage,
    // What breaks even the failed page is for the app's own last net, which has words.
    disableGlobalCatchBoundary: true,
    defaultNotFoundComponent: NotFoundPage,
  });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }
}
