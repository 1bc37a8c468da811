import { phases } from "@/features/practice/call";
import { failureCodes } from "@/words/failure";

/** Every state of the practice room and every failure, by name: what a tool that looks at screens goes through. */
export { /** @public */ phases } from "@/features/practice/call";
export { /** @public */ failureCodes } from "@/words/failure";

/** The states of the session page. */
export const sessionScreens = ["ready", "waiting", "processing", "rating-failed", "not-recorded", "open", "empty"] as const;

export const screens: readonly string[] = [
  ...phases.filter((phase) => phase !== "failed").map((phase) => `room-${phase}`),
  "room-muted",
  "room-empty",
  "room-end-question",
  "room-not-recorded",
  "room-sound-held",
  "room-saved-after-loss",
  "room-upload-failed",
  ...failureCodes.map((code) => `room-failed-${code}`),
  ...failureCodes.map((code) => `page-failed-${code}`),
  ...sessionScreens.map((screen) => `session-${screen}`),
  "history-list",
  "history-empty",
];
