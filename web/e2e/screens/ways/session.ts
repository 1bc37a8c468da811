//! One session, afterwards.

import { expect } from "@playwright/test";
import { randomUUID } from "node:crypto";
import type { Learner, Session } from "../../support/learner.ts";
import { conversation, sound, type Visitor } from "../../support/visitor.ts";
import { between, holds, isCaptured, refuses } from "../outside.ts";
import { failure, goOffline, signedIn, signedOut } from "./arrive.ts";
import { room } from "./room.ts";
import type { Ways } from "./way.ts";

const SESSION = "GET /api/sessions/*";

async function opens({ page }: Learner, { id }: Session): Promise<void> {
  await page.goto(`/sessions/${id}`);
}

async function reads(learner: Learner, session: Session): Promise<void> {
  await opens(learner, session);
  await expect(learner.page.getByRole("heading", { name: "What was said" })).toBeVisible();
}

/** A practice with its recording and its rating. */
async function rated(visitor: Visitor): Promise<Session> {
  return visitor.once(await visitor.practises(), "recording and rating", ({ recording, rating }) => recording.state === "ready" && rating.state === "ready");
}

async function finalized(visitor: Visitor, session: Session, turns = conversation()): Promise<Session> {
  const response = await visitor.finalizes(session, turns);
  expect(response.status(), await response.text()).toBe(200);
  return session;
}

/** The learner has wanted no recording. */
async function notRecorded(visitor: Visitor): Promise<Session> {
  const { topics } = (await (await visitor.requests.get("/api/topics?limit=1")).json()) as { topics: { id: string }[] };
  const response = await visitor.requests.post("/api/sessions", {
    data: { topic_id: topics[0]!.id, recording_policy: "never" },
    headers: { "idempotency-key": randomUUID() },
  });
  return finalized(visitor, (await response.json()) as Session);
}

/** The answer for a session whose rating was given up, which takes the services two minutes of trying. */
async function ratingGaveUp(learner: Learner): Promise<void> {
  await between(learner.page, SESSION, async (route) => {
    const response = await route.fetch();
    const session = (await response.json()) as Session;
    await route.fulfill({ response, json: { ...session, rating: { ...session.rating, state: "failed", reason: "recording_unavailable", findings: [] } } });
  });
}

