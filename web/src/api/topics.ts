import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { answer, api } from "./client";
import type { Kind, Level, Routes } from "./contract";

/** In the order in which they are offered. */
export const levels = ["A1", "A2", "B1", "B2", "C1"] as const satisfies readonly Level[];
export const kinds = ["everyday", "work", "interview"] as const satisfies readonly Kind[];

type Query = NonNullable<Routes["/api/topics"]["get"]["parameters"]["query"]>;
export type TopicFilter = Pick<Query, "level" | "kind" | "q">;

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
