import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { answer, api } from "./client";
import type { Kind, Level } from "./contract";

export interface TopicFilter {
  level?: Level;
  kind?: Kind;
  q?: string;
}

export function topicsQuery(filter: TopicFilter) {
  return infiniteQueryOptions({
    queryKey: ["topics", filter],
    staleTime: 60_000,
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) =>
      answer(
        api.GET("/api/topics", {
          params: { query: { ...filter, limit: 24, ...(pageParam === undefined ? {} : { cursor: pageParam }) } },
          signal,
        }),
      ),
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });
}

export function topicQuery(id: string) {
  return queryOptions({
    queryKey: ["topic", id],
    staleTime: 60_000,
    queryFn: ({ signal }) => answer(api.GET("/api/topics/{id}", { params: { path: { id } }, signal })),
  });
}