export const session = {
  "session": async (learner) => {
    const visitor = await signedIn(learner);
    await reads(learner, await rated(visitor));
    await expect(learner.page.getByText("Speaking time")).toBeVisible();
    await expect(learner.page.getByRole("slider", { name: "Position in the recording" })).toBeVisible();
  },
  "session-loading": async (learner) => {
    const visitor = await signedIn(learner);
    const { arrived } = await holds(learner.page, SESSION);
    await opens(learner, await visitor.starts());
    await arrived;
    await expect(learner.page.getByText("Loading…")).toBeVisible();
  },
  "session-waiting": async (learner) => {
    const visitor = await signedIn(learner);
    await reads(learner, await finalized(visitor, await visitor.starts()));
    await expect(learner.page.getByText("The rating is on its way.")).toBeVisible();
  },
  "session-cut-short": async (learner) => {
    const visitor = await signedIn(learner);
    const practice = await finalized(visitor, await visitor.starts());
    // Its end never came.
    const whole = sound();
    const uploaded = await visitor.uploads(practice, whole.subarray(0, whole.length >> 1));
    expect(uploaded.status(), await uploaded.text()).toBe(201);
    await visitor.once(practice, "a recording that is cut short", ({ recording }) => recording.warnings.length > 0);
    await reads(learner, practice);
    await expect(learner.page.getByText("The end of this recording is missing")).toBeVisible();
  },
  "session-rating-failed": async (learner) => {
    const visitor = await signedIn(learner);
    const practice = await rated(visitor);
    await ratingGaveUp(learner);
    await reads(learner, practice);
    await expect(learner.page.getByRole("button", { name: "Rate again" })).toBeVisible();
  },
  "session-not-recorded": async (learner) => {
    const visitor = await signedIn(learner);
    const practice = await visitor.once(await notRecorded(visitor), "a rating", ({ rating }) => rating.state === "ready");
    await reads(learner, practice);
    await expect(learner.page.getByText("This practice was not recorded.")).toBeVisible();
  },
  "session-open": async (learner) => {
    const visitor = await signedIn(learner);
    await reads(learner, await visitor.starts());
    await expect(learner.page.getByRole("button", { name: "End and save it" })).toBeVisible();
    await expect(learner.page.getByRole("link", { name: "Continue" })).toBeVisible();
  },
  "session-interrupted": async (learner) => {
    const visitor = await signedIn(learner);
    await reads(learner, await visitor.abandons());
    await expect(learner.page.getByRole("heading", { name: "This practice was interrupted" })).toBeVisible();
    await expect(learner.page.getByRole("link", { name: "Continue in a new session" })).toBeVisible();
  },
  "session-connection-lost": async (learner) => {
    const visitor = await signedIn(learner);
    const practice = await visitor.starts();
    await visitor.breaksOff(practice, []);
    await reads(learner, practice);
    await expect(learner.page.getByRole("heading", { name: "This practice broke off" })).toBeVisible();
  },
  "session-continued": async (learner) => {
    const visitor = await signedIn(learner);
    const first = await visitor.abandons();
    const second = await visitor.continues(first);
    await visitor.breaksOff(second, []);
    await visitor.continues(second);
    await reads(learner, second);
    await expect(learner.page.getByRole("link", { name: "This goes on with an earlier session" })).toBeVisible();
    await expect(learner.page.getByRole("link", { name: "It goes on in a later session" })).toBeVisible();
  },
  "session-gap": async (learner) => {
    const visitor = await signedIn(learner);
    const practice = await visitor.starts();
    await visitor.breaksOff(practice, [
      { number: 0, start_ms: 0, end_ms: 2600 },
      { number: 1, start_ms: 4900, end_ms: 12_000 },
    ], "learner", [...conversation(), { ...conversation()[1]!, item_id: "item_3", start_ms: 9500, end_ms: 11_000, text: "And then we cooked it." }]);
    const uploaded = await visitor.uploads(practice);
    expect(uploaded.status(), await uploaded.text()).toBe(201);
    await visitor.once(practice, "its recording", ({ recording }) => recording.state === "ready");
    await reads(learner, practice);
    await expect(learner.page.getByText("Connection lost for 2 s")).toBeVisible();
  },
  "session-incomplete": async (learner) => {
    const visitor = await signedIn(learner);
    const practice = await rated(visitor);
    // The second take of this recording is still in another browser.
    await between(learner.page, SESSION, async (route) => {
      const response = await route.fetch();
      const shown = (await response.json()) as Session;
      await route.fulfill({ response, json: { ...shown, recording: { ...shown.recording, warnings: ["incomplete"] } } });
    });
    await reads(learner, practice);
    await expect(learner.page.getByText("Parts of this recording have not arrived.")).toBeVisible();
  },
  "session-empty": async (learner) => {
    const visitor = await signedIn(learner);
    await reads(learner, await finalized(visitor, await visitor.starts(), []));
    await expect(learner.page.getByText("No words were written down")).toBeVisible();
  },
  "session-too-late": async (learner) => {
    await room["saved-ALREADY_ENDED"](learner);
    await learner.page.getByRole("link", { name: "See your session" }).click();
    await expect(learner.page.getByRole("heading", { name: "What came too late" })).toBeVisible();
  },
  "session-too-late-question": async (learner) => {
    await session["session-too-late"](learner);
    await learner.page.getByRole("button", { name: "Remove from this browser" }).click();
    await expect(learner.page.getByRole("alertdialog")).toBeVisible();
  },
  "session-too-late-removed": async (learner) => {
    await session["session-too-late-question"](learner);
    await learner.page.getByRole("alertdialog").getByRole("button", { name: "Remove them" }).click();
    await expect(learner.page.getByText("are removed from this browser")).toBeFocused();
  },
  "session-delete-question": async (learner) => {
    await session["session"](learner);
    await learner.page.getByRole("button", { name: "Delete this session" }).click();
    await expect(learner.page.getByRole("alertdialog")).toBeVisible();
  },
  "session-delete-SERVICE_DOWN": async (learner) => {
    await session["session-waiting"](learner);
    await refuses(learner.page, "DELETE /api/sessions/*", 503, "service-unavailable");
    await learner.page.getByRole("button", { name: "Delete this session" }).click();
    await learner.page.getByRole("alertdialog").getByRole("button", { name: "Delete for good" }).click();
    await failure(learner, "SERVICE_DOWN");
  },
  "session-end-SERVICE_DOWN": async (learner) => {
    await session["session-open"](learner);
    await refuses(learner.page, "POST /api/sessions/*/finalize", 503, "service-unavailable");
    await learner.page.getByRole("button", { name: "End and save it" }).click();
    await failure(learner, "SERVICE_DOWN");
  },
  "session-rating-SERVICE_DOWN": async (learner) => {
    await session["session-rating-failed"](learner);
    await refuses(learner.page, "POST /api/sessions/*/rating", 503, "service-unavailable");
    await learner.page.getByRole("button", { name: "Rate again" }).click();
    await failure(learner, "SERVICE_DOWN");
  },

  "page-OFFLINE": async (learner) => {
    const visitor = await signedIn(learner);
    await finalized(visitor, await visitor.starts());
    await learner.page.goto("/sessions");
    await expect(learner.page.getByText("Rating on its way")).toBeVisible();
    await goOffline(learner);
    await learner.page.getByText("Rating on its way").click();
    await failure(learner, "OFFLINE");
  },
  "page-SERVICE_DOWN": async (learner) => {
    const visitor = await signedIn(learner);
    await refuses(learner.page, SESSION, 503, "service-unavailable");
    await opens(learner, await visitor.starts());
    await failure(learner, "SERVICE_DOWN");
  },
  "page-SIGNED_OUT": async (learner) => {
    const visitor = await signedIn(learner);
    await finalized(visitor, await visitor.starts());
    await learner.page.goto("/sessions");
    await expect(learner.page.getByText("Rating on its way")).toBeVisible();
    await signedOut(learner);
    await learner.page.getByText("Rating on its way").click();
    await failure(learner, "SIGNED_OUT");
  },
  "page-NOT_FOUND": async (learner) => {
    const visitor = await signedIn(learner);
    const gone = await visitor.starts();
    await reads(learner, gone);
    expect((await visitor.requests.delete(`/api/sessions/${gone.id}`)).status()).toBe(204);
    await failure(learner, "NOT_FOUND");
  },
  "page-UNKNOWN": async (learner) => {
    const visitor = await signedIn(learner);
    await isCaptured(learner.page, SESSION);
    await opens(learner, await visitor.starts());
    await failure(learner, "UNKNOWN");
  },
  "address-NOT_FOUND": async (learner) => {
    await learner.page.goto("/nowhere");
    await failure(learner, "NOT_FOUND");
  },
  "crash-UNKNOWN": async (learner) => {
    // Every page has this part, and the page that tells of a failure has it, too.
    await learner.page.route(/account-menu/, (route) => route.abort());
    await learner.page.goto("/");
    await failure(learner, "UNKNOWN");
  },
} satisfies Ways;
