import type { RecordingPolicy } from "@/api/contract";

/** Sound that was measured on one channel of the recording, on the session clock. */
export interface Stretch {
  start_ms: number;
  /** Null while the sound goes on. */
  end_ms: number | null;
}

/** What was measured on both channels so far, each in order. */
export interface Heard {
  learner: readonly Stretch[];
  coach: readonly Stretch[];
}

/** How loud both sides are right now, 0 to 1. */
export interface Levels {
  learner: number;
  coach: number;
}

/** What is left when the practice has stopped. Its sound is on its way by itself. */
export interface Take {
  durationMs: number;
}

/**
 * How safely the browser keeps what is recorded until it is sent; `resuming` when its recorder failed and is taken up
 * again, `stopped` when it records nothing more.
 */
export type StorageState = "fine" | "low" | "memory-only" | "resuming" | "stopped";

/** Where the sound of a practice runs together: it is the session's clock, its ears and its recorder. */
export interface Studio {
  /** What the learner is heard with now. */
  readonly microphone: MediaStream;
  /** Hears the learner with another microphone from now on; the old one is the caller's to stop. */
  replaceMicrophone: (stream: MediaStream) => void;
  levels: () => Levels;
  /** Lets the coach be heard and recorded. Resolves to false when the browser holds the sound back. */
  addCoach: (stream: MediaStream) => Promise<boolean>;
  /** Says when the browser stops all sound, as for a phone call, and only a click may help; and when it runs again. */
  onHeld: (tell: (held: boolean) => void) => void;
  /** Plays what the browser held back; to be called from a click. */
  play: () => Promise<void>;
  /** Lets the coach be heard from this loudspeaker. */
  useLoudspeaker: (deviceId: string) => Promise<void>;
  /**
   * From now on the session clock runs, and with `keep` the recording. Its first sample is time 0, or `fromMs` when the
   * practice was begun earlier.
   */
  start: (policy: RecordingPolicy, sessionId: string, fromMs?: number) => Promise<void>;
  /** Milliseconds on the session clock; 0 until it runs. */
  now: () => number;
  /** The stretches of sound on both channels so far. */
  heard: () => Heard;
  /** How safely what is recorded is kept. */
  storage: () => StorageState;
  /** Ends clock and recording. Asking again gives the same. */
  stop: () => Promise<Take>;
  /** Lets go of the microphone and everything else. */
  close: () => void;
}
