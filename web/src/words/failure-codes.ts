/** Everything that can go wrong for a learner. Each has words in the catalogue and one way forward. */
export const failureCodes = [
  "MIC_DENIED",
  "MIC_DISMISSED",
  "NO_DEVICE",
  "MIC_BUSY",
  "MIC_REVOKED",
  "OFFLINE",
  "NO_NETWORK_INTERFACE",
  "CALL_FAILED",
  "ICE_FAILED",
  "SECRET_REFUSED",
  "PROVIDER_BUSY",
  "QUOTA_REACHED",
  "UPLOAD_FAILED",
  "SAVE_PENDING",
  "SERVICE_DOWN",
  "SIGNED_OUT",
  "NOT_FOUND",
  "TOPIC_GONE",
  "SESSION_OPEN",
  "ALREADY_ENDED",
  "RECORDING_REFUSED",
  "INPUT_REFUSED",
  "TOO_MANY",
  "UNKNOWN",
] as const;

export type FailureCode = (typeof failureCodes)[number];
