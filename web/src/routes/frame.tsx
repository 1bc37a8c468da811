import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useLocation, useRouter } from "@tanstack/react-router";
import { lazy, type ReactNode, Suspense, useEffect } from "react";
import { belongTo, meQuery } from "@/api/users";
import { finishTurns } from "@/features/recording/kept-turns";
import { sendUnsent, unsentOf } from "@/features/recording/unsent";
import { UploadsUnderWay } from "@/features/recording/upload-status";
import { finishUploads, leaveUploads } from "@/features/recording/uploads";
import { paths } from "@/paths";
import { buttonClasses } from "@/ui/button";
import { classes } from "@/ui/classes";
import { Icon } from "@/ui/icon";
import { Link } from "@/ui/link";
import { say } from "@/words/say";

/** The menu brings its own positioning along; the first page does not wait for it. */
const AccountMenu = lazy(async () => ({ default: (await import("@/features/account/account-menu")).AccountMenu }));

interface FrameProps {
  /** The page's name, for the window. */
  title: string;
  /** The session this page is about: its own upload is shown inside the page. */
  sessionId?: string;
  children: ReactNode;
}

/** What stands around every page but the practice room. */
export function Frame({ title, sessionId, children }: FrameProps) {
  const { data: user } = useQuery(meQuery());
  const queries = useQueryClient();
  const router = useRouter();
  const learnerId = user?.id;
  useEffect(() => {
    if (learnerId === undefined) return;
    const finish = () => {
      void finishTurns(learnerId);
      void finishUploads(learnerId).catch(() => undefined);
    };
    finish();
    window.addEventListener("online", finish);
    return () => window.removeEventListener("online", finish);
  }, [learnerId]);
  const signedOut = () => {
    belongTo(queries, null);
    void router.navigate({ to: "/" });
  };
  return (
    <div className="flex min-h-dvh flex-col">
      <title>{say("app.titled", { page: title })}</title>
      <a
        href="#content"
        className="sr-only focus:not-sr-only focus:absolute focus:z-30 focus:m-2 focus:rounded-full focus:bg-raised focus:px-5 focus:py-3"
      >
        {say("app.skip")}
      </a>
      <header className="border-b border-line bg-raised">
        <div className="mx-auto flex min-h-16 w-full max-w-6xl items-center gap-1 px-4 sm:gap-3 sm:px-6">
          <Link
            to={paths.welcome()}
            className="target -ml-2 flex items-center gap-2.5 rounded-full px-2 text-lead font-bold"
          >
            <span className="flex size-8 items-center justify-center rounded-sm bg-accent text-on-accent">
              <Icon name="voice" />
            </span>
            <span className={classes(user && "max-sm:sr-only")}>{say("app.name")}</span>
          </Link>
          <nav aria-label={say("nav.label")} className="ml-auto flex items-center gap-1 sm:ml-6">
            <NavLink to={paths.topics()}>{say("nav.topics")}</NavLink>
            {user ? <NavLink to={paths.history()}>{say("nav.history")}</NavLink> : null}
          </nav>
          <div className="flex items-center gap-1 sm:ml-auto">
            {user === null ? (
              <Link to={paths.signIn()} className={buttonClasses("quiet", "px-4!")}>
                {say("nav.signIn")}
              </Link>
            ) : null}
            <Suspense fallback={<span className="size-11" />}>
              <AccountMenu user={user ?? null} unsent={unsentWorkOf(learnerId)} onSignedOut={signedOut} />
            </Suspense>
          </div>
        </div>
      </header>
      <main id="content" tabIndex={-1} className="flex-1">
        {children}
      </main>
      <UploadsUnderWay except={sessionId ?? null} />
    </div>
  );
}

/** What somebody who signs out may leave behind in this browser. */
function unsentWorkOf(learnerId: string | undefined) {
  const nothing = () => Promise.resolve("nothing" as const);
  return {
    look: learnerId === undefined ? nothing : () => unsentOf(learnerId),
    send: learnerId === undefined ? nothing : () => sendUnsent(learnerId),
    leave: leaveUploads,
  };
}

function NavLink({ to, children }: { to: string; children: ReactNode }) {
  const here = useLocation({ select: (location) => location.pathname });
  const current = here === to || here.startsWith(`${to}/`);
  return (
    <Link
      to={to}
      aria-current={current ? "page" : undefined}
      className={classes(
        "target inline-flex items-center rounded-full px-3.5 font-semibold whitespace-nowrap hover:bg-sunken",
        current ? "text-accent" : "text-quiet hover:text-ink",
      )}
    >
      {children}
    </Link>
  );
}
