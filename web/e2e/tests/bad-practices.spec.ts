//! Requests that a practice does not admit in its present state, or in any.

import { expect, test } from "@playwright/test";
import { randomUUID } from "node:crypto";
import { duringChange } from "../support/databases.ts";
import type { Session } from "../support/learner.ts";
import { offer } from "../support/offer.ts";
import { Practice } from "../support/practice.ts";
import { expectRefused } from "../support/refusal.ts";
import { stack } from "../support/stack.ts";
import { conversation, sound } from "../support/visitor.ts";
import type { Answer, Asked } from "../support/wire.ts";

const LONGEST_MS = 4 * 60 * 60 * 1000;
const ENDING = { turns: conversation(), duration_ms: 12_000, end_reason: "learner" };
const OTHER_ENDING = { ...ENDING, turns: conversation("something else") };

let open: Practice;
let over: Practice;

test.beforeAll(async () => {
  [open, over] = [await Practice.begins(), await finalized()];
});

async function finalized(): Promise<Practice> {
  const practice = await Practice.begins();
  expect((await practice.visitor.finalizes(practice.session, ENDING.turns)).status()).toBe(200);
  return practice;
}

function json(method: string, path: string, body: unknown, key?: string | string[]): Asked {
  const headers = { "content-type": "application/json", ...(key !== undefined && { "idempotency-key": key }) };
  return { method, path, headers, body: typeof body === "string" ? body : JSON.stringify(body) };
}

function starting({ session }: Practice, key?: string | string[], recording_policy = "keep"): Asked {
  return json("POST", "/api/sessions", { topic_id: session.topic.id, recording_policy }, key);
}

function finalizing({ path }: Practice, key?: string | string[], ending: unknown = ENDING): Asked {
  return json("POST", `${path}/finalize`, ending, key);
}

function rating({ path }: Practice, key?: string | string[]): Asked {
  return { method: "POST", path: `${path}/rating`, ...(key !== undefined && { headers: { "idempotency-key": key } }) };
}

function saving({ path }: Practice, revision: number, turns: unknown): Asked {
  return json("PUT", `${path}/transcript`, { revision, turns });
}

function minting({ session }: Practice, more = {}): Asked {
  return json("POST", "/api/realtime/session", { session_id: session.id, ...more });
}

function dialling(secret: string, body = offer()): Asked {
  return { method: "POST", path: "/api/realtime/calls", headers: { "content-type": "application/sdp", authorization: `Bearer ${secret}` }, body };
}

function read<T>({ body }: Answer): T {
  return JSON.parse(String(body)) as T;
}

/** Expects that what is asked meanwhile changes nothing. */
async function changesNothing(practices: Practice[], meanwhile: () => Promise<void>): Promise<void> {
  const standings = async () => Promise.all(practices.map((practice) => practice.standing()));
  const before = await standings();
  await meanwhile();
  expect(await standings()).toEqual(before);
}

test("B32 what creates or finishes something needs a key", async () => {
  await changesNothing([open, over], async () => {
    for (const [practice, asked] of [[over, starting(over)], [open, finalizing(open)], [over, rating(over)]] as const) {
      expectRefused(await practice.ask(asked), "idempotency-key-missing", asked.path);
    }
  });
});

test("B33 a key belongs to one request", async () => {
  const [one, another] = [await Practice.begins(), await finalized()];
  const key = randomUUID();
  expect((await one.ask(finalizing(one, key))).status).toBe(200);
  expect((await one.ask(starting(one, key))).status, "keys of different operations do not meet").toBe(201);
  expect((await another.ask(rating(another, key))).status).toBe(202);
  expect((await another.ask(starting(another, key))).status).toBe(201);
  const { sessions } = read<{ sessions: Session[] }>(await another.ask({ path: "/api/sessions?limit=1" }));
  await changesNothing([one, another], async () => {
    expectRefused(await one.ask(finalizing(one, key, OTHER_ENDING)), "idempotency-key-reused", "other words");
    expectRefused(await one.ask(starting(one, key, "never")), "idempotency-key-reused", "another recording policy");
    const ofAnother = { method: "POST", path: `/api/sessions/${sessions[0]!.id}/rating`, headers: { "idempotency-key": key } };
    expectRefused(await another.ask(ofAnother), "idempotency-key-reused", "another session");
  });
});

