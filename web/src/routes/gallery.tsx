import { useParams } from "@tanstack/react-router";
import { useState } from "react";
import type { Finding, Peaks, Session, SessionSummary, Turn } from "@/api/contract";
import { HistoryView } from "@/features/history/history-list";
import { type Call, newCall, phases } from "@/features/practice/call";
import type { Snapshot } from "@/features/practice/practice-call";
import { RoomView, type RoomViewProps } from "@/features/practice/practice-room";
import type { Caption } from "@/features/practice/transcript";
import { Player } from "@/features/session/player";
import { UploadNotice } from "@/features/recording/upload-status";
import { paths } from "@/paths";
import { screens } from "@/screens";
import { FailureNotice } from "@/ui/failure-notice";
import { Link } from "@/ui/link";
import { Failure, failureCodes } from "@/words/failure";
import { say } from "@/words/say";
import { Frame } from "./frame";
import { SessionView } from "./session";

const reference = "4bf92f3577b34da6a3ce929d0e0e4736";
const nothing = () => undefined;

const turns: Turn[] = [
  turn("a1", "coach", 800, 6_200, "Hello! I am your coach today. We have about five minutes. What did you do at the market on Saturday?"),
  turn("u1", "learner", 7_100, 12_900, "On Saturday I went to the market with my sister and we bought some cherries."),
  turn("a2", "coach", 13_800, 17_300, "Cherries, nice. What was the best part of the morning?"),
  turn("u2", "learner", 19_400, 26_000, "The best part was the old man who sells cheese, because he always tells a story."),
  { ...turn("a3", "coach", 26_900, 29_100, "What a lovely thing. What kind of"), state: "truncated" },
  turn("u3", "learner", 28_700, 33_000, "He told us about his first day there, forty years ago."),
  { ...turn("u4", "learner", 36_000, 37_200, ""), text: null, state: "not_transcribed" },
];

function turn(item: string, speaker: Turn["speaker"], start: number, end: number, text: string): Turn {
  return { item_id: item, speaker, start_ms: start, end_ms: end, text, state: "complete", call: 0 };
}

const session: Session = {
  id: "0192f0c0-0000-7000-8000-000000000001",
  mode: "conversation",
  state: "finalized",
  topic: {
    id: "0192f0c0-0000-7000-8000-0000000000aa",
    title: "A morning at the market",
    level: "B1",
    kind: "everyday",
    minutes: 5,
    situation: "You tell a friend about your Saturday morning at the market.",
    phrases: ["On Saturday I …", "The best part was …", "I didn't … because …"],
  },
  recording_policy: "keep",
  started_at: "2026-11-20T09:30:00Z",
  ended_at: "2026-11-20T09:35:07Z",
  duration_ms: 307_000,
  end_reason: "learner",
  transcript: { source: "live", revision: 7, final: true, approximate: true, turns },
  recording: {
    state: "ready",
    revision: 1,
    duration_ms: 38_000,
    media_type: "audio/webm",
    channel_layout: "learner_left_coach_right",
    audio_url: "/gallery.webm",
    peaks_url: null,
    warnings: [],
  },
  rating: {
    state: "ready",
    revision: 1,
    rated_at: "2026-11-20T09:35:20Z",
    reason: null,
    findings: [
      finding("speaking_time", 16_900, "ms", "How long your voice was heard in all.", []),
      finding("turn_share", 0.58, "ratio", "Your part of all the time in which somebody spoke.", []),
      finding("silent_pauses", 3, "count", "Silences of at least 250 ms inside your turns.", [
        { start_ms: 9_200, end_ms: 9_700 },
        { start_ms: 21_300, end_ms: 22_600 },
        { start_ms: 30_100, end_ms: 30_500 },
      ]),
      finding("longest_run", 5.6, "s", "Your longest stretch of speech without a silence of 250 ms.", [
        { start_ms: 7_100, end_ms: 12_700 },
      ]),
      finding("syllable_rate", 3.4, "per_second", "Syllable nuclei per second of your speech, measured in the sound.", []),
      { ...finding("fillers", null, "count", "Words such as um and uh, counted in the transcript.", []), not_measured: "The live transcript leaves fillers out.", source: "words" },
    ],
  },
  traceparent: `00-${reference}-00f067aa0ba902b7-01`,
  warnings: [],
};

function finding(metric: string, value: number | null, unit: string, definition: string, evidence: Finding["evidence"]): Finding {
  return { subject: "learner", metric, value, unit, definition, evidence, source: "audio", not_measured: null };
}

/** Something like speech, but the same every time. */
function lane(speaker: Turn["speaker"]): number[] {
  return Array.from({ length: 380 }, (_, index) => {
    const at = index * 100;
    const speaking = turns.some((own) => own.speaker === speaker && own.start_ms <= at && at < own.end_ms);
    return speaking ? 40 + Math.round(150 * Math.abs(Math.sin(index * 0.9) * Math.cos(index * 0.23))) : 1;
  });
}

const peaks: Peaks = { duration_ms: 38_000, resolution_ms: 100, learner: lane("learner"), coach: lane("coach") };

const captions: Caption[] = turns.map(({ item_id: id, speaker, text, state }) => ({ id, speaker, text: text ?? "", state }));

function levelsOf(call: Call) {
  return () => ({ learner: call.phase === "listening" ? 0.16 : 0, coach: call.phase === "speaking" ? 0.2 : 0 });
}

