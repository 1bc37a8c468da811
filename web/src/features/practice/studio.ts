import type { RecordingPolicy } from "@/api/contract";
import type { Heard } from "./heard";

/** How loud both sides are right now, 0 to 1. */
export interface Levels {
  learner: number;
  coach: number;
}

/** What is left when the recording has stopped. */
export interface Take {
  durationMs: number;
  /** Null when nothing was to be recorded. `kept`: it lies in this browser too, and survives this tab. */
  recording: { blob: Blob; kept: boolean } | null;
}

/** Where the sound of a practice runs together: it is the session's clock, its ears and its recorder. */
export interface Studio {
  readonly microphone: MediaStream;
  levels: () => Levels;
  /** Lets the coach be heard and recorded. Resolves to false when the browser holds the sound back. */
  addCoach: (stream: MediaStream) => Promise<boolean>;
  /** Plays what the browser held back; to be called from a click. */
  play: () => Promise<void>;
  /** From now on the session clock runs, and with `keep` the recording: its first sample is at `fromMs`. Asking again changes nothing. */
  start: (policy: RecordingPolicy, sessionId: string, fromMs: number) => Promise<void>;
  /** Milliseconds on the session clock; 0 until it runs. */
  now: () => number;
  /** The stretches of sound on both channels so far. */
  heard: () => Heard;
  /** Ends clock and recording. Asking again gives the same. */
  stop: () => Promise<Take>;
  /** Lets go of the microphone and everything else. */
  close: () => void;
}
