import type { RealtimeServerEvent } from "openai/resources/realtime/realtime";
import type { CallEvent } from "./call";

/** The events after which a turn may be complete. */
const turnEnding: ReadonlySet<string> = new Set([
  "conversation.item.input_audio_transcription.completed",
  "conversation.item.input_audio_transcription.failed",
  "output_audio_buffer.stopped",
  "output_audio_buffer.cleared",
  "conversation.item.truncated",
  "response.done",
]);

export function completesTurn(event: RealtimeServerEvent): boolean {
  return turnEnding.has(event.type);
}

/** What is said of words after the sound has ended. */
export function isOfWords(event: RealtimeServerEvent): boolean {
  return event.type.startsWith("conversation.item.input_audio_transcription");
}

/** What an event of the provider means for the life of the call. */
export function meaningOf(event: RealtimeServerEvent): CallEvent | null {
  switch (event.type) {
    case "input_audio_buffer.speech_started":
      return { kind: "learner-started" };
    case "input_audio_buffer.speech_stopped":
      return { kind: "learner-stopped" };
    case "response.created":
      return { kind: "reply-started" };
    case "response.done":
      return { kind: "reply-finished" };
    case "output_audio_buffer.started":
      return { kind: "coach-audible" };
    case "output_audio_buffer.stopped":
    case "output_audio_buffer.cleared":
      return { kind: "coach-silent" };
    default:
      return null;
  }
}