function Room({ call, snapshot, props }: { call: Partial<Call>; snapshot?: Partial<Snapshot>; props?: Partial<RoomViewProps> }) {
  const whole: Call = { ...newCall, durationMs: call.phase === "saved" ? 307_000 : null, ...call };
  const [levels] = useState(() => levelsOf(whole));
  return (
    <RoomView
      session={session}
      snapshot={{ call: whole, captions, provider: "coach", soundHeld: false, savedMs: 0, ...snapshot }}
      elapsedMs={97_000}
      levels={levels}
      asksToEnd={false}
      onStay={nothing}
      onMute={nothing}
      onEnd={nothing}
      onRetry={nothing}
      onPlay={nothing}
      onLeave={nothing}
      onCheckAgain={nothing}
      upload={<UploadNotice upload={{ state: "sending", progress: 0.43, failure: null }} onRetry={nothing} />}
      {...props}
    />
  );
}

function Sessioned({ name }: { name: string }) {
  const shown: Record<string, Session> = {
    ready: session,
    waiting: { ...session, rating: { ...session.rating, state: "waiting", findings: [] } },
    processing: { ...session, recording: { ...session.recording, state: "processing" }, rating: { ...session.rating, state: "waiting", findings: [] } },
    "rating-failed": { ...session, rating: { ...session.rating, state: "failed", findings: [], reason: null } },
    "not-recorded": { ...session, recording_policy: "never", recording: { ...session.recording, state: "none" } },
    open: { ...session, state: "open" },
    empty: { ...session, transcript: { ...session.transcript, turns: [] }, rating: { ...session.rating, state: "none" } },
  };
  const chosen = shown[name] ?? session;
  return (
    <SessionView
      session={chosen}
      onChanged={nothing}
      onDeleted={nothing}
      {...(chosen.recording.state === "ready"
        ? {
            player: (playback) => (
              <Player playback={playback} durationMs={peaks.duration_ms} peaks={peaks} peaksFailed={false} warned={false} />
            ),
          }
        : {})}
    />
  );
}

const summaries: SessionSummary[] = (["waiting", "ready", "failed", "none", "ready"] as const).map((rating, index) => ({
  id: `0192f0c0-0000-7000-8000-00000000000${index}`,
  state: index === 0 ? "open" : "finalized",
  topic: { ...session.topic, title: ["Talking about a long journey with many changes of train", "A morning at the market", "Explaining a delay", "Your last project", "Finding a flat"][index] ?? "" },
  started_at: `2026-11-${20 - index}T09:30:00Z`,
  ended_at: null,
  duration_ms: index === 0 ? null : 307_000 - index * 41_000,
  recording_state: "ready",
  rating_state: rating,
}));

function History({ sessions }: { sessions: readonly SessionSummary[] }) {
  return (
    <Frame title={say("history.title")}>
      <div className="mx-auto max-w-4xl px-4 py-10 sm:px-6 sm:py-14">
        <h1 className="text-display">{say("history.title")}</h1>
        <p className="mt-3 mb-9 text-lead text-quiet">{say("history.lead")}</p>
        <HistoryView sessions={sessions} more={sessions.length > 0} loadingMore={false} onMore={nothing} />
      </div>
    </Frame>
  );
}

function pick(screen: string) {
  const phase = phases.find((known) => screen === `room-${known}`);
  const failed = failureCodes.find((code) => screen === `room-failed-${code}`);
  const page = failureCodes.find((code) => screen === `page-failed-${code}`);
  if (phase !== undefined) return <Room call={{ phase }} {...(phase === "connecting" ? { snapshot: { captions: [] } } : {})} />;
  if (failed !== undefined) {
    const broke = failed === "SAVE_PENDING" ? "saving" : "calling";
    return <Room call={{ phase: "failed", broke, trouble: { code: failed, reference } }} snapshot={{ savedMs: failed === "SAVE_PENDING" ? 192_000 : 0 }} />;
  }
  if (page !== undefined) {
    return (
      <Frame title={page}>
        <div className="px-4 py-14 sm:py-24">
          <FailureNotice page failure={new Failure(page, reference)} onWay={nothing} />
        </div>
      </Frame>
    );
  }
  if (screen.startsWith("session-")) return <Sessioned name={screen.slice("session-".length)} />;
  switch (screen) {
    case "room-muted":
      return <Room call={{ phase: "listening", muted: true }} />;
    case "room-empty":
      return <Room call={{ phase: "thinking" }} snapshot={{ captions: [] }} />;
    case "room-end-question":
      return <Room call={{ phase: "speaking" }} props={{ asksToEnd: true }} />;
    case "room-not-recorded":
      return <Room call={{ phase: "speaking" }} props={{ session: { ...session, recording_policy: "never" } }} />;
    case "room-sound-held":
      return <Room call={{ phase: "speaking" }} snapshot={{ soundHeld: true }} />;
    case "room-saved-after-loss":
      return <Room call={{ phase: "saved", trouble: { code: "MIC_REVOKED", reference } }} />;
    case "room-upload-failed":
      return (
        <Room
          call={{ phase: "saved" }}
          props={{
            upload: <UploadNotice upload={{ state: "failed", progress: 0, failure: new Failure("UPLOAD_FAILED", reference) }} onRetry={nothing} />,
          }}
        />
      );
    case "history-list":
      return <History sessions={summaries} />;
    default:
      return <History sessions={[]} />;
  }
}

export function GalleryScreen() {
  const { screen } = useParams({ strict: false });
  return pick(screen ?? "");
}

export function GalleryIndex() {
  return (
    <main id="content" className="p-8">
      <ul>
        {screens.map((screen) => (
          <li key={screen}>
            <Link to={paths.gallery(screen)} className="underline">
              {screen}
            </Link>
          </li>
        ))}
      </ul>
    </main>
  );
}
