//! What can be found out from the logs, and nothing more.

import { expect, test } from "@playwright/test";
import { eventually } from "../support/eventually.ts";
import { lines } from "../support/logs.ts";
import { oddFields } from "../support/schema.ts";
import { stack } from "../support/stack.ts";
import { Visitor } from "../support/visitor.ts";

/** What is written down of a session, each with its outcome. */
function audit(session: string): string[] {
  return lines()
    .filter((line) => line["target"] === "audit" && line["session.id"] === session)
    .toSorted((a, b) => String(a["timestamp"]).localeCompare(String(b["timestamp"])))
    .map((line) => `${line["audit.event"]} ${line["audit.outcome"]} ${/^[0-9a-f]{32}$/.test(String(line["trace_id"])) ? "traced" : "lost"}`);
}

test("that a session began, ended and was deleted is written down, and who was not let", async () => {
  const [maya, ben] = [await Visitor.arrives(), await Visitor.arrives()];
  const session = await maya.practises();
  expect((await ben.requests.delete(`/api/sessions/${session.id}`)).status()).toBe(404);
  expect((await maya.requests.delete(`/api/sessions/${session.id}`)).status()).toBe(204);
  expect(audit(session.id)).toEqual([
    "session.started done traced",
    "session.ended done traced",
    "session.deleted refused traced",
    "session.deleted done traced",
  ]);
  const [, trace] = session.traceparent.split("-");
  const started = lines().find((line) => line["audit.event"] === "session.started" && line["session.id"] === session.id);
  expect(started?.["trace_id"], "it began where its trace begins").toBe(trace);
});

test("a session that nobody came back to ended in its own trace", async () => {
  const maya = await Visitor.arrives();
  const session = await maya.abandons();
  const ended = await eventually("its end", async () => lines().find((line) => line["audit.event"] === "session.ended" && line["session.id"] === session.id));
  expect(ended["trace_id"]).toBe(session.traceparent.split("-")[1]);
});

test("a failure is one line, and the reference on the screen leads to it", async () => {
  const maya = await Visitor.arrives();
  const topics = ["topics", "topics-2"];
  const { topics: offered } = (await (await maya.requests.get("/api/topics?limit=1")).json()) as { topics: { id: string }[] };
  await stack.stops(...topics);
  try {
    const refused = await maya.requests.post("/api/sessions", {
      data: { topic_id: offered[0]!.id, recording_policy: "keep" },
      headers: { "idempotency-key": "while topics are away" },
    });
    expect(refused.status()).toBe(503);
    const { instance } = (await refused.json()) as { instance: string };
    const trace = refused.headers()["trace-id"]!;
    expect(instance).toContain(trace);
    const said = lines().filter((line) => line["trace_id"] === trace && ["WARN", "ERROR"].includes(String(line["level"])));
    expect(said.map((line) => line["message"])).toEqual(["Request refused: a dependency gives no answer"]);
    expect(said[0]!["error"]).toContain("topics gives no answer about topic");
  } finally {
    await stack.starts(...topics);
  }
});

test("no line of any service carries what the schema does not have", () => {
  // Whatever was done before in this run, too.
  expect([...new Set(lines().flatMap(oddFields))]).toEqual([]);
});
