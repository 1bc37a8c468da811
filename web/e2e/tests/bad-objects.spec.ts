//! Lists, objects and methods that are not there, for whoever asks.

import { expect, test } from "@playwright/test";
import { randomUUID } from "node:crypto";
import { Practice } from "../support/practice.ts";
import { expectRefused } from "../support/refusal.ts";
import { conversation, sound, Visitor } from "../support/visitor.ts";
import type { Answer, Asked } from "../support/wire.ts";

let practice: Practice;

test.beforeAll(async () => {
  practice = await Practice.begins();
});

/** Every request about one session, right in everything but perhaps whose it is. */
function requestsAbout(id: string): Asked[] {
  const path = `/api/sessions/${id}`;
  const json = { "content-type": "application/json", "idempotency-key": randomUUID() };
  return [
    { path },
    { method: "HEAD", path },
    { path: `${path}/events` },
    { path: `${path}/audio` },
    { path: `${path}/audio?format=mp4` },
    { method: "HEAD", path: `${path}/audio` },
    { path: `${path}/audio`, headers: { range: "bytes=0-0" } },
    { path: `${path}/audio/peaks` },
    { method: "PUT", path: `${path}/transcript`, headers: json, body: JSON.stringify({ revision: 7, turns: conversation() }) },
    { method: "POST", path: `${path}/finalize`, headers: json, body: JSON.stringify({ turns: conversation(), duration_ms: 12_000, end_reason: "learner" }) },
    { method: "POST", path: `${path}/rating`, headers: json },
    { method: "PUT", path: `${path}/feedback`, headers: json, body: JSON.stringify({ feedback: "good" }) },
    { method: "POST", path: `${path}/upload`, headers: { "content-type": "audio/webm" }, body: sound() },
    { method: "POST", path: "/api/realtime/session", headers: json, body: JSON.stringify({ session_id: id }) },
    { method: "DELETE", path },
  ];
}

/** All of an answer but what differs between any two. */
function comparable({ status, headers, body }: Answer): unknown {
  const own = ["date", "trace-id"];
  return {
    status,
    headers: [...headers].filter(([name]) => !own.includes(name)),
    body: String(body).replace(/"instance":"[0-9a-f]{32}"/, ""),
  };
}

/** Expects that nothing tells this session from one that never was. */
async function looksAbsent(asker: Practice, id: string): Promise<void> {
  const absent = requestsAbout(randomUUID());
  for (const [at, asked] of requestsAbout(id).entries()) {
    const what = `${asked.method ?? "GET"} ${asked.path}`;
    const [real, none] = [await asker.ask(asked), await asker.ask(absent[at]!)];
    expect(comparable(real), what).toEqual(comparable(none));
    if (asked.method === "HEAD") expect(real.status, what).toBe(404);
    else expectRefused(real, "not-found", what);
  }
}

test("B19 a limit that is none fails validation", async () => {
  for (const list of ["/api/topics", "/api/sessions"]) {
    for (const limit of ["0", "-1", "101", "1000000000", "99999999999999999999", "1e2", "1.5", "abc", "", "5&limit=6"]) {
      expectRefused(await practice.ask({ path: `${list}?limit=${limit}` }), "validation-failed", `${list} limit=${limit}`);
    }
    for (const limit of [1, 100]) expect((await practice.ask({ path: `${list}?limit=${limit}` })).status, `${list} limit=${limit}`).toBe(200);
  }
});

test("B20 a cursor that was tampered with, or made for another list, order, version or learner, is invalid", async () => {
  const other = await Practice.begins();
  for (const { visitor, session } of [practice, other]) {
    expect((await visitor.finalizes(session)).status()).toBe(200);
    await visitor.starts();
  }
  const cursorOf = async (path: string, asker = practice) => (JSON.parse(String((await asker.ask({ path })).body)) as { next_cursor: string }).next_cursor;
  const own = await cursorOf("/api/sessions?limit=1");
  const ofOther = await cursorOf("/api/sessions?limit=1", other);
  const ofTopics = await cursorOf("/api/topics?limit=1");
  const ofWork = await cursorOf("/api/topics?limit=1&kind=work");
  expect((await practice.ask({ path: `/api/sessions?cursor=${own}` })).status).toBe(200);
  expect((await practice.ask({ path: `/api/topics?cursor=${ofTopics}` })).status).toBe(200);

  const never = ["", "A", "!", "eyJ2IjoxfQ", Buffer.from("1").toString("base64url"), randomUUID(), "%27%20OR%201%3D1--"];
  const tampered = (cursor: string) => [
    ...Array.from(cursor, (character, at) => cursor.slice(0, at) + (character === "A" ? "B" : "A") + cursor.slice(at + 1)),
    cursor.slice(1),
    cursor.slice(0, -2),
    `${cursor}AAAA`,
  ];
  for (const cursor of [...never, ...tampered(own), ofOther, ofTopics]) {
    expectRefused(await practice.ask({ path: `/api/sessions?cursor=${cursor}` }), "invalid-cursor", cursor);
  }
  for (const query of [...never, ...tampered(ofTopics), own, ofWork, `${ofTopics}&kind=work`, `${ofWork}&kind=work&level=B1`, `${ofWork}&kind=work&q=a`]) {
    expectRefused(await practice.ask({ path: `/api/topics?cursor=${query}` }), "invalid-cursor", query);
  }
});

