//! Bodies that no page of ours would send, to every route that reads JSON.

import { expect, test } from "@playwright/test";
import { randomUUID } from "node:crypto";
import { gzipSync } from "node:zlib";
import { type JsonRequest, Practice } from "../support/practice.ts";
import { expectRefused, type Kind } from "../support/refusal.ts";
import type { Asked } from "../support/wire.ts";

const MEBIBYTE = 1024 * 1024;
const FAMILY = "👨‍👩‍👧‍👦";

let practice: Practice;
let before: unknown;

test.beforeAll(async () => {
  practice = await Practice.begins();
});

test.beforeEach(async () => {
  before = await practice.standing();
});

test.afterEach("nothing has changed", async () => {
  expect(await practice.standing()).toEqual(before);
});

type Bad = Partial<Asked> & { what: string };

/** Sends what a row makes of each good request. */
async function refuses(kind: Kind, making: (good: JsonRequest, text: string) => Bad[]): Promise<void> {
  for (const good of practice.jsonRequests()) {
    for (const { what, ...bad } of making(good, JSON.stringify(good.body))) {
      const answer = await practice.ask({ ...good, body: JSON.stringify(good.body), ...bad });
      expectRefused(answer, kind, `${good.method} ${good.path}, ${what}`);
      expect(answer.headers.get("set-cookie"), what).toBeNull();
    }
  }
}

