//! What must stay where it belongs is nowhere else.

import { expect, test } from "@playwright/test";
import { randomUUID } from "node:crypto";
import { found, planted, SINKS } from "../support/sinks.ts";
import { stack } from "../support/stack.ts";
import { conversation, Visitor } from "../support/visitor.ts";

test("the search finds what is planted, wherever it is", async () => {
  const canary = `numbat ${randomUUID()}`;
  const takenBack = await planted(canary);
  try {
    expect(await found(canary)).toEqual(SINKS);
  } finally {
    await takenBack();
  }
});

test("keys, secrets, passwords, cookies, addresses, names and words are only where they belong", async () => {
  const [phrase, name, sought, browser] = ["wombat", "Maya", "seeking", "browser"].map((word) => `${word} ${randomUUID()}`) as [string, string, string, string];
  const maya = await Visitor.arrives(undefined, undefined, name);
  expect((await maya.requests.get("/api/topics", { params: { q: sought }, headers: { "user-agent": browser } })).status()).toBe(200);
  const session = await maya.starts();
  const minted = (await (await maya.mints(session)).json()) as { client_secret: string };
  const answered = await maya.calls(session, minted.client_secret);
  expect(answered.status(), await answered.text()).toBe(201);
  const [, password] = /^a=ice-pwd:(.+?)\r?$/m.exec(await answered.text())!;
  // A secret that was used leaves traces too.
  expect((await maya.calls(session, minted.client_secret)).status()).toBe(401);
  expect((await maya.finalizes(session, conversation(phrase))).status()).toBe(200);
  expect((await maya.uploads(session)).status()).toBe(201);
  await maya.once(session, "the rating", ({ rating }) => rating.state === "ready");
  const { cookies } = await maya.requests.storageState();
  const cookie = (name: string) => cookies.find((one) => one.name.endsWith(name))!.value;
  // Failures leave traces too.
  await maya.requests.post("/api/auth/sign-in", { data: { email: maya.email, password: `${maya.password} no` } });
  await maya.requests.post(`/api/sessions/${session.id}/finalize`, { data: `{"turns":[{"text":"${phrase}"`, headers: { "content-type": "application/json", "idempotency-key": "k" } });

  const belongs: [string, string, string[]][] = [
    ["the provider's key", stack.secret("COACH_KEY"), []],
    ["the client secret", minted.client_secret, []],
    ["the coach's answer to the offer", password!, []],
    ["the password", maya.password, []],
    ["the access token", cookie("vv_access"), []],
    ["the login", cookie("vv_login"), []],
    ["the e-mail address", maya.email, ["rows of accounts"]],
    ["the name", name, ["rows of accounts"]],
    ["what was looked for", sought, []],
    ["the browser", browser, []],
    ["what was said", phrase, ["rows of sessions"]],
  ];
  for (const [what, value, places] of belongs) expect(await found(value), what).toEqual(places);
});