test("B21 an id that is not a UUID names nothing", async () => {
  for (const id of ["1", "me", "not-a-uuid", `${randomUUID()}0`, randomUUID().replace(/^./, "g"), "%27%20OR%201%3D1--", "a".repeat(1000)]) {
    for (const asked of requestsAbout(id).filter(({ method, path }) => method !== "HEAD" && path.startsWith("/api/sessions/"))) {
      expectRefused(await practice.ask(asked), "not-found", `${asked.method ?? "GET"} ${asked.path}`);
    }
    expectRefused(await practice.ask({ path: `/api/topics/${id}` }), "not-found", id);
  }
  for (const [path, body] of [["/api/sessions", { topic_id: "not-a-uuid", recording_policy: "keep" }], ["/api/realtime/session", { session_id: "not-a-uuid" }]] as const) {
    const headers = { "content-type": "application/json", "idempotency-key": randomUUID() };
    expectRefused(await practice.ask({ method: "POST", path, headers, body: JSON.stringify(body) }), "validation-failed", path);
  }
});

test("B22 another learner's session is like one that never was, whatever is asked of it", async () => {
  const maya = await Visitor.arrives();
  const [open, over] = [await Practice.begins(), await maya.practises()];
  await maya.once(over, "recording and rating", ({ recording, rating }) => recording.state === "ready" && rating.state === "ready");
  const read = async () => (await maya.requests.get(`/api/sessions/${over.id}`)).text();
  const before = [await open.standing(), await read()];
  await looksAbsent(practice, open.session.id);
  await looksAbsent(practice, over.id);
  expect([await open.standing(), await read()]).toEqual(before);
});

test("B23 a deleted session is like one that never was, from that moment on", async () => {
  const deleted = await Practice.begins();
  const { visitor, session } = deleted;
  expect((await visitor.finalizes(session)).status()).toBe(200);
  expect((await visitor.uploads(session)).status()).toBe(201);
  expect((await deleted.ask({ method: "DELETE", path: deleted.path })).status).toBe(204);
  await looksAbsent(deleted, session.id);
  expect(JSON.parse(String((await deleted.ask({ path: "/api/sessions" })).body))).toEqual({ sessions: [], next_cursor: null });
});

test("B24 a method that is not offered is refused by those that are", async () => {
  const offers: [string, string[]][] = [
    ["/api/auth/register", ["POST"]],
    ["/api/auth/sign-in", ["POST"]],
    ["/api/auth/sign-out", ["POST"]],
    ["/api/auth/refresh", ["POST"]],
    ["/api/users/me", ["GET", "HEAD", "PATCH"]],
    ["/.well-known/jwks.json", ["GET", "HEAD"]],
    ["/api/topics", ["GET", "HEAD"]],
    [`/api/topics/${practice.session.topic.id}`, ["GET", "HEAD"]],
    ["/api/realtime/session", ["POST"]],
    ["/api/realtime/minutes", ["GET", "HEAD"]],
    ["/api/realtime/calls", ["POST"]],
    ["/api/sessions", ["GET", "HEAD", "POST"]],
    [practice.path, ["DELETE", "GET", "HEAD"]],
    ...["/events", "/audio", "/audio/peaks"].map((part): [string, string[]] => [practice.path + part, ["GET", "HEAD"]]),
    ...["/feedback", "/transcript"].map((part): [string, string[]] => [practice.path + part, ["PUT"]]),
    ...["/finalize", "/heartbeat", "/rating", "/upload"].map((part): [string, string[]] => [practice.path + part, ["POST"]]),
    ["/", ["GET", "HEAD"]],
    ["/history", ["GET", "HEAD"]],
    ["/api/docs", ["GET", "HEAD"]],
  ];
  const before = await practice.standing();
  for (const [path, offered] of offers) {
    for (const method of ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND"].filter((method) => !offered.includes(method))) {
      const answer = await practice.ask({ method, path });
      expectRefused(answer, "method-not-allowed", `${method} ${path}`);
      expect(answer.headers.get("allow")?.split(/, ?/).sort(), `${method} ${path}`).toEqual(offered);
    }
  }
  expect(await practice.standing()).toEqual(before);
});
