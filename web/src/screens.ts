import { phases } from "@/features/practice/call";
import type { FailureCode } from "@/words/failure-codes";

/**
 * Where each failure can be met. The words are the same everywhere; what stands around them and the way on are not.
 * A place is a page, or the part of one that shows the failure.
 */
export const placesOfFailure = {
  MIC_DENIED: ["check"],
  MIC_DISMISSED: ["check"],
  NO_DEVICE: ["check"],
  MIC_BUSY: ["check", "microphone"],
  MIC_REVOKED: ["microphone"],
  MIC_GONE: ["microphone"],
  MIC_SILENT: ["microphone"],
  OFFLINE: ["sign-in", "topics", "start", "room", "page"],
  NO_NETWORK_INTERFACE: ["room"],
  CALL_FAILED: ["room"],
  ICE_FAILED: ["room"],
  SECRET_REFUSED: ["room"],
  PROVIDER_BUSY: ["room"],
  QUOTA_REACHED: ["start", "room", "saved"],
  UPLOAD_FAILED: ["saved", "session", "elsewhere"],
  UPLOAD_ONLY_HERE: ["saved"],
  SAVE_PENDING: ["room"],
  SERVICE_DOWN: ["sign-in", "sign-up", "topics", "start", "room", "saved", "page", "history", "session-end", "session-rating", "session-delete"],
  SIGNED_OUT: ["start", "room", "saving", "page", "history"],
  NOT_FOUND: ["address", "room", "page"],
  TOPIC_GONE: ["start"],
  SESSION_OPEN: ["start"],
  OTHER_TAB: ["start"],
  ALREADY_ENDED: ["room", "saved"],
  RECORDING_REFUSED: ["saved"],
  REFUSED_ONLY_HERE: ["saved"],
  INPUT_REFUSED: ["start"],
  TOO_MANY: ["sign-in", "room"],
  UNKNOWN: ["check", "room", "page", "crash"],
} as const satisfies Record<FailureCode, readonly [string, ...string[]]>;

type FailedScreen = {
  [Code in FailureCode]: `${(typeof placesOfFailure)[Code][number]}-${Code}`;
}[FailureCode];

/** The phase `failed` looks like its failure, and is listed with it. */
const roomPhases = phases.filter((phase) => phase !== "failed").map((phase) => `room-${phase}` as const);

const withoutFailure = [
  "welcome",
  "sign-in",
  "sign-in-fields",
  "sign-in-refused",
  "sign-up",
  "sign-up-fields",
  "sign-up-weak",
  "sign-up-known",
  "account-menu",
  "sign-out-sending",
  "sign-out-question",
  "sign-out-question-in-tab",
  "sign-out-failed",
  "topics",
  "topics-loading",
  "topics-none",
  "check",
  "check-asking",
  "check-silent",
  "check-heard",
  "check-coming-back",
  "check-going-on",
  "check-pace",
  "check-few-minutes",
  "start-busy",
  ...roomPhases,
  "room-muted",
  "room-scrolled-back",
  "room-phrases",
  "room-devices",
  "room-microphone-replaced",
  "room-headphones",
  "room-by-hand",
  "room-by-hand-speaking",
  "room-end-question",
  "room-leave-question",
  "room-not-recorded",
  "room-sound-held",
  "room-reconnecting-offline",
  "room-reconnecting-busy",
  "room-line-back",
  "room-given-up",
  "room-time-left",
  "room-storage-low",
  "room-memory-only",
  "room-recording-paused",
  "room-recording-stopped",
  "saved-sending",
  "saved-not-recorded",
  "saved-time-up",
  "saved-thanks",
  "elsewhere-sending",
  "session",
  "session-loading",
  "session-waiting",
  "session-cut-short",
  "session-rating-failed",
  "session-not-recorded",
  "session-open",
  "session-interrupted",
  "session-connection-lost",
  "session-continued",
  "session-gap",
  "session-incomplete",
  "session-empty",
  "session-too-late",
  "session-too-late-question",
  "session-too-late-removed",
  "session-delete-question",
  "history",
  "history-interrupted",
  "history-loading",
  "history-empty",
] as const;

export type Screen = (typeof withoutFailure)[number] | FailedScreen;

const withFailure = Object.entries(placesOfFailure).flatMap(([code, places]) =>
  places.map((place) => `${place}-${code}` as FailedScreen),
);

/** Everything a learner can have before their eyes, by name: what `cargo xtask screens` looks at. */
export const screens: readonly Screen[] = [...withoutFailure, ...withFailure];
