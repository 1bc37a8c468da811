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

/** The practice that is to go on, if it was begun before. */
export function sessionFrom(search: Record<string, unknown>): { session?: string } {
  return typeof search["session"] === "string" && search["session"] !== "" ? { session: search["session"] } : {};
}

export function nextFrom(search: Record<string, unknown>): { next?: string } {
  return typeof search["next"] === "string" ? { next: search["next"] } : {};
}
