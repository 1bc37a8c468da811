//! A practice whose tab is gone: back into it, ended, or sealed and gone on with in a new one.

import { expect, test } from "@playwright/test";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { countOf, tenMinutesPass } from "../support/databases.ts";
import { eventually } from "../support/eventually.ts";
import { Learner, type Session } from "../support/learner.ts";
import { speak } from "../support/speech.ts";
import { conversation, Visitor } from "../support/visitor.ts";

let learner: Learner;

test.beforeEach(async () => {
  learner = await Learner.arrives();
});

test.afterEach(async () => {
  expect(learner.complaints).toEqual([]);
  await learner.leaves();
});

/** A learner with a practice that is open, in which two turns are saved. */
async function leftOpen(): Promise<{ visitor: Visitor; open: Session }> {
  const visitor = await Visitor.arrives();
  await learner.context.addCookies((await visitor.requests.storageState()).cookies);
  const open = await visitor.starts();
  await visitor.saves(open);
  return { visitor, open };
}

test("history and session offer to go on with what is open, and ending it saves what was said", async () => {
  const { open } = await leftOpen();
  const { page } = learner;
  await page.goto("/sessions");
  await page.getByRole("link", { name: "Continue" }).click();
  await expect(page).toHaveURL(`/practise/${open.topic.id}?session=${open.id}`);
  await expect(page.getByText("The 2 turns said in it are kept")).toBeVisible();

  await page.goto(`/sessions/${open.id}`);
  await expect(page.getByRole("link", { name: "Continue" })).toHaveAttribute("href", `/practise/${open.topic.id}?session=${open.id}`);
  await page.getByRole("button", { name: "End and save it" }).click();
  await expect(page.getByRole("heading", { name: "This practice broke off" })).toBeVisible();
  const ended = await learner.session(open.id);
  expect(ended).toMatchObject({ state: "finalized", end_reason: "connection_lost" });
  expect(ended.transcript.turns).toEqual(conversation());

  // What is over has no door any more.
  await page.goto(`/practise/${open.topic.id}?session=${open.id}`);
  await expect(page).toHaveURL(`/sessions/${open.id}`);
});

test("starting another practice offers to go on with the open one first, and to end it beside", async () => {
  const { visitor, open } = await leftOpen();
  const { page } = learner;
  const { topics } = (await (await visitor.requests.get("/api/topics")).json()) as { topics: { id: string }[] };
  const another = topics.find(({ id }) => id !== open.topic.id)!;
  await page.goto(`/practise/${another.id}`);
  await page.getByRole("button", { name: "Check my microphone" }).click();
  await page.getByRole("button", { name: "Start", exact: true }).click();
  await expect(page.getByRole("button", { name: "End and save it" })).toBeVisible();
  await page.getByRole("button", { name: "Continue" }).click();
  await expect(page).toHaveURL(`/practise/${open.topic.id}?session=${open.id}`);
});

test("a page that watches is told when nobody came back, and of sound that comes late", async () => {
  const { visitor, open } = await leftOpen();
  const { page } = learner;
  await page.goto(`/sessions/${open.id}`);
  await expect(page.getByRole("heading", { name: "This practice is still open" })).toBeVisible();
  await tenMinutesPass(open.id);
  await expect(page.getByRole("heading", { name: "This practice was interrupted" })).toBeVisible({ timeout: 40_000 });
  await expect(page.getByText("The 2 turns that were said are kept.")).toBeVisible();

  const uploaded = await visitor.uploads(open);
  expect(uploaded.status(), await uploaded.text()).toBe(201);
  await expect(page.getByRole("slider", { name: "Position in the recording" })).toBeVisible({ timeout: 60_000 });
  await expect(page.getByText("Speaking time")).toBeVisible({ timeout: 60_000 });
  const sealed = await learner.session(open.id);
  expect(sealed).toMatchObject({ end_reason: "interrupted", recording: { state: "ready" }, rating: { state: "ready" } });
  expect(sealed.transcript.turns).toEqual(conversation());

  const late = await visitor.requests.post(`/api/sessions/${open.id}/finalize`, {
    data: { turns: conversation(), duration_ms: 12_000, end_reason: "learner" },
    headers: { "idempotency-key": "late" },
  });
  expect([late.status(), ((await late.json()) as { type: string }).type]).toEqual([409, "/problems/already-finalized"]);
  expect(await countOf("sessions", `select count(*) from outbox where subject = 'session.finalized' and encode(payload, 'escape') like '%${open.id}%'`)).toBe(1);
});

test("a call whose tab died is sealed after ten minutes, with its recording and its rating, and goes on in a linked session", async () => {
  const answer = await speak(mkdtempSync(join(tmpdir(), "continue-")), "answer", { name: "slt", stretch: 1.25 }, ["on saturday I went to the museum with my sister"]);
  await learner.signsUp();
  const id = await learner.starts("Last weekend");
  await learner.hearsTheCoach(1);
  await learner.headset.say(answer.wav);
  await learner.hearsTheCoach(2);
  const saved = await learner.sessionOnce(id, "two turns are saved", ({ transcript }) => transcript.turns.length >= 2);
  await learner.losesTheTab();
  await eventually("it is sealed", async () => {
    // What the tab sent last may arrive when it is dead.
    await tenMinutesPass(id);
    return (await learner.session(id)).state === "finalized" || undefined;
  });

  const { page } = learner;
  await page.goto("/sessions");
  await expect(page.getByText("Interrupted")).toBeVisible();
  const sealed = await learner.sessionOnce(id, "recording and rating", ({ recording, rating }) => recording.state === "ready" && rating.state === "ready", 90_000);
  expect(sealed.end_reason).toBe("interrupted");
  expect(sealed.transcript.turns.slice(0, 2).map(({ item_id }) => item_id)).toEqual(saved.transcript.turns.slice(0, 2).map(({ item_id }) => item_id));

  await page.goto(`/sessions/${id}`);
  await page.getByRole("link", { name: "Continue in a new session" }).click();
  await expect(page.getByText("This goes on with an earlier session.")).toBeVisible();
  await page.getByRole("button", { name: "Check my microphone" }).click();
  const created = page.waitForResponse((response) => response.url().endsWith("/api/sessions") && response.request().method() === "POST");
  await page.getByRole("button", { name: "Start", exact: true }).click();
  const second = (await (await created).json()) as Session;
  expect(second.continues).toBe(id);
  expect((await learner.session(id)).continued_by).toBe(second.id);
});
