import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { useEffect, useId, useState } from "react";
import { kinds, levels, type TopicFilter, topicsQuery } from "@/api/topics";
import { Button, IconButton } from "@/ui/button";
import { Choice } from "@/ui/choice";
import { classes } from "@/ui/classes";
import { Empty } from "@/ui/empty";
import { FailureNotice } from "@/ui/failure-notice";
import { Icon } from "@/ui/icon";
import { Placeholder } from "@/ui/waiting";
import { say } from "@/words/say";
import { TopicCard } from "./topic-card";

const typingPauseMs = 250;

interface TopicBrowserProps {
  filter: TopicFilter;
  onFilter: (filter: TopicFilter) => void;
}

/** The catalogue, narrowed by level, kind and words. What narrows it lives in the address. */
export function TopicBrowser({ filter, onFilter }: TopicBrowserProps) {
  const topics = useInfiniteQuery({ ...topicsQuery(filter), placeholderData: keepPreviousData });
  const found = topics.data?.pages.flatMap((page) => page.topics) ?? [];
  return (
    <>
      <Filters filter={filter} onFilter={onFilter} />
      <p role="status" className="mt-6 mb-4 text-small text-quiet">
        {topics.isPending
          ? say("topics.loading")
          : topics.isError
            ? ""
            : topics.hasNextPage
              ? say("topics.foundMore", { count: found.length })
              : say("topics.found", { count: found.length })}
      </p>
      {topics.isPending ? (
        <CardPlaceholders />
      ) : topics.isError && found.length === 0 ? (
        <FailureNotice failure={topics.error} onWay={() => void topics.refetch()} busy={topics.isFetching} />
      ) : found.length === 0 ? (
        <Empty icon="search" title={say("topics.emptyTitle")} text={say("topics.emptyText")}>
          <Button onClick={() => onFilter({})}>{say("topics.emptyAction")}</Button>
        </Empty>
      ) : (
        <>
          <ul
            className={classes(
              "grid gap-4 transition-opacity sm:grid-cols-2 lg:grid-cols-3",
              topics.isPlaceholderData && "opacity-60",
            )}
          >
            {found.map((topic) => (
              <li key={topic.id}>
                <TopicCard topic={topic} />
              </li>
            ))}
          </ul>
          {topics.hasNextPage ? (
            <div className="mt-8 flex justify-center">
              <Button look="plain" disabled={topics.isFetchingNextPage} onClick={() => void topics.fetchNextPage()}>
                {topics.isFetchingNextPage ? say("topics.loadingMore") : say("topics.more")}
              </Button>
            </div>
          ) : null}
        </>
      )}
    </>
  );
}

function CardPlaceholders() {
  return (
    <div className="grid gap-4 sm:grid-cols-2 lg:grid-cols-3">
      {Array.from({ length: 6 }, (_, index) => (
        <Placeholder key={index} className="h-56 rounded-lg" />
      ))}
    </div>
  );
}

/** The filter with one part of it set or taken away. */
function having<K extends keyof TopicFilter>(filter: TopicFilter, key: K, value: TopicFilter[K] | undefined): TopicFilter {
  const rest = Object.fromEntries(Object.entries(filter).filter(([name]) => name !== key));
  return value === undefined ? rest : { ...rest, [key]: value };
}

function Filters({ filter, onFilter }: TopicBrowserProps) {
  return (
    <div className="grid gap-4">
      <Search value={filter.q ?? ""} onChange={(q) => onFilter(having(filter, "q", q === "" ? undefined : q))} />
      <Choice
        label={say("topics.level")}
        none={say("topics.all")}
        value={filter.level}
        options={levels.map((level) => ({ value: level, label: level, title: say(`topics.levelHint.${level}`) }))}
        onChange={(level) => onFilter(having(filter, "level", level))}
      />
      <Choice
        label={say("topics.kind")}
        none={say("topics.all")}
        value={filter.kind}
        options={kinds.map((kind) => ({ value: kind, label: say(`topics.kinds.${kind}`) }))}
        onChange={(kind) => onFilter(having(filter, "kind", kind))}
      />
    </div>
  );
}

/** Searches once the typing pauses. */
function Search({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const id = useId();
  const [typed, setTyped] = useState(value);
  const [known, setKnown] = useState(value);
  // The address changed from elsewhere, such as by going back: show what it says.
  if (value !== known) {
    setKnown(value);
    if (value !== typed.trim()) setTyped(value);
  }

  useEffect(() => {
    if (typed.trim() === value) return;
    const timer = setTimeout(() => onChange(typed.trim()), typingPauseMs);
    return () => clearTimeout(timer);
  }, [typed, value, onChange]);

  return (
    <div role="search" className="relative max-w-xl">
      <label htmlFor={id} className="sr-only">
        {say("topics.search")}
      </label>
      <Icon name="search" className="pointer-events-none absolute top-1/2 left-4 size-5 -translate-y-1/2 text-quiet" />
      <input
        id={id}
        type="text"
        inputMode="search"
        enterKeyHint="search"
        autoComplete="off"
        maxLength={80}
        value={typed}
        placeholder={say("topics.searchHint")}
        onChange={(event) => setTyped(event.target.value)}
        className="h-13 w-full rounded-full border border-edge bg-raised pr-14 pl-12 placeholder:text-quiet hover:border-ink"
      />
      {typed === "" ? null : (
        <IconButton
          icon="close"
          label={say("topics.clearSearch")}
          className="absolute top-1 right-1"
          onClick={() => setTyped("")}
        />
      )}
    </div>
  );
}
