//! The learner's side of a running call: the microphone, and whose turn it is.

import { expect } from "@playwright/test";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Learner } from "../../support/learner.ts";
import { speak } from "../../support/speech.ts";
import { hearsItself, lendsMicrophone, takesMicrophone } from "../outside.ts";
import { failure } from "./arrive.ts";
import { chooses, hasMicrophone, reads, starts } from "./before-call.ts";
import { hears } from "./room.ts";
import type { Ways } from "./way.ts";

async function looksAtDevices(learner: Learner): Promise<void> {
  await learner.page.getByRole("button", { name: "Choose microphone and loudspeaker" }).click();
  await expect(learner.page.getByRole("menuitemradio").first()).toBeVisible();
}

/** Is in a call in which they say themselves when they speak. */
async function speaksByHand(learner: Learner): Promise<void> {
  await reads(learner);
  await chooses(learner);
  await learner.page.getByRole("switch", { name: "Push to talk" }).check();
  await hasMicrophone(learner);
  await starts(learner);
  await learner.hearsTheCoach(1);
}

export const microphone = {
  "room-devices": async (learner) => {
    await learner.headset.plugsIn("desk");
    await hears(learner);
    await looksAtDevices(learner);
  },
  "room-microphone-replaced": async (learner) => {
    await learner.headset.plugsIn("desk");
    await hears(learner);
    await looksAtDevices(learner);
    await learner.page.getByRole("menuitemradio", { name: "desk" }).click();
    await expect(learner.page.getByText("You are heard through")).toBeVisible();
  },
  "room-headphones": async (learner) => {
    await hearsItself(learner.page);
    await learner.headset.hearsItself();
    await hears(learner);
    await expect(learner.page.getByRole("heading", { name: "Use headphones" })).toBeVisible({ timeout: 60_000 });
  },
  "room-by-hand": async (learner) => {
    await speaksByHand(learner);
  },
  "room-by-hand-speaking": async (learner) => {
    await speaksByHand(learner);
    const talk = learner.page.getByRole("button", { name: "Talk", exact: true });
    await talk.click();
    await expect(talk).toHaveAttribute("aria-pressed", "true");
  },
  "microphone-MIC_REVOKED": async (learner) => {
    await hears(learner);
    // Whatever is not granted explicitly is denied from now on.
    await learner.context.grantPermissions([]);
    await failure(learner, "MIC_REVOKED");
  },
  "microphone-MIC_GONE": async (learner) => {
    await hears(learner);
    await learner.headset.pullsOut("microphone");
    await failure(learner, "MIC_GONE");
  },
  "microphone-MIC_BUSY": async (learner) => {
    await lendsMicrophone(learner.page);
    await hears(learner);
    await takesMicrophone(learner.page);
    await failure(learner, "MIC_BUSY");
  },
  "microphone-MIC_SILENT": async (learner) => {
    await hears(learner);
    const hello = await speak(mkdtempSync(join(tmpdir(), "hello-")), "hello", { name: "slt", stretch: 1 }, ["hello can you hear me"]);
    await learner.headset.say(hello.wav);
    // No room is as silent as a headset of the tests that nobody speaks into.
    await expect(learner.page.locator("[data-failure=MIC_SILENT]")).toBeVisible({ timeout: 80_000 });
  },
} satisfies Ways;