/** The body with these bytes at the beginning of each of its texts in turn. */
function inEachText(body: string, bytes: Buffer | string): Buffer[] {
  return [...body.matchAll(/:"/g)].map(({ index }) => Buffer.concat([Buffer.from(body.slice(0, index + 2)), Buffer.from(bytes), Buffer.from(body.slice(index + 2))]));
}

/** The body with one member after the other replaced. */
function withEachReplaced(good: JsonRequest, by: (value: unknown) => unknown): Bad[] {
  return Object.entries(good.body).map(([name, value]) => ({ what: `another ${name}`, body: JSON.stringify({ ...good.body, [name]: by(value) }) }));
}

test("B01 an empty body is malformed", async () => {
  await refuses("malformed-request", () => [{ what: "empty", body: "" }]);
});

test("B02 a truncated body, or one with something behind it, is malformed", async () => {
  await refuses("malformed-request", (_, text) => [
    { what: "truncated", body: text.slice(0, -1) },
    { what: "half", body: text.slice(0, text.length / 2) },
    { what: "trailing", body: `${text} x` },
    { what: "two", body: text + text },
  ]);
});

test("B03 a body nested ten thousand deep is malformed", async () => {
  const deep = "[".repeat(10_000) + "]".repeat(10_000);
  await refuses("malformed-request", (good) => [{ what: "deep", body: deep }, ...Object.keys(good.body).map((name) => ({ what: `deep ${name}`, body: `{"${name}":${deep}}` }))]);
});

test("B04 duplicate keys are malformed", async () => {
  await refuses("malformed-request", (good, text) => [
    ...Object.entries(good.body).map(([name, value]) => ({ what: name, body: `{"${name}":${JSON.stringify(value)},${text.slice(1)}` })),
    ...("turns" in good.body ? [{ what: "in a turn", body: text.replace('"speaker"', '"speaker":"coach","speaker"') }] : []),
  ]);
});

test("B05 members that are not offered fail validation", async () => {
  const offered = { owner_id: randomUUID(), learner_id: randomUUID(), id: randomUUID(), status: "finalized", state: "ready", score: 100, roles: ["admin"] };
  await refuses("validation-failed", (good, text) => [
    ...Object.entries(offered).map(([name, value]) => ({ what: name, body: JSON.stringify({ ...good.body, [name]: value }) })),
    ...("turns" in good.body ? [{ what: "in a turn", body: text.replace('"speaker"', '"score":1,"speaker"') }] : []),
  ]);
});

test("B06 values of another type, and null for what is required, fail validation", async () => {
  await refuses("validation-failed", (good) => [
    ...withEachReplaced(good, () => null),
    // Of an object that says what changes, an empty one is no mistake: nothing does.
    ...withEachReplaced(good, (value) => (typeof value === "object" && !Array.isArray(value) ? [] : {})),
    ...withEachReplaced(good, (value) => (typeof value === "number" ? "7" : 7)),
    { what: "nothing at all", body: "{}" },
    { what: "null", body: "null" },
    { what: "a list", body: "[]" },
    { what: "a text", body: '"text"' },
  ]);
});

test("B07 a body of one byte more than a mebibyte is too large, with and without a declared length", async () => {
  await refuses("content-too-large", (_, text) => {
    const body = text.padEnd(MEBIBYTE + 1);
    return [{ what: "declared", body }, { what: "in chunks", body, chunked: true }];
  });
});

test("B08 what is not JSON in UTF-8 is an unsupported media type", async () => {
  const types = ["text/plain", "application/json; charset=utf-16", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/jsonp", ""];
  await refuses("unsupported-media-type", ({ headers: { "content-type": _, ...untyped } }) => [
    { what: "missing", headers: untyped },
    ...types.map((type) => ({ what: type, headers: { ...untyped, "content-type": type } })),
  ]);
});

test("B09 a caller that accepts only XML cannot be answered", async () => {
  const accept = "application/xml";
  await refuses("not-acceptable", ({ headers }) => [{ what: accept, headers: { ...headers, accept } }]);
  const reads = ["/api/topics", `/api/topics/${practice.session.topic.id}`, "/api/users/me", "/api/sessions", "", "/events", "/audio", "/audio/peaks"];
  for (const path of reads.map((read) => (read.startsWith("/api") ? read : practice.path + read))) {
    expectRefused(await practice.ask({ path, headers: { accept } }), "not-acceptable", path);
  }
  for (const [method, path] of [["DELETE", ""], ["POST", "/rating"], ["POST", "/upload"]] as const) {
    expectRefused(await practice.ask({ method, path: practice.path + path, headers: { accept } }), "not-acceptable", `${method} ${path}`);
  }
});

test("B10 bytes that are not UTF-8 are malformed", async () => {
  await refuses("malformed-request", (_, text) =>
    [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80]].flatMap((bytes) => inEachText(text, Buffer.from(bytes)).map((body) => ({ what: `${bytes}`, body }))),
  );
});

test("B11 U+0000 fails validation", async () => {
  await refuses("validation-failed", (_, text) => inEachText(text, "\\u0000").map((body, at) => ({ what: `text ${at}`, body })));
  for (const query of ["/api/topics?q=a%00b", "/api/topics?cursor=%00", "/api/sessions?cursor=%00"]) {
    expectRefused(await practice.ask({ path: query }), "validation-failed", query);
  }
});

test("B12 half of a surrogate pair is malformed", async () => {
  await refuses("malformed-request", (_, text) =>
    ["\\ud800", "\\udc00", "\\ud800\\ud800"].flatMap((half) => inEachText(text, half).map((body) => ({ what: half, body }))),
  );
});

test("B13 a name longer than any name fails validation", async () => {
  const { headers, body, ...register } = practice.jsonRequests()[0]!;
  for (const name of ["a".repeat(81), "a".repeat(201), FAMILY.repeat(81), FAMILY.repeat(400), `a${"\u0301".repeat(5_000)}`]) {
    const answer = await practice.ask({ ...register, headers, body: JSON.stringify({ ...body, display_name: name }) });
    expectRefused(answer, "validation-failed", name.slice(0, 20), { field: "display_name" });
  }
});

test("B62 a compressed body is an unsupported media type", async () => {
  const bomb = gzipSync(Buffer.alloc(64 * MEBIBYTE, " "));
  await refuses("unsupported-media-type", ({ headers }, text) => [
    { what: "a bomb", headers: { ...headers, "content-encoding": "gzip" }, body: bomb },
    { what: "small", headers: { ...headers, "content-encoding": "gzip" }, body: gzipSync(text) },
    { what: "another coding", headers: { ...headers, "content-encoding": "br" } },
    { what: "two codings", headers: { ...headers, "content-encoding": "identity, gzip" }, body: gzipSync(text) },
  ]);
});
