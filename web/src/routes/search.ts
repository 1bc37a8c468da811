import { kinds, levels, type TopicFilter } from "@/api/topics";

/** What an address may ask of the catalogue; everything else in it is left out. */
export function topicFilterFrom(search: Record<string, unknown>): TopicFilter {
  const level = levels.find((known) => known === search["level"]);
  const kind = kinds.find((known) => known === search["kind"]);
  // A search for "2024" arrives as a number.
  const q = typeof search["q"] === "string" || typeof search["q"] === "number" ? String(search["q"]).slice(0, 80) : "";
  return {
    ...(level === undefined ? {} : { level }),
    ...(kind === undefined ? {} : { kind }),
    ...(q === "" ? {} : { q }),
  };
}

/** How a learner comes to a practice: back into one that is open, to go on with one that is over, or for a new one. */
export interface Entry {
  session?: string;
  continues?: string;
}

export function entryFrom(search: Record<string, unknown>): Entry {
  const { session, continues } = search;
  if (typeof session === "string" && session !== "") return { session };
  return typeof continues === "string" && continues !== "" ? { continues } : {};
}

export function nextFrom(search: Record<string, unknown>): { next?: string } {
  return typeof search["next"] === "string" ? { next: search["next"] } : {};
}
