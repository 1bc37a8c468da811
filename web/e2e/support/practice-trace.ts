//! What the trace of one practice must look like.

import { expect } from "@playwright/test";
import { eventually } from "./eventually.ts";
import { type Span, trace } from "./stack.ts";

/** Every step from the click to the rating, by the service that takes it. Each is taken once. */
const STEPS = [
  "sessions practice.start",
  "sessions op.sessions.start",
  "sessions grpc.TopicCatalog/GetTopic",
  "topics grpc.TopicCatalog/GetTopic",
  "topics db.topic.find",
  "sessions db.session.insert",
  "sessions event.session.started publish",
  "secrets event.session.started process",
  "upload event.session.started process",
  "secrets http.POST /api/realtime/session",
  "secrets op.secrets.mint",
  "secrets db.client_secret.insert",
  "secrets http.POST /api/realtime/calls",
  "secrets op.secrets.open_call",
  "secrets db.client_secret.redeem",
  "secrets provider.calls",
  "coach http.POST /v1/realtime/calls",
  "secrets db.call.insert",
  "sessions http.POST /api/sessions/{id}/finalize",
  "sessions op.sessions.finalize",
  "sessions db.session.seal",
  "sessions event.session.finalized publish",
  "secrets event.session.finalized process",
  "secrets op.secrets.close_quota",
  "secrets job.hang_up",
  "secrets provider.hang_up",
  "coach http.POST /v1/realtime/calls/{id}/hangup",
  "secrets db.call.hung_up",
  "rating event.session.finalized process",
  "upload http.POST /api/sessions/{id}/upload",
  "upload op.upload.receive",
  "upload job.process_recording",
  "upload op.upload.convert",
  "upload event.audio.stored publish",
  "sessions event.audio.stored process",
  "sessions db.recording.save",
  "rating event.audio.stored process",
  "rating job.rate",
  "rating grpc.SessionRegistry/GetTranscript",
  "sessions grpc.SessionRegistry/GetTranscript",
  "rating grpc.Recordings/GetRecording",
  "upload grpc.Recordings/GetRecording",
  "rating grpc.Recordings/ReadRecording",
  "upload grpc.Recordings/ReadRecording",
  "rating op.rating.decode",
  "rating db.rating.insert",
  "rating event.session.rated publish",
  "sessions event.session.rated process",
  "sessions job.fetch_rating",
  "sessions grpc.Ratings/GetRating",
  "rating grpc.Ratings/GetRating",
];

/** The trace names every step once, hangs together, and begins with the practice. */
export async function expectOneTrace(traceparent: string): Promise<void> {
  const id = traceparent.split("-")[1]!;
  const named = (span: Span) => `${span.service} ${span.name}`;
  // Spans are sent in batches, a few seconds after the work.
  const spans = await eventually("all spans of the practice", async () => {
    const spans = await trace(id);
    const names = new Set(spans.map(named));
    return STEPS.every((step) => names.has(step)) ? spans : undefined;
  }).catch(async () => trace(id));
  const counts = STEPS.map((step) => `${step}: ${spans.filter((span) => named(span) === step).length}`);
  expect(counts).toEqual(STEPS.map((step) => `${step}: 1`));
  const ids = new Set(spans.map((span) => span.id));
  expect(spans.filter(({ parent }) => parent === undefined).map(named), "one root").toEqual(["sessions practice.start"]);
  expect(spans.filter(({ parent }) => parent !== undefined && !ids.has(parent)).map(named), "no orphans").toEqual([]);
}
