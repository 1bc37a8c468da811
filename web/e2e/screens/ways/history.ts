//! Everything practised so far.

import { expect } from "@playwright/test";
import { holds, refuses } from "../outside.ts";
import { failure, signedIn, signedOut } from "./arrive.ts";
import type { Ways } from "./way.ts";

export const history = {
  "history": async (learner) => {
    const visitor = await signedIn(learner);
    await visitor.once(await visitor.practises(), "a rating", ({ rating }) => rating.state === "ready");
    await visitor.finalizes(await visitor.starts());
    await visitor.starts();
    await learner.page.goto("/sessions");
    for (const state of ["Rated", "Rating on its way", "Still open"]) await expect(learner.page.getByText(state)).toBeVisible();
    await expect(learner.page.getByRole("link", { name: "Continue" })).toBeVisible();
  },
  "history-interrupted": async (learner) => {
    const visitor = await signedIn(learner);
    await visitor.abandons();
    await learner.page.goto("/sessions");
    await expect(learner.page.getByText("Interrupted")).toBeVisible();
  },
  "history-loading": async (learner) => {
    await signedIn(learner);
    const { arrived } = await holds(learner.page, "GET /api/sessions");
    await learner.page.goto("/sessions");
    await arrived;
  },
  "history-empty": async (learner) => {
    await signedIn(learner);
    await learner.page.goto("/sessions");
    await expect(learner.page.getByRole("heading", { name: "Nothing here yet" })).toBeVisible();
  },
  "history-SERVICE_DOWN": async (learner) => {
    await signedIn(learner);
    await refuses(learner.page, "GET /api/sessions", 503, "service-unavailable");
    await learner.page.goto("/sessions");
    await failure(learner, "SERVICE_DOWN");
  },
  "history-SIGNED_OUT": async (learner) => {
    await signedIn(learner);
    await learner.page.goto("/topics");
    const link = learner.page.getByRole("link", { name: "My practice" });
    await expect(link).toBeVisible();
    await signedOut(learner);
    await link.click();
    await failure(learner, "SIGNED_OUT");
  },
} satisfies Ways;
