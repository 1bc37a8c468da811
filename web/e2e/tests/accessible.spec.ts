//! Every page can be read and used by everybody.

import { expect, test } from "@playwright/test";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { faultsOf } from "../support/accessibility.ts";
import { Learner } from "../support/learner.ts";
import { speak } from "../support/speech.ts";

let learner: Learner;

test.beforeEach(async () => {
  learner = await Learner.arrives();
});

test.afterEach(async () => {
  await learner.leaves();
});

/** Looks at the page as it is now, on a desktop and a phone, light and dark. */
async function expectAccessible(what: string) {
  for (const [width, height] of [[1440, 900], [390, 844]] as const) {
    await learner.page.setViewportSize({ width, height });
    for (const colorScheme of ["light", "dark"] as const) {
      await learner.page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      // Colours fade from one scheme to the other; half-way they are nobody's.
      await learner.page.waitForFunction(() => document.getAnimations().every(({ playState }) => playState !== "running"));
      expect(await faultsOf(learner.page), `${what} at ${width} in ${colorScheme}`).toEqual([]);
    }
  }
}

test("no page breaks a rule that a program can check", async () => {
  const { page } = learner;
  for (const path of ["/", "/sign-in", "/sign-up", "/nowhere"]) {
    await page.goto(path);
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    await expectAccessible(path);
  }
  await learner.signsUp();
  await expect(page.getByRole("link", { name: /^Practise: / }).first()).toBeVisible();
  await expectAccessible("the topics");
  await page.goto("/sessions");
  await expect(page.getByRole("heading", { name: "Nothing here yet" })).toBeVisible();
  await expectAccessible("an empty history");
  await page.goto("/topics");
  const id = await learner.starts("Last weekend");
  await learner.hearsTheCoach(1);
  await expectAccessible("the practice room");
  await page.getByRole("button", { name: "End", exact: true }).click();
  await expectAccessible("the question before the end");
  await page.getByRole("alertdialog").getByRole("button", { name: "End and save" }).click();
  await expect(page.getByRole("heading", { name: "Saved" })).toBeVisible();
  await expectAccessible("a saved practice");
  await learner.sessionOnce(id, "recording and rating", ({ recording, rating }) => recording.state === "ready" && rating.state === "ready");
  await page.goto(`/sessions/${id}`);
  await expect(page.getByText("Speaking time")).toBeVisible();
  await expectAccessible("a session");
  await page.goto("/sessions");
  await expect(page.getByText("Last weekend")).toBeVisible();
  await expectAccessible("the history");
});

test("the whole way can be gone with the keyboard alone", async () => {
  const { page } = learner;
  const folder = mkdtempSync(join(tmpdir(), "keyboard-"));
  const answer = await speak(folder, "answer", { name: "slt", stretch: 1.2 }, ["on saturday I went to the museum with my sister"]);
  /** Presses Tab until the focus is on what has this name. */
  const tabTo = async (role: "link" | "button" | "textbox", name: string) => {
    const wanted = page.getByRole(role, { name, exact: true });
    await expect(wanted).toBeVisible();
    for (let pressed = 0; pressed < 80; pressed++) {
      if (await wanted.evaluate((element) => element === document.activeElement)) return;
      await page.keyboard.press("Tab");
    }
    throw new Error(`the keyboard does not reach ${role} ${name}`);
  };
  const press = async (role: "link" | "button", name: string) => {
    await tabTo(role, name);
    await page.keyboard.press("Enter");
  };

  await page.goto("/sign-up");
  await tabTo("textbox", "Your name");
  await page.keyboard.type("Maya");
  await tabTo("textbox", "E-mail");
  await page.keyboard.type(learner.email);
  await page.keyboard.press("Tab");
  await page.keyboard.type(learner.password);
  await press("button", "Create account");
  await press("link", "Practise: Last weekend");
  await press("button", "Check my microphone");
  await press("button", "Start");
  await learner.hearsTheCoach(1);
  await learner.headset.say(answer.wav);
  await learner.hearsTheCoach(2);
  await press("button", "Mute microphone");
  await press("button", "Unmute microphone");
  await press("button", "End");
  await press("button", "End and save");
  await press("link", "See your session");
  await press("button", "Play");
  await expect.poll(() => page.locator("audio").evaluate((audio: HTMLAudioElement) => audio.currentTime)).toBeGreaterThan(0.2);
  await press("button", "Delete this session");
  await press("button", "Delete for good");
  await expect(page.getByRole("heading", { name: "My practice" })).toBeVisible();
});
