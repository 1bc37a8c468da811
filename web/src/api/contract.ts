/** The shapes the services speak, as the HTTP contract states them. */

export type Level = "A1" | "A2" | "B1" | "B2" | "C1";
export type Kind = "everyday" | "work" | "interview";

export const levels = ["A1", "A2", "B1", "B2", "C1"] as const satisfies readonly Level[];
export const kinds = ["everyday", "work", "interview"] as const satisfies readonly Kind[];

export interface User {
  id: string;
  email: string;
  display_name: string;
  roles: string[];
  created_at: string;
}

export interface TopicSummary {
  id: string;
  title: string;
  summary: string;
  level: Level;
  kind: Kind;
  minutes: number;
  goal: string;
}

export interface Topic extends TopicSummary {
  situation: string;
  phrases: string[];
  version: number;
}

export interface TopicPage {
  topics: TopicSummary[];
  next_cursor: string | null;
}

export type RecordingPolicy = "keep" | "never";
export type Speaker = "learner" | "coach";
export type TurnState = "complete" | "truncated" | "not_transcribed";
export type EndReason = "learner" | "coach" | "time_limit" | "connection_lost" | "microphone_lost";

export interface Turn {
  item_id: string;
  speaker: Speaker;
  start_ms: number;
  end_ms: number;
  text: string | null;
  state: TurnState;
  call: number;
}

export interface Transcript {
  source: "live";
  revision: number;
  final: boolean;
  approximate: boolean;
  turns: Turn[];
}

export type RecordingState = "none" | "expected" | "processing" | "ready" | "failed";

export interface Recording {
  state: RecordingState;
  revision: number;
  duration_ms: number | null;
  media_type: string | null;
  channel_layout: string | null;
  audio_url: string | null;
  peaks_url: string | null;
  warnings: string[];
}

export interface Interval {
  start_ms: number;
  end_ms: number;
}

export interface Finding {
  subject: "learner" | "coach" | "session";
  metric: string;
  value: number | null;
  unit: string;
  definition: string;
  evidence: Interval[];
  source: "audio" | "words" | "model";
  not_measured: string | null;
}

export type RatingState = "none" | "waiting" | "ready" | "failed";

export interface Rating {
  state: RatingState;
  revision: number;
  rated_at: string | null;
  findings: Finding[];
  reason: string | null;
}

export interface SessionTopic {
  id: string;
  title: string;
  level: Level;
  kind: Kind;
  minutes: number;
  situation: string;
  phrases: string[];
}

export interface Session {
  id: string;
  mode: "conversation";
  state: "open" | "finalized";
  topic: SessionTopic;
  recording_policy: RecordingPolicy;
  started_at: string;
  ended_at: string | null;
  duration_ms: number | null;
  end_reason: EndReason | null;
  transcript: Transcript;
  recording: Recording;
  rating: Rating;
  traceparent: string;
  warnings: string[];
}

export interface SessionSummary {
  id: string;
  state: "open" | "finalized";
  topic: Pick<SessionTopic, "id" | "title" | "level" | "kind">;
  started_at: string;
  ended_at: string | null;
  duration_ms: number | null;
  recording_state: RecordingState;
  rating_state: RatingState;
}

export interface SessionPage {
  sessions: SessionSummary[];
  next_cursor: string | null;
}

export interface RealtimeTicket {
  client_secret: string;
  expires_at: string;
  calls_url: string;
  exchange: "direct";
  provider: "coach" | "openai";
  model: string;
  ice_servers: { urls: string | string[]; username?: string; credential?: string }[];
  max_duration_s: number;
}

export interface Peaks {
  duration_ms: number;
  resolution_ms: number;
  learner: number[];
  coach: number[];
}

type Call<Ok, Body = never, Parameters = object> = {
  parameters: Parameters;
  responses: { 200: { content: { "application/json": Ok } } };
} & ([Body] extends [never] ? { requestBody?: never } : { requestBody: { content: { "application/json": Body } } });

interface ById {
  path: { id: string };
}
interface Keyed {
  header: { "Idempotency-Key": string };
}

/** In the form openapi-fetch reads. */
export interface Routes {
  "/api/auth/register": {
    post: Call<Record<string, never>, { email: string; password: string; display_name: string }>;
  };
  "/api/auth/sign-in": { post: Call<User, { email: string; password: string }> };
  "/api/auth/sign-out": { post: Call<undefined> };
  "/api/users/me": { get: Call<User> };
  "/api/topics": {
    get: Call<
      TopicPage,
      never,
      { query?: { level?: Level; kind?: Kind; q?: string; limit?: number; cursor?: string } }
    >;
  };
  "/api/topics/{id}": { get: Call<Topic, never, ById> };
  "/api/sessions": {
    get: Call<SessionPage, never, { query?: { limit?: number; cursor?: string } }>;
    post: Call<Session, { topic_id: string; recording_policy: RecordingPolicy }, Keyed>;
  };
  "/api/sessions/{id}": {
    get: Call<Session, never, { path: { id: string } }>;
    delete: Call<undefined, never, { path: { id: string } }>;
  };
  "/api/sessions/{id}/transcript": {
    put: Call<{ revision: number }, { revision: number; turns: Turn[] }, ById>;
  };
  "/api/sessions/{id}/finalize": {
    post: Call<Session, { turns: Turn[]; duration_ms: number; end_reason: EndReason }, ById & Keyed>;
  };
  "/api/sessions/{id}/rating": { post: Call<Session, never, ById & Keyed> };
  "/api/realtime/session": {
    post: Call<RealtimeTicket, { session_id: string }, { header?: { traceparent?: string } }>;
  };
}
