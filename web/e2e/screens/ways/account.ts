//! Who is nobody yet, and how one becomes somebody.

import { expect } from "@playwright/test";
import type { Learner } from "../../support/learner.ts";
import { Visitor } from "../../support/visitor.ts";
import { loses, refuses } from "../outside.ts";
import { failure, goOffline } from "./arrive.ts";
import type { Ways } from "./way.ts";

export const account = {
  "welcome": async ({ page }) => {
    await page.goto("/");
    await expect(page.getByRole("button", { name: "Appearance" })).toBeVisible();
  },
  "sign-in": async ({ page }) => {
    await page.goto("/sign-in");
    await expect(page.getByRole("button", { name: "Appearance" })).toBeVisible();
  },
  "sign-in-fields": async ({ page }) => {
    await page.goto("/sign-in");
    await page.getByLabel("E-mail").fill("maya");
    await submit(page, "Sign in");
    await expect(page.getByText("Enter your password.")).toBeVisible();
  },
  "sign-in-refused": async (learner) => {
    await signsIn(learner);
    await expect(learner.page.getByRole("alert")).toBeVisible();
  },
  "sign-in-OFFLINE": async (learner) => {
    await signsIn(learner, () => goOffline(learner));
    await failure(learner, "OFFLINE");
  },
  "sign-in-SERVICE_DOWN": async (learner) => {
    await signsIn(learner, () => loses(learner.page, "POST /api/auth/sign-in"));
    await failure(learner, "SERVICE_DOWN");
  },
  "sign-in-TOO_MANY": async (learner) => {
    await signsIn(learner, () => refuses(learner.page, "POST /api/auth/sign-in", 429, "quota-exceeded"));
    await failure(learner, "TOO_MANY");
  },
  "sign-up": async ({ page }) => {
    await page.goto("/sign-up");
    await expect(page.getByLabel("Your name")).toBeVisible();
  },
  "sign-up-fields": async ({ page }) => {
    await page.goto("/sign-up");
    await page.getByLabel("Password", { exact: true }).fill("short");
    await submit(page, "Create account");
    await expect(page.getByText("Enter a name.")).toBeVisible();
  },
  "sign-up-weak": async (learner) => {
    await signsUp(learner, learner.email, "password1");
    await expect(learner.page.getByRole("alert")).toBeVisible();
  },
  "sign-up-known": async (learner) => {
    const { email } = await Visitor.arrives();
    await signsUp(learner, email, learner.password);
    await expect(learner.page.getByRole("alert")).toBeVisible();
  },
  "sign-up-SERVICE_DOWN": async (learner) => {
    await refuses(learner.page, "POST /api/auth/register", 503, "service-unavailable");
    await signsUp(learner, learner.email, learner.password);
    await failure(learner, "SERVICE_DOWN");
  },
} satisfies Ways;

async function signsIn({ page, email, password }: Learner, before: () => Promise<void> = async () => {}): Promise<void> {
  await page.goto("/sign-in");
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await before();
  await submit(page, "Sign in");
}

async function signsUp({ page }: Learner, email: string, password: string): Promise<void> {
  await page.goto("/sign-up");
  await page.getByLabel("Your name").fill("Maya");
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await submit(page, "Create account");
}

async function submit(page: Learner["page"], name: string): Promise<void> {
  await page.locator("form").getByRole("button", { name }).click();
}
