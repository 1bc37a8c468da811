//! Rating failures never block persistence.

import { expect, test } from "@playwright/test";
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
