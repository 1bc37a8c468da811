//! The recording on its way to the server.

import { expect } from "@playwright/test";
import { crawls, holds, keepsNothing, loses, refuses, stopsTime } from "../outside.ts";
import { failure } from "./arrive.ts";
import { checks } from "./before-call.ts";
import { saves } from "./room.ts";
import type { Learner } from "../../support/learner.ts";
import type { Way, Ways } from "./way.ts";

const UPLOAD = "POST /api/uploads";

const sending: Way = async (learner) => {
  await crawls(learner.page);
  await saves(learner);
  await expect(learner.page.getByRole("progressbar", { name: "Sending the recording" })).toBeVisible();
};

const lost: Way = async (learner) => {
  await loses(learner.page, UPLOAD);
  await saves(learner);
  await failure(learner, "UPLOAD_FAILED");
};

/** A learner who signs out while a recording of theirs is held up. */
const signsOut = async ({ page }: Learner): Promise<void> => {
  await page.getByRole("link", { name: "Choose another topic" }).click();
  await page.getByRole("button", { name: "Account of Maya" }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
};

export const recording = {
  "sign-out-sending": async (learner) => {
    await lost(learner);
    await stopsTime(learner.page);
    await signsOut(learner);
    await expect(learner.page.getByRole("heading", { name: "Sending what is left" })).toBeVisible();
  },
  "sign-out-question": async (learner) => {
    await lost(learner);
    await signsOut(learner);
    await expect(learner.page.getByText(/they wait in this browser/)).toBeVisible();
  },
  "sign-out-question-in-tab": async (learner) => {
    await recording["saved-UPLOAD_ONLY_HERE"](learner);
    await signsOut(learner);
    await expect(learner.page.getByText(/it waits in this tab/)).toBeVisible();
  },
  "saved-sending": sending,
  "saved-not-recorded": async (learner) => {
    await checks(learner);
    await learner.page.getByRole("radio", { name: "Do not record" }).check();
    await learner.page.getByRole("button", { name: "Start", exact: true }).click();
    await learner.hearsTheCoach(1);
    await learner.ends();
  },
  "saved-UPLOAD_FAILED": lost,
  "saved-UPLOAD_ONLY_HERE": async (learner) => {
    await keepsNothing(learner.page);
    await loses(learner.page, UPLOAD);
    await saves(learner);
    await failure(learner, "UPLOAD_ONLY_HERE");
  },
  "saved-RECORDING_REFUSED": async (learner) => {
    const { arrived, letGo } = await holds(learner.page, UPLOAD);
    const { visitor, session } = await saves(learner);
    await arrived;
    expect((await visitor.uploads(session)).status()).toBe(201);
    letGo();
    await failure(learner, "RECORDING_REFUSED");
  },
  "saved-REFUSED_ONLY_HERE": async (learner) => {
    await keepsNothing(learner.page);
    await refuses(learner.page, UPLOAD, 409, "recording-exists");
    await saves(learner);
    await failure(learner, "REFUSED_ONLY_HERE");
  },
  "elsewhere-sending": async (learner) => {
    await sending(learner);
    await learner.page.getByRole("link", { name: "Choose another topic" }).click();
    await expect(learner.page.getByRole("complementary", { name: "Sending the recording" })).toBeVisible();
    await expect(learner.page.getByRole("link", { name: /^Practise: / }).first()).toBeVisible();
  },
  "elsewhere-UPLOAD_FAILED": async (learner) => {
    await lost(learner);
    await learner.page.getByRole("link", { name: "Choose another topic" }).click();
    await failure(learner, "UPLOAD_FAILED");
    await expect(learner.page.getByRole("link", { name: /^Practise: / }).first()).toBeVisible();
  },
  "session-UPLOAD_FAILED": async (learner) => {
    await lost(learner);
    await learner.page.getByRole("link", { name: "See your session" }).click();
    await expect(learner.page.getByRole("heading", { name: "What was said" })).toBeVisible();
    await failure(learner, "UPLOAD_FAILED");
  },
} satisfies Ways;

