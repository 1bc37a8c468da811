//! From the situation to the click that starts the call.

import { expect } from "@playwright/test";
import type { Learner } from "../../support/learner.ts";
import { speak } from "../../support/speech.ts";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Visitor } from "../../support/visitor.ts";
import { asksForMicrophone, between, holds, losesTheWorklet, refuses, refusesMicrophone } from "../outside.ts";
import { failure, goOffline, signedIn, signedOut } from "./arrive.ts";
import type { Ways } from "./way.ts";

const TOPIC = "Last weekend";

async function opens(learner: Learner): Promise<Visitor> {
  const visitor = await signedIn(learner);
  const { topics } = (await (await visitor.requests.get("/api/topics", { params: { q: TOPIC } })).json()) as { topics: { id: string }[] };
  await learner.page.goto(`/practise/${topics[0]!.id}`);
  await expect(learner.page.getByRole("heading", { name: TOPIC })).toBeVisible();
  return visitor;
}

/** Reads what the practice is about. */
export async function reads(learner: Learner): Promise<Visitor> {
  const visitor = await opens(learner);
  await expect(learner.page.getByText("minutes left today")).toBeVisible();
  return visitor;
}

async function asks(learner: Learner): Promise<void> {
  await learner.page.getByRole("button", { name: "Check my microphone" }).click();
}

/** Has a microphone that works. */
export async function checks(learner: Learner): Promise<Visitor> {
  const visitor = await reads(learner);
  await hasMicrophone(learner);
  return visitor;
}

/** Looks at how the coach waits and speaks. */
export async function chooses(learner: Learner): Promise<void> {
  await learner.page.getByText("Your pace").click();
}

export async function hasMicrophone(learner: Learner): Promise<void> {
  await asks(learner);
  await expect(learner.page.getByLabel("Device")).toBeVisible();
}

/** So many minutes are left of the day. */
async function hasLeft({ page }: Learner, minutes: number): Promise<void> {
  await between(page, "GET /api/realtime/minutes", async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, json: { ...((await response.json()) as object), minutes_left_today: minutes } });
  });
}

export async function starts(learner: Learner): Promise<void> {
  await learner.page.getByRole("button", { name: "Start", exact: true }).click();
}

export const beforeCall = {
  "check": async (learner) => {
    await reads(learner);
  },
  "check-asking": async (learner) => {
    await asksForMicrophone(learner.page);
    await reads(learner);
    await asks(learner);
    await expect(learner.page.getByText("Answer your browser's question")).toBeVisible();
  },
  "check-silent": async (learner) => {
    await checks(learner);
    await expect(learner.page.getByText("Say something to see the level move.")).toBeVisible();
  },
  "check-heard": async (learner) => {
    await checks(learner);
    const hello = await speak(mkdtempSync(join(tmpdir(), "hello-")), "hello", { name: "slt", stretch: 1 }, ["hello can you hear me"]);
    await learner.headset.say(hello.wav);
    await expect(learner.page.getByText("We can hear you.")).toBeVisible();
  },
  "check-pace": async (learner) => {
    await reads(learner);
    await chooses(learner);
    await learner.page.getByRole("radio", { name: "Waits a little" }).check();
  },
  "check-few-minutes": async (learner) => {
    await hasLeft(learner, 2);
    await checks(learner);
    await expect(learner.page.getByText("it ends by itself and is saved")).toBeVisible();
  },
  "start-QUOTA_REACHED": async (learner) => {
    await hasLeft(learner, 0);
    await opens(learner);
    await failure(learner, "QUOTA_REACHED");
  },
  "check-MIC_DENIED": async (learner) => {
    await refusesMicrophone(learner.page, "NotAllowedError");
    await reads(learner);
    // Whatever is not granted explicitly is denied from now on.
    await learner.context.grantPermissions([]);
    await asks(learner);
    await failure(learner, "MIC_DENIED");
  },
  "check-MIC_DISMISSED": async (learner) => {
    await refusesMicrophone(learner.page, "NotAllowedError");
    await reads(learner);
    await asks(learner);
    await failure(learner, "MIC_DISMISSED");
  },
  "check-NO_DEVICE": async (learner) => {
    await refusesMicrophone(learner.page, "NotFoundError");
    await reads(learner);
    await asks(learner);
    await failure(learner, "NO_DEVICE");
  },
  "check-MIC_BUSY": async (learner) => {
    await refusesMicrophone(learner.page, "NotReadableError");
    await reads(learner);
    await asks(learner);
    await failure(learner, "MIC_BUSY");
  },
  "check-UNKNOWN": async (learner) => {
    await losesTheWorklet(learner.page);
    await reads(learner);
    await asks(learner);
    await failure(learner, "UNKNOWN");
  },
  "check-coming-back": async (learner) => {
    const visitor = await signedIn(learner);
    const open = await visitor.starts();
    await visitor.saves(open);
    await learner.page.goto(`/practise/${open.topic.id}?session=${open.id}`);
    await expect(learner.page.getByText("You come back into your practice.")).toBeVisible();
    await expect(learner.page.getByRole("button", { name: "Continue" })).toBeVisible();
  },
  "check-going-on": async (learner) => {
    const visitor = await signedIn(learner);
    const earlier = await visitor.starts();
    await visitor.breaksOff(earlier, []);
    await learner.page.goto(`/practise/${earlier.topic.id}?continues=${earlier.id}`);
    await expect(learner.page.getByText("This goes on with an earlier session.")).toBeVisible();
  },
  "start-busy": async (learner) => {
    await checks(learner);
    await holds(learner.page, "POST /api/sessions");
    await starts(learner);
    await expect(learner.page.getByRole("button", { name: "Starting…" })).toBeVisible();
  },
  "start-OFFLINE": async (learner) => {
    await checks(learner);
    await goOffline(learner);
    await starts(learner);
    await failure(learner, "OFFLINE");
  },
  "start-SERVICE_DOWN": async (learner) => {
    await checks(learner);
    await refuses(learner.page, "POST /api/sessions", 503, "service-unavailable");
    await starts(learner);
    await failure(learner, "SERVICE_DOWN");
  },
  "start-SIGNED_OUT": async (learner) => {
    await checks(learner);
    await signedOut(learner);
    await starts(learner);
    await failure(learner, "SIGNED_OUT");
  },
  "start-TOPIC_GONE": async (learner) => {
    await checks(learner);
    await refuses(learner.page, "POST /api/sessions", 422, "topic-not-offered");
    await starts(learner);
    await failure(learner, "TOPIC_GONE");
  },
  "start-SESSION_OPEN": async (learner) => {
    const visitor = await checks(learner);
    await visitor.starts();
    await starts(learner);
    await failure(learner, "SESSION_OPEN");
  },
  "start-INPUT_REFUSED": async (learner) => {
    await checks(learner);
    // A proxy that rewrites what the browser says about itself.
    await between(learner.page, "POST /api/sessions", async (route, request) =>
      route.fulfill({
        response: await route.fetch({ headers: { ...(await request.allHeaders()), "origin": "http://proxy.example", "sec-fetch-site": "cross-site" } }),
      }),
    );
    await starts(learner);
    await failure(learner, "INPUT_REFUSED");
  },
} satisfies Ways;