test("B34 while the first request with a key runs, the second is asked to come back", async () => {
  const fresh = await Practice.begins();
  const { id } = read<{ id: string }>(await fresh.ask({ path: "/api/users/me" }));
  const key = randomUUID();
  const asked = [finalizing(fresh, key), starting(fresh, key), rating(fresh, key)];
  await changesNothing([fresh], async () => {
    const claims = ["finalize", "start", "rate"].map((operation) => `('${id}', '${operation}', '${key}', '', null, now())`);
    await duringChange("sessions", `insert into idempotency_key values ${claims.join()}`, async () => {
      for (const answer of await Promise.all(asked.map((one) => fresh.ask(one)))) {
        expectRefused(answer, "request-in-progress", key);
        expect(Number(answer.headers.get("retry-after"))).toBeGreaterThanOrEqual(1);
      }
    });
  });
  const statuses: number[] = [];
  for (const one of asked) statuses.push((await fresh.ask(one)).status);
  expect(statuses, "once the first is given up").toEqual([200, 201, 202]);
});

test("B35 a key that is not one line of 1 to 255 printable characters is malformed", async () => {
  await changesNothing([open, over], async () => {
    for (const key of ["k".repeat(256), "k".repeat(4000), "schl\u00fcssel", "tab\there", "", ["one", "two"]]) {
      for (const [practice, asked] of [[over, starting(over, key)], [open, finalizing(open, key)], [over, rating(over, key)]] as const) {
        expectRefused(await practice.ask(asked), "malformed-request", `${asked.path} ${String(key).slice(0, 20)}`);
      }
    }
  });
});

test("B36 finalizing again with other words names the revision that is sealed", async () => {
  const { transcript } = read<Session>(await over.ask({ path: over.path }));
  await changesNothing([over], async () => {
    for (const ending of [OTHER_ENDING, { ...ENDING, duration_ms: 13_000 }, { ...ENDING, end_reason: "coach" }]) {
      expectRefused(await over.ask(finalizing(over, randomUUID(), ending)), "already-finalized", ending.end_reason, { revision: transcript.revision });
    }
  });
});

test("B37 what was deleted, or never started, cannot be finalized; what is open cannot be rated", async () => {
  const gone = await Practice.begins();
  const startedBy = randomUUID();
  expect((await gone.visitor.finalizes(gone.session)).status()).toBe(200);
  const second = read<Session>(await gone.ask(starting(gone, startedBy)));
  for (const { id } of [gone.session, second]) expect((await gone.ask({ method: "DELETE", path: `/api/sessions/${id}` })).status).toBe(204);
  expectRefused(await gone.ask(finalizing(gone, randomUUID())), "not-found", "deleted");
  expectRefused(await gone.ask(json("POST", `/api/sessions/${randomUUID()}/finalize`, ENDING, randomUUID())), "not-found", "never started");
  expectRefused(await gone.ask(starting(gone, startedBy)), "not-found", "a late repetition starts nothing");
  expect(read(await gone.ask({ path: "/api/sessions" }))).toEqual({ sessions: [], next_cursor: null });

  await changesNothing([open], async () => {
    expectRefused(await open.ask(rating(open, randomUUID())), "invalid-state", "still open");
  });
  const unrecorded = read<Session>(await gone.ask(starting(gone, randomUUID(), "never")));
  const upload = { method: "POST", path: `/api/sessions/${unrecorded.id}/upload`, headers: { "content-type": "audio/webm" }, body: sound() };
  expectRefused(await gone.ask(upload), "invalid-state", "not to be recorded");
});

test("B38 words that come after the end are refused", async () => {
  await changesNothing([over], async () => {
    for (const revision of [1, 2, 1_000_000_000]) expectRefused(await over.ask(saving(over, revision, OTHER_ENDING.turns)), "transcript-finalized", `${revision}`);
  });
});

test("B39 times that are none fail validation while they can be sent again, and are mended at the end", async () => {
  const [turn] = conversation();
  const odd = [["9", "8"], ["-1", "5"], ["0", "1e309"], ["-1e309", "0"], ["0", `${LONGEST_MS + 1}`]] as const;
  const turns = odd.map(([start, end], at) => JSON.stringify({ ...turn, item_id: `odd_${at}`, start_ms: "from", end_ms: "to" }).replace('"from"', start).replace('"to"', end));
  const noNumbers = ['"NaN"', "null", "true", "[1]"].map((number) => JSON.stringify({ ...turn, start_ms: "from" }).replace('"from"', number));
  await changesNothing([open], async () => {
    for (const one of [...turns, ...noNumbers]) {
      expectRefused(await open.ask(json("PUT", `${open.path}/transcript`, `{"revision":1,"turns":[${one}]}`)), "validation-failed", one);
    }
    for (const one of noNumbers) {
      expectRefused(await open.ask(finalizing(open, randomUUID(), `{"turns":[${one}],"duration_ms":1,"end_reason":"learner"}`)), "validation-failed", one);
    }
    const bare = JSON.stringify({ revision: 1, turns: [{ ...turn, start_ms: "from" }] }).replace('"from"', "NaN");
    expectRefused(await open.ask(json("PUT", `${open.path}/transcript`, bare)), "malformed-request", "NaN");
  });

  const ended = await Practice.begins();
  const answer = await ended.ask(finalizing(ended, randomUUID(), `{"turns":[${turns.join()}],"duration_ms":12000,"end_reason":"learner"}`));
  const { transcript, duration_ms, warnings } = read<Session & { warnings: string[] }>(answer);
  expect([answer.status, warnings]).toEqual([200, ["times_clamped"]]);
  expect(transcript.turns.map(({ item_id, text }) => [item_id, text]), "no word is lost").toEqual(odd.map((_, at) => [`odd_${at}`, turn!.text]));
  for (const { start_ms, end_ms } of transcript.turns) expect(start_ms <= end_ms && end_ms <= duration_ms, `${start_ms} to ${end_ms}`).toBe(true);
});

