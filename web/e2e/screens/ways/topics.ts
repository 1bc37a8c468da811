//! Choosing what to talk about.

import { expect } from "@playwright/test";
import { holds, loses, refuses } from "../outside.ts";
import { failure, goOffline, signedIn } from "./arrive.ts";
import type { Ways } from "./way.ts";

export const topics = {
  "topics": async (learner) => {
    await signedIn(learner);
    await learner.page.goto("/topics");
    await expect(learner.page.getByRole("link", { name: /^Practise: / }).first()).toBeVisible();
  },
  "account-menu": async (learner) => {
    await topics["topics"](learner);
    await learner.page.getByRole("button", { name: "Account of Maya" }).click();
    await expect(learner.page.getByRole("menuitem", { name: "Sign out" })).toBeVisible();
  },
  "sign-out-failed": async (learner) => {
    await topics["account-menu"](learner);
    await loses(learner.page, "POST /api/auth/sign-out");
    await learner.page.getByRole("menuitem", { name: "Sign out" }).click();
    await expect(learner.page.getByRole("heading", { name: "You are still signed in" })).toBeVisible();
  },
  "topics-loading": async (learner) => {
    await signedIn(learner);
    const { arrived } = await holds(learner.page, "GET /api/topics");
    await learner.page.goto("/topics");
    await arrived;
    await expect(learner.page.getByText("Topics are loading")).toBeVisible();
  },
  "topics-none": async (learner) => {
    await topics["topics"](learner);
    await learner.page.getByRole("textbox", { name: "Search topics" }).fill("zeppelin");
    await expect(learner.page.getByRole("heading", { name: "No topic fits" })).toBeVisible();
  },
  "topics-OFFLINE": async (learner) => {
    await topics["topics"](learner);
    await goOffline(learner);
    await learner.page.getByRole("radio", { name: "B1" }).click();
    await failure(learner, "OFFLINE");
  },
  "topics-SERVICE_DOWN": async (learner) => {
    await signedIn(learner);
    await refuses(learner.page, "GET /api/topics", 503, "service-unavailable");
    await learner.page.goto("/topics");
    await failure(learner, "SERVICE_DOWN");
  },
} satisfies Ways;
