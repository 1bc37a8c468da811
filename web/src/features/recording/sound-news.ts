/** What the audio thread tells the page. Times are seconds on the audio context's clock. */
export type SoundNews =
  | { kind: "edge"; channel: "learner" | "coach"; edge: "onset" | "offset"; at: number }
  | { kind: "levels"; learner: number; coach: number };