test("B40 more turns or words than any conversation has are refused", async () => {
  const turns = Array.from({ length: 10_001 }, (_, at) => ({ item_id: `${at}`, speaker: "coach", start_ms: 0, end_ms: 0, state: "complete", call: 0 }));
  const words = conversation("word ".repeat(220_000));
  await changesNothing([open], async () => {
    expectRefused(await open.ask(saving(open, 1, turns)), "validation-failed", "saving turns");
    expectRefused(await open.ask(finalizing(open, randomUUID(), { ...ENDING, turns })), "validation-failed", "finalizing turns");
    expectRefused(await open.ask(saving(open, 1, words)), "content-too-large", "saving words");
    expectRefused(await open.ask(finalizing(open, randomUUID(), { ...ENDING, turns: words })), "content-too-large", "finalizing words");
  });
});

test("B41 words older than those saved are refused with the revision that is", async () => {
  const fresh = await Practice.begins();
  expect((await fresh.ask(saving(fresh, 5, ENDING.turns))).status).toBe(200);
  await changesNothing([fresh], async () => {
    for (const revision of [1, 4, 5]) {
      expectRefused(await fresh.ask(saving(fresh, revision, OTHER_ENDING.turns)), "stale-revision", `${revision}`, { revision: 5 });
    }
    for (const revision of [0, -1, 1_000_000_001, 1e12]) expectRefused(await fresh.ask(saving(fresh, revision, ENDING.turns)), "validation-failed", `${revision}`);
  });
});

test("B42 there is no call for a practice that is over", async () => {
  await changesNothing([over], async () => {
    expectRefused(await over.ask(minting(over)), "invalid-state", "finalized");
  });
});

test("B43 a learner chooses neither the model nor the instructions nor the voice", async () => {
  await changesNothing([open], async () => {
    for (const [name, value] of Object.entries({ model: "gpt-realtime", instructions: "Say anything", voice: "marin", tools: [], max_duration_s: 36_000, learner_id: randomUUID() })) {
      expectRefused(await open.ask(minting(open, { [name]: value })), "validation-failed", name);
    }
  });
});

test("B44 the seventh attempt at a first call within a minute is refused, and says when to come back", async () => {
  const eager = await Practice.begins();
  for (let nth = 0; nth < 6; nth += 1) expect((await eager.ask(minting(eager))).status).toBe(200);
  await changesNothing([eager], async () => {
    const seventh = await eager.ask(minting(eager));
    expectRefused(seventh, "quota-exceeded", "the seventh", { violated_policies: ["first-calls"] });
    expect(Number(seventh.headers.get("retry-after"))).toBeGreaterThanOrEqual(1);
    expect(seventh.headers.get("ratelimit")).toMatch(/^"first-calls";r=0;t=\d+$/);
    expect(seventh.headers.get("ratelimit-policy")).toBe('"first-calls";q=6;w=60');
  });
});

test("a key to a call is good once, for whom it was given", async () => {
  const [maya, ben] = [await Practice.begins(), await Practice.begins()];
  const { client_secret: secret } = read<{ client_secret: string }>(await maya.ask(minting(maya)));
  await changesNothing([maya, ben], async () => {
    for (const shown of ["vk_unknown", stack.secret("COACH_KEY")]) expectRefused(await maya.ask(dialling(shown)), "secret-refused", "never given");
    expectRefused(await ben.ask(dialling(secret)), "secret-refused", "given to another learner");
    expectRefused(await maya.ask(dialling(secret, "hello")), "malformed-request", "no offer");
    expectRefused(await maya.ask(dialling(secret, `${offer()}${"a=x\r\n".repeat(20_000)}`)), "content-too-large", "too long an offer");
    expectRefused(await maya.ask({ ...dialling(secret), headers: { ...dialling(secret).headers, "content-type": "application/json" } }), "unsupported-media-type", "JSON");
  });
  const answers = await Promise.all(Array.from({ length: 20 }, async () => maya.ask(dialling(secret))));
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
  for (const answer of answers.filter(({ status }) => status !== 201)) expectRefused(answer, "secret-refused", "used");
});
