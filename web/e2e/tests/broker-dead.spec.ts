//! Nothing waits for an event to act; on the broker's return every event takes effect once.

import { expect, test } from "@playwright/test";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { countOf } from "../support/databases.ts";
import { stack } from "../support/stack.ts";
import { Visitor } from "../support/visitor.ts";

for (const [what, lose] of [
  ["the broker away", () => {}],
  ["the broker away and its store deleted", () => rmSync(join(stack.folder, "data/nats"), { recursive: true, force: true })],
] as const) {
  test(`with ${what} a whole session works, and then every event takes effect once`, async () => {
    const maya = await Visitor.arrives();
    // Something was said before, so that a lost store is a loss.
    await maya.once(await maya.practises(), "an earlier rating", ({ rating }) => rating.state === "ready");

    await stack.stops("nats");
    const session = await maya.practises();
    const minted = await maya.requests.post("/api/realtime/session", { data: { session_id: (await maya.starts()).id } });
    expect(minted.status(), await minted.text()).toBe(200);
    const replay = await maya.requests.get(`/api/sessions/${session.id}/audio`);
    expect(replay.status()).toBe(200);
    lose();
    await stack.starts("nats");

    const rated = await maya.once(session, "recording and rating", ({ recording, rating }) => recording.state === "ready" && rating.state === "ready", 120_000);
    expect(rated.rating.revision).toBe(1);
    for (const subject of ["session.started", "session.finalized"]) {
      expect(await countOf("sessions", `select count(*) from outbox where subject = '${subject}' and encode(payload, 'escape') like '%${session.id}%'`)).toBe(1);
    }
    expect(await countOf("rating", `select count(*) from rating where session_id = '${session.id}'`)).toBe(1);
  });
}

