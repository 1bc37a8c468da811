//! What a refusal looks like, whoever gives it (RFC 9457, `specs/problems.md`).

import { expect } from "@playwright/test";
import type { Answer } from "./wire.ts";

/** The status and the title of each kind: neither changes from one occurrence to another. */
const KINDS = {
  "malformed-request": [400, "The request cannot be read"],
  "invalid-cursor": [400, "This cursor does not belong to this list"],
  "idempotency-key-missing": [400, "An Idempotency-Key header is needed"],
  unauthenticated: [401, "Sign in first"],
  "invalid-credentials": [401, "The address and the password do not belong together"],
  "secret-refused": [401, "This key opens no call"],
  "csrf-rejected": [403, "The request did not come from our own pages"],
  "not-found": [404, "There is nothing here"],
  "method-not-allowed": [405, "This method is not offered here"],
  "not-acceptable": [406, "The answer can only be sent as JSON"],
  "invalid-state": [409, "This is not possible in the present state"],
  "stale-revision": [409, "Later words are saved already"],
  "transcript-finalized": [409, "The transcript is sealed"],
  "already-finalized": [409, "The session is finalized with other words"],
  "request-in-progress": [409, "The same request is still running"],
  "content-too-large": [413, "The request is too large"],
  "uri-too-long": [414, "The address is too long"],
  "unsupported-media-type": [415, "The content type is not supported"],
  "range-not-satisfiable": [416, "These bytes are not there, or not to be had at once"],
  "validation-failed": [422, "Some values are not allowed"],
  "weak-password": [422, "Choose another password"],
  "idempotency-key-reused": [422, "This Idempotency-Key belongs to another request"],
  "empty-media": [422, "The recording is empty"],
  "unsupported-media": [422, "This is not a recording we can read"],
  "media-limits-exceeded": [422, "The recording is longer or larger than we keep"],
  "quota-exceeded": [429, "The limit is reached"],
  "header-fields-too-large": [431, "The headers are too large"],
} as const satisfies Record<string, readonly [number, string]>;

export type Kind = keyof typeof KINDS;

/** What a document may say beside the members that a test asks for. */
const MEMBERS = ["type", "title", "status", "instance", "detail", "field"];
/** Words of the inside: libraries, languages, programs, places. */
const INSIDE = /serde|sqlx|axum|hyper|tokio|tonic|postgres|sqlstate|ffmpeg|ffprobe|panick|thread '|\.rs\b|upstream|\bs3\b|nats|127\.0\.0\.1|\/tmp|(select|insert|update) /i;

/** Expects a refusal of that kind with these members, and nothing of the inside. */
export function expectRefused(answer: Answer, kind: Kind, what: string, members: Record<string, unknown> = {}): void {
  const [status, title] = KINDS[kind];
  const text = answer.body.toString();
  expect(`${answer.status} ${answer.headers.get("content-type")}`, `${what}: ${text}`).toBe(`${status} application/problem+json`);
  const document = JSON.parse(text) as Record<string, unknown>;
  expect(document, what).toMatchObject({ type: `/problems/${kind}`, title, status, ...members });
  expect(document["instance"], what).toMatch(/^[0-9a-f]{32}$/);
  expect(answer.headers.get("trace-id"), what).toBe(document["instance"]);
  const known = [...MEMBERS, ...Object.keys(members)];
  expect(Object.keys(document).filter((member) => !known.includes(member)), what).toEqual([]);
  expect(text, what).not.toMatch(INSIDE);
}
