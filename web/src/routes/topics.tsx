import { getRouteApi } from "@tanstack/react-router";
import { useCallback } from "react";
import type { TopicFilter } from "@/api/topics";
import { TopicBrowser } from "@/features/topics/topic-browser";
import { say } from "@/words/say";
import { Frame } from "./frame";

const route = getRouteApi("/topics");

export function TopicsPage() {
  const filter = route.useSearch();
  const navigate = route.useNavigate();
  const onFilter = useCallback(
    (next: TopicFilter) => void navigate({ search: next, replace: true, resetScroll: false }),
    [navigate],
  );
  return (
    <Frame title={say("nav.topics")}>
      <div className="mx-auto max-w-6xl px-4 py-10 sm:px-6 sm:py-14">
        <h1 className="text-display">{say("topics.title")}</h1>
        <p className="mt-3 mb-9 text-lead text-quiet">{say("topics.lead")}</p>
        <TopicBrowser filter={filter} onFilter={onFilter} />
      </div>
    </Frame>
  );
}
