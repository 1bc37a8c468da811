//! One practice is one trace, from the click to the rating.

import { expect, test } from "@playwright/test";
import { expectOneTrace } from "../support/practice-trace.ts";
import { Visitor } from "../support/visitor.ts";

test("one trace names every step of a practice once, although nobody looks at it any more", async () => {
  const maya = await Visitor.arrives();
  const session = await maya.starts();
  const minted = await maya.requests.post("/api/realtime/session", {
    data: { session_id: session.id },
    headers: { traceparent: session.traceparent },
  });
  expect(minted.status()).toBe(200);
  expect((await maya.finalizes(session)).status()).toBe(200);
  expect((await maya.uploads(session)).status()).toBe(201);
  // No page is open: everything from here on happens by itself.
  await expectOneTrace(session.traceparent);
});
