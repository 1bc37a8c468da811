//! One practice is one trace, from the click to the rating.

import { expect, test } from "@playwright/test";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Learner } from "../support/learner.ts";
import { expectOneTrace } from "../support/practice-trace.ts";
import { speak } from "../support/speech.ts";
import { Visitor } from "../support/visitor.ts";

test("one trace names every step of a practice once, although nobody looks at it any more", async () => {
  const maya = await Visitor.arrives();
  const session = await maya.starts();
  const minted = await maya.mints(session);
  expect(minted.status()).toBe(200);
  const { client_secret: secret } = (await minted.json()) as { client_secret: string };
  expect((await maya.calls(session, secret)).status()).toBe(201);
  expect((await maya.finalizes(session)).status()).toBe(200);
  expect((await maya.uploads(session)).status()).toBe(201);
  // No page is open: everything from here on happens by itself.
  await expectOneTrace(session.traceparent, "whole");
});

test("and so does that of a conversation whose tab is closed at the end", async () => {
  const learner = await Learner.arrives();
  try {
    await learner.signsUp();
    const id = await learner.starts("Last weekend");
    await learner.hearsTheCoach(1);
    const folder = mkdtempSync(join(tmpdir(), "trace-"));
    const answer = await speak(folder, "answer", { name: "slt", stretch: 1.25 }, ["on saturday I went to the museum with my sister"]);
    await learner.headset.say(answer.wav);
    await learner.hearsTheCoach(2);
    await learner.ends();
    await learner.page.close();
    await expectOneTrace((await learner.session(id)).traceparent, "while speaking");
  } finally {
    await learner.leaves();
  }
});
