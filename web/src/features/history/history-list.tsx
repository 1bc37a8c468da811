import { useInfiniteQuery } from "@tanstack/react-query";
import type { SessionSummary } from "@/api/contract";
import { historyQuery } from "@/api/sessions";
import { paths } from "@/paths";
import { Button, buttonClasses } from "@/ui/button";
import { Chip } from "@/ui/chip";
import { Empty } from "@/ui/empty";
import { FailureNotice } from "@/ui/failure-notice";
import { Icon } from "@/ui/icon";
import { Link } from "@/ui/link";
import { Placeholder } from "@/ui/waiting";
import { say } from "@/words/say";
import { clockTime, dateInWords, lengthInWords } from "@/words/time";

/** Everything practised so far, newest first. */
export function HistoryList() {
  const history = useInfiniteQuery(historyQuery());
  if (history.isPending) {
    return (
      <div role="status">
        <span className="sr-only">{say("history.loading")}</span>
        {Array.from({ length: 5 }, (_, index) => (
          <Placeholder key={index} className="mb-3 h-22 rounded-lg" />
        ))}
      </div>
    );
  }
  const sessions = history.data?.pages.flatMap((page) => page.sessions) ?? [];
  if (history.isError && sessions.length === 0) {
    return <FailureNotice failure={history.error} onWay={() => void history.refetch()} busy={history.isFetching} />;
  }
  if (sessions.length === 0) {
    return (
      <Empty icon="voice" title={say("history.emptyTitle")} text={say("history.emptyText")}>
        <Link to={paths.topics()} className={buttonClasses()}>
          {say("history.emptyAction")}
        </Link>
      </Empty>
    );
  }
  return (
    <>
      <ol className="divide-y divide-line overflow-hidden rounded-lg border border-line bg-raised">
        {sessions.map((session) => (
          <li key={session.id}>
            <Row session={session} />
            {session.state === "open" ? <WayBack session={session} /> : null}
          </li>
        ))}
      </ol>
      {history.hasNextPage ? (
        <div className="mt-8 flex justify-center">
          <Button look="plain" disabled={history.isFetchingNextPage} onClick={() => void history.fetchNextPage()}>
            {history.isFetchingNextPage ? say("history.loadingMore") : say("history.more")}
          </Button>
        </div>
      ) : null}
    </>
  );
}

function Row({ session }: { session: SessionSummary }) {
  return (
    <Link
      to={paths.session(session.id)}
      className="group grid grid-cols-[1fr_auto] items-center gap-x-4 gap-y-1 px-5 py-4 -outline-offset-4! hover:bg-sunken sm:grid-cols-[1fr_auto_4.5rem_auto] sm:px-6"
    >
      <span className="min-w-0">
        <span className="block truncate text-lead font-semibold">{session.topic.title}</span>
        <span className="block text-small text-quiet">
          {session.topic.level} · {dateInWords(session.started_at)}
        </span>
      </span>
      <span className="max-sm:order-3">
        <Status session={session} />
      </span>
      <span className="text-right tabular max-sm:order-4">
        <span className="sr-only">
          {say("history.duration")}{" "}
          {session.duration_ms === null ? say("history.noDuration") : lengthInWords(session.duration_ms)}
        </span>
        <span aria-hidden="true">
          {session.duration_ms === null ? say("history.noDuration") : clockTime(session.duration_ms)}
        </span>
      </span>
      <Icon name="arrowRight" className="size-5 text-quiet transition-transform group-hover:translate-x-1 max-sm:order-2" />
    </Link>
  );
}

/** A practice that is open is one click away. */
function WayBack({ session }: { session: SessionSummary }) {
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-2 px-5 pb-4 sm:px-6">
      <Link to={paths.comeBack(session.topic.id, session.id)} className={buttonClasses("plain")}>
        {say("open.continue")}
      </Link>
      <span className="text-small text-quiet">{say("history.openHint")}</span>
    </div>
  );
}

/** How it stands; what broke off says so beside how it was rated. */
function Status({ session }: { session: SessionSummary }) {
  if (session.end_reason !== "interrupted") return <Standing session={session} />;
  return (
    <span className="flex flex-wrap gap-1.5">
      <Chip tone="danger">{say("session.interrupted")}</Chip>
      <Standing session={session} />
    </span>
  );
}

function Standing({ session }: { session: SessionSummary }) {
  if (session.state === "open") return <Chip tone="danger">{say("history.open")}</Chip>;
  switch (session.rating_state) {
    case "ready":
      return <Chip tone="accent">{say("history.rated")}</Chip>;
    case "waiting":
      return <Chip>{say("history.onItsWay")}</Chip>;
    case "failed":
      return <Chip>{say("history.ratingFailed")}</Chip>;
    case "none":
      return <Chip>{say("history.saved")}</Chip>;
  }
}
