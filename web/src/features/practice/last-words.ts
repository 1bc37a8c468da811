import type { RealtimeConnection } from "./realtime-connection";

/** How long the last words may take after the learner has ended. */
const lastWordsMs = 3_000;

/** Waits for words that were said and are not written down yet. */
export class LastWords {
  private changed: (() => void) | null = null;

  /** The words changed: perhaps these were the last. */
  readonly look = (): void => this.changed?.();

  async wait(stillAwaited: () => boolean): Promise<void> {
    const deadline = Date.now() + lastWordsMs;
    while (stillAwaited() && Date.now() < deadline) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, deadline - Date.now());
        this.changed = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.changed = null;
  }
}

/** The coach hears nobody any more, and takes what it has heard so far for a turn. */
export async function stopListening(connection: RealtimeConnection, learnerSpeaking: boolean): Promise<void> {
  await connection.listenTo(null).catch(() => undefined);
  if (!learnerSpeaking) return;
  try {
    connection.send({ type: "input_audio_buffer.commit" });
  } catch {
    // The channel closed first: then there is nothing left to ask for.
  }
}
