//! The call, from the first ring to the saved session.

import { expect } from "@playwright/test";
import type { Phase } from "@/features/practice/call";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Learner, Session } from "../../support/learner.ts";
import { speak } from "../../support/speech.ts";
import type { Visitor } from "../../support/visitor.ts";
import {
  between,
  connectsLoosely,
  cuts,
  holds,
  holdsSoundBack,
  isAlmostFull,
  isCaptured,
  keepsNothing,
  leavesNoWayOut,
  loses,
  recordsNothing,
  refuses,
  stalls,
} from "../outside.ts";
import { failure, goOffline, signedIn, signedOut } from "./arrive.ts";
import { checks, hasMicrophone, starts } from "./before-call.ts";
import type { Ways } from "./way.ts";

const TICKET = "POST /api/realtime/session";
const DIAL = "POST /api/realtime/calls";
const FINALIZE = "POST /api/sessions/*/finalize";

/** Calls the coach, and waits for nothing. */
async function calls(learner: Learner): Promise<{ visitor: Visitor; session: Session }> {
  const visitor = await checks(learner);
  const created = learner.page.waitForResponse((response) => response.url().endsWith("/api/sessions") && response.request().method() === "POST");
  await learner.page.getByRole("button", { name: "Start", exact: true }).click();
  return { visitor, session: (await (await created).json()) as Session };
}

/** Calls, and stands by while something keeps the permission for the call from arriving. */
async function rings(learner: Learner) {
  const held = await holds(learner.page, TICKET);
  const called = await calls(learner);
  await held.arrived;
  return { ...called, held };
}

async function is(learner: Learner, phase: Phase): Promise<void> {
  await expect(learner.page.locator(`[data-phase=${phase}]`)).toBeVisible({ timeout: 30_000 });
}

async function ends(learner: Learner): Promise<void> {
  await asksToEnd(learner);
  await learner.page.getByRole("alertdialog").getByRole("button", { name: "End and save" }).click();
}

async function asksToEnd(learner: Learner): Promise<void> {
  await learner.page.getByRole("button", { name: "End", exact: true }).click();
  await expect(learner.page.getByRole("alertdialog")).toBeVisible();
}

/** Calls, and hears the first words of the coach. */
export async function hears(learner: Learner) {
  const called = await calls(learner);
  await expect(learner.page.getByRole("timer")).toHaveText(/^0:0[3-9]$/, { timeout: 30_000 });
  await expect(learner.page.getByRole("log").locator("[data-speaker=coach]")).toBeVisible();
  return called;
}

/** Hears the coach out, and answers once. */
async function talks(learner: Learner) {
  const called = await calls(learner);
  await learner.hearsTheCoach(1);
  const answer = await speak(mkdtempSync(join(tmpdir(), "answer-")), "answer", { name: "slt", stretch: 1.2 }, [
    "on saturday I went to the market with my sister",
    600,
    "and we bought some fresh fish",
  ]);
  await learner.headset.say(answer.wav);
  await learner.hearsTheCoach(2);
  return called;
}

/** Has talked for a moment, and ended. */
export async function saves(learner: Learner) {
  const called = await hears(learner);
  await ends(learner);
  return called;
}

/** Talks, and has the call cut once everything is arranged for what comes then. */
async function losesTheLine(learner: Learner, arrange: (page: Learner["page"]) => Promise<unknown>) {
  await connectsLoosely(learner.page);
  const called = await hears(learner);
  await arrange(learner.page);
  await cuts(learner.page);
  return called;
}

/** The permission for a call is one for so many seconds. */
async function allows(page: Learner["page"], seconds: number): Promise<void> {
  await between(page, TICKET, async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, json: { ...((await response.json()) as object), max_duration_s: seconds } });
  });
}

