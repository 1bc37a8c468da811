//! What the trace of one practice must look like.

import { expect } from "@playwright/test";
import { eventually } from "./eventually.ts";
import { oddities } from "./schema.ts";
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

/** How the recording came. */
const SENT = {
  whole: ["upload http.POST /api/sessions/{id}/upload", "upload op.upload.receive", "upload job.process_recording"],
  "while speaking": ["upload http.POST /api/uploads", "upload op.upload.begin_take", "upload job.seal_take", "upload op.upload.join"],
};

/** The spans of a trace, each as its service and its name. */
export async function spansOf(traceparent: string): Promise<Span[]> {
  return trace(traceparent.split("-")[1]!);
}

export function named({ service, name }: Span): string {
  return `${service} ${name}`;
}

/** The trace names every step once, or as often as is said here; it hangs together, and begins with the practice. */
export async function expectOneTrace(traceparent: string, sent: keyof typeof SENT, times: Record<string, number> = {}): Promise<Span[]> {
  const steps = [...STEPS, ...SENT[sent]];
  const counts = (spans: Span[]) => steps.map((step) => `${step}: ${spans.filter((span) => named(span) === step).length}`);
  const wanted = steps.map((step) => `${step}: ${times[step] ?? 1}`);
  // Spans are sent in batches, a few seconds after the work.
  const spans = await eventually("all spans of the practice", async () => {
    const spans = await spansOf(traceparent);
    return counts(spans).every((count, step) => count === wanted[step]) ? spans : undefined;
  }).catch(async () => spansOf(traceparent));
  expect(counts(spans)).toEqual(wanted);
  const ids = new Set(spans.map((span) => span.id));
  expect(spans.filter(({ parent }) => parent === undefined).map(named), "one root").toEqual(["sessions practice.start"]);
  expect(spans.filter(({ parent }) => parent !== undefined && !ids.has(parent)).map(named), "no orphans").toEqual([]);
  expect(spans.flatMap(oddities), "nothing outside of the schema").toEqual([]);
  return spans;
}
