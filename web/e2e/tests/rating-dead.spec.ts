//! Rating failures never block persistence.

import { expect, test } from "@playwright/test";
import { Learner } from "../support/learner.ts";
import { stack } from "../support/stack.ts";
import { Visitor } from "../support/visitor.ts";

const RATING = ["rating", "rating-2"];

test("with rating dead everything else is complete, and the rating appears when it is back", async () => {
  const maya = await Visitor.arrives();
  await stack.stops(...RATING);
  try {
    const session = await maya.practises();
    const now = await maya.once(session, "the recording is ready", ({ recording }) => recording.state === "ready");
    expect(now.transcript.final).toBe(true);
    expect(now.transcript.turns).toHaveLength(2);
    expect(now.rating.state).toBe("waiting");
    const part = await maya.requests.get(`/api/sessions/${session.id}/audio`, { headers: { range: "bytes=0-99" } });
    expect(part.status()).toBe(206);

    await stack.starts(...RATING);
    const rated = await maya.once(session, "the rating", ({ rating }) => rating.state === "ready");
    expect(rated.rating.findings.find(({ metric }) => metric === "speaking_time")?.value).toBeGreaterThan(3);
  } finally {
    await stack.starts(...RATING);
  }
});

test("a rating that failed for good is said so, and works when it is asked for again", async () => {
  const [maya, learner] = [await Visitor.arrives(), await Learner.arrives()];
  const { page } = learner;
  try {
    await stack.stops(...RATING);
    const session = await maya.practises();
    await maya.once(session, "the recording is ready", ({ recording }) => recording.state === "ready");
    await stack.stops("s3");
    await learner.signsIn(maya.email, maya.password);
    await page.goto(`/sessions/${session.id}`);
    await expect(page.getByText("The rating is on its way.")).toBeVisible();
    await stack.starts(...RATING);
    await expect(page.getByRole("heading", { name: "The rating did not work out" })).toBeVisible({ timeout: 120_000 });
    await expect(page.getByText("I went to the market with my sister")).toBeVisible();

    await stack.starts("s3");
    await page.getByRole("button", { name: "Rate again" }).click();
    await expect(page.getByText("Speaking time")).toBeVisible({ timeout: 60_000 });
    await expect(page.getByRole("button", { name: "Rate again" })).toBeHidden();
  } finally {
    await stack.starts("s3", ...RATING);
    await learner.leaves();
  }
});
