//! The first steps that many ways share.

import { expect } from "@playwright/test";
import type { FailureCode } from "@/words/failure-codes";
import type { Learner } from "../../support/learner.ts";
import { Visitor } from "../../support/visitor.ts";

/** Signs a learner in without a page; what is asked for by the visitor is the learner's. */
export async function signedIn(learner: Learner): Promise<Visitor> {
  const visitor = await Visitor.arrives();
  await learner.context.addCookies((await visitor.requests.storageState()).cookies);
  return visitor;
}

/** Signs out behind the page's back, as time does. */
export async function signedOut(learner: Learner): Promise<void> {
  await learner.context.clearCookies();
}

export async function goOffline(learner: Learner): Promise<void> {
  await learner.context.setOffline(true);
}

/** The page says that this went wrong. */
export async function failure(learner: Learner, code: FailureCode): Promise<void> {
  await expect(learner.page.locator(`[data-failure=${code}]`)).toBeVisible({ timeout: 40_000 });
}