export const room = {
  "room-connecting": async (learner) => {
    await rings(learner);
    await is(learner, "connecting");
  },
  "room-listening": async (learner) => {
    await talks(learner);
    await is(learner, "listening");
  },
  "room-thinking": async (learner) => {
    await stalls(learner.page, "output_audio_buffer.started");
    await calls(learner);
    await is(learner, "thinking");
  },
  "room-speaking": async (learner) => {
    await stalls(learner.page, "output_audio_buffer.stopped");
    await hears(learner);
    await is(learner, "speaking");
  },
  "room-ending": async (learner) => {
    // The room waits for the words that are just being saved.
    const { arrived } = await holds(learner.page, "PUT /api/sessions/*/transcript");
    await calls(learner);
    await arrived;
    await learner.hearsTheCoach(1);
    await ends(learner);
    await is(learner, "ending");
  },
  "room-saving": async (learner) => {
    const { arrived } = await holds(learner.page, FINALIZE);
    await saves(learner);
    await arrived;
    await is(learner, "saving");
  },
  "room-saved": async (learner) => {
    await saves(learner);
    await expect(learner.page.getByText("The recording has arrived")).toBeVisible();
  },
  "saved-thanks": async (learner) => {
    await saves(learner);
    await learner.page.getByRole("button", { name: "Good", exact: true }).click();
    await expect(learner.page.getByText("Thank you.")).toBeVisible();
  },
  "saved-SERVICE_DOWN": async (learner) => {
    await refuses(learner.page, "PUT /api/sessions/*/feedback", 503, "unavailable");
    await saves(learner);
    await learner.page.getByRole("button", { name: "All right" }).click();
    await failure(learner, "SERVICE_DOWN");
  },
  "room-muted": async (learner) => {
    await hears(learner);
    await learner.page.getByRole("button", { name: "Mute microphone" }).click();
    await expect(learner.page.getByText("You are muted.")).toBeVisible();
  },
  "room-scrolled-back": async (learner) => {
    await learner.page.setViewportSize({ width: 390, height: 500 });
    await talks(learner);
    await learner.page.getByRole("log").evaluate((log) => log.scrollTo({ top: 0 }));
    await expect(learner.page.getByRole("button", { name: "Jump to the latest words" })).toBeVisible();
  },
  "room-phrases": async (learner) => {
    await rings(learner);
    await learner.page.getByText("Phrases that may help").click();
    await expect(learner.page.locator("details[open]")).toBeVisible();
  },
  "room-end-question": async (learner) => {
    await hears(learner);
    await asksToEnd(learner);
  },
  "room-leave-question": async (learner) => {
    await loses(learner.page, FINALIZE);
    await signedIn(learner);
    // By way of the topics: back leads there, and not out of the app.
    await learner.page.goto("/topics");
    await learner.page.getByRole("link", { name: /^Practise: / }).first().click();
    await hasMicrophone(learner);
    await starts(learner);
    await learner.hearsTheCoach(1);
    await ends(learner);
    await failure(learner, "SAVE_PENDING");
    await learner.page.evaluate(() => window.history.back());
    await expect(learner.page.getByRole("alertdialog").getByRole("button", { name: "Leave", exact: true })).toBeVisible();
  },
  "room-not-recorded": async (learner) => {
    await checks(learner);
    await learner.page.getByRole("radio", { name: "Do not record" }).check();
    await learner.page.getByRole("button", { name: "Start", exact: true }).click();
    await learner.hearsTheCoach(1);
  },
  "room-sound-held": async (learner) => {
    await holdsSoundBack(learner.page);
    await hears(learner);
    await expect(learner.page.getByRole("button", { name: "Play the coach's voice" })).toBeVisible();
  },
  "room-storage-low": async (learner) => {
    await isAlmostFull(learner.page);
    await hears(learner);
    await expect(learner.page.getByText("This device is almost full.")).toBeVisible();
  },
  "room-memory-only": async (learner) => {
    await keepsNothing(learner.page);
    await hears(learner);
    await expect(learner.page.getByText("This browser keeps no copy of your recording.")).toBeVisible();
  },
  "room-recording-paused": async (learner) => {
    await recordsNothing(learner.page, "UnknownError");
    await hears(learner);
    await expect(learner.page.getByText("Recording is being taken up again")).toBeVisible();
  },
  "room-recording-stopped": async (learner) => {
    await recordsNothing(learner.page, "NotSupportedError");
    await hears(learner);
    await expect(learner.page.getByText("could not begin again")).toBeVisible();
  },

  "start-OTHER_TAB": async (learner) => {
    await hears(learner);
    const address = learner.page.url();
    learner.page = await learner.context.newPage();
    await learner.page.goto(address);
    await learner.page.getByRole("button", { name: "Check my microphone" }).click();
    await learner.page.getByRole("button", { name: "Continue" }).click();
    await failure(learner, "OTHER_TAB");
  },
  "room-reconnecting": async (learner) => {
    await losesTheLine(learner, (page) => holds(page, TICKET));
    await is(learner, "reconnecting");
  },
  "room-reconnecting-offline": async (learner) => {
    await losesTheLine(learner, () => goOffline(learner));
    await expect(learner.page.getByText("You are offline.")).toBeVisible();
  },
  "room-reconnecting-busy": async (learner) => {
    await losesTheLine(learner, (page) => refuses(page, TICKET, 503, "provider-busy", {}, { "retry-after": "45" }));
    await expect(learner.page.getByText("Next attempt in")).toBeVisible();
  },
  "room-line-back": async (learner) => {
    await losesTheLine(learner, () => Promise.resolve());
    await expect(learner.page.getByText("Connection lost for")).toBeVisible();
    await learner.hearsTheCoach(2);
  },
  "room-given-up": async (learner) => {
    await losesTheLine(learner, (page) => refuses(page, TICKET, 502, "provider-refused"));
    await expect(learner.page.getByRole("button", { name: "End and save" })).toBeVisible();
  },
  "room-time-left": async (learner) => {
    await allows(learner.page, 100);
    await hears(learner);
    await expect(learner.page.getByText("1 min")).toBeVisible();
  },

  "room-OFFLINE": async (learner) => {
    const { held } = await rings(learner);
    await goOffline(learner);
    held.letGo();
    await failure(learner, "OFFLINE");
  },
  "room-NO_NETWORK_INTERFACE": async (learner) => {
    await leavesNoWayOut(learner.page);
    await calls(learner);
    await failure(learner, "NO_NETWORK_INTERFACE");
  },
  "room-CALL_FAILED": async (learner) => {
    await loses(learner.page, DIAL);
    await calls(learner);
    await failure(learner, "CALL_FAILED");
  },
  "room-ICE_FAILED": async (learner) => {
    // The coach's answer names an address that nobody can be reached at.
    await between(learner.page, DIAL, async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, body: (await response.text()).replaceAll(/^a=candidate:.*\r\n/gm, "") });
    });
    await calls(learner);
    await failure(learner, "ICE_FAILED");
  },
  "room-SECRET_REFUSED": async (learner) => {
    await between(learner.page, DIAL, async (route, request) =>
      route.continue({ headers: { ...(await request.allHeaders()), authorization: "Bearer vk_that_ran_out" } }),
    );
    await calls(learner);
    await failure(learner, "SECRET_REFUSED");
  },
  "room-PROVIDER_BUSY": async (learner) => {
    await refuses(learner.page, TICKET, 503, "provider-busy");
    await calls(learner);
    await failure(learner, "PROVIDER_BUSY");
  },
  "room-QUOTA_REACHED": async (learner) => {
    await refuses(learner.page, TICKET, 429, "quota-exceeded", { violated_policies: ["daily-minutes"] });
    await calls(learner);
    await failure(learner, "QUOTA_REACHED");
  },
  "room-TOO_MANY": async (learner) => {
    await refuses(learner.page, TICKET, 429, "quota-exceeded", { violated_policies: ["first-calls"] });
    await calls(learner);
    await failure(learner, "TOO_MANY");
  },
  "room-SERVICE_DOWN": async (learner) => {
    await refuses(learner.page, TICKET, 503, "service-unavailable");
    await calls(learner);
    await failure(learner, "SERVICE_DOWN");
  },
  "room-SIGNED_OUT": async (learner) => {
    const { held } = await rings(learner);
    await signedOut(learner);
    held.letGo();
    await failure(learner, "SIGNED_OUT");
  },
  "room-NOT_FOUND": async (learner) => {
    const { visitor, session, held } = await rings(learner);
    expect((await visitor.requests.delete(`/api/sessions/${session.id}`)).status()).toBe(204);
    held.letGo();
    await failure(learner, "NOT_FOUND");
  },
  "room-ALREADY_ENDED": async (learner) => {
    const { visitor, session, held } = await rings(learner);
    expect((await visitor.finalizes(session)).status()).toBe(200);
    held.letGo();
    await failure(learner, "ALREADY_ENDED");
  },
  "room-UNKNOWN": async (learner) => {
    await isCaptured(learner.page, TICKET);
    await calls(learner);
    await failure(learner, "UNKNOWN");
  },
  "room-SAVE_PENDING": async (learner) => {
    await loses(learner.page, FINALIZE);
    await saves(learner);
    await failure(learner, "SAVE_PENDING");
  },
  "saving-SIGNED_OUT": async (learner) => {
    await refuses(learner.page, FINALIZE, 401, "unauthenticated");
    await saves(learner);
    await failure(learner, "SIGNED_OUT");
    await expect(learner.page.getByRole("button", { name: "Save now" })).toBeVisible();
  },

  "saved-QUOTA_REACHED": async (learner) => {
    await losesTheLine(learner, (page) => refuses(page, TICKET, 429, "quota-exceeded", { violated_policies: ["daily-minutes"] }));
    await is(learner, "saved");
    await failure(learner, "QUOTA_REACHED");
  },
  "saved-time-up": async (learner) => {
    await allows(learner.page, 6);
    await calls(learner);
    await is(learner, "saved");
    await expect(learner.page.getByText("The time for this practice was up.")).toBeVisible();
  },
  "saved-ALREADY_ENDED": async (learner) => {
    const { arrived, letGo } = await holds(learner.page, "PUT /api/sessions/*/transcript");
    const { visitor, session } = await calls(learner);
    await arrived;
    expect((await visitor.finalizes(session)).status()).toBe(200);
    letGo();
    await is(learner, "saved");
    await failure(learner, "ALREADY_ENDED");
  },
} satisfies Ways;
