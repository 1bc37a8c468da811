import type { RealtimeServerEvent } from "openai/resources/realtime/realtime";
import { describe, expect, it } from "vitest";
import type { Turn } from "@/api/contract";
import type { Heard } from "@/sound/studio";
import { callBegins, callEnds, callSays, callsSoFar, captionsSoFar, newSessionWords, replayOf, type SessionWords, turnsSoFar } from "./session-words";

const silence: Heard = { learner: [], coach: [] };

function turn(speaker: Turn["speaker"], item_id: string, state: Turn["state"] = "complete", call = 0): Turn {
  return { item_id, speaker, start_ms: 1_000, end_ms: 2_000, text: state === "not_transcribed" ? null : `${item_id}.`, state, call };
}

function says(words: SessionWords, at: number, ...events: Record<string, unknown>[]): SessionWords {
  return events.reduce<SessionWords>((so, event) => callSays(so, event as unknown as RealtimeServerEvent, at), words);
}

function learnerSays(words: SessionWords, item_id: string, from: number, to: number): SessionWords {
  const begun = says(words, from, { type: "input_audio_buffer.speech_started", item_id });
  return says(
    begun,
    to,
    { type: "input_audio_buffer.speech_stopped", item_id },
    { type: "conversation.item.input_audio_transcription.completed", item_id, transcript: `${item_id}.` },
  );
}

const told = (words: SessionWords) =>
  replayOf(words).map((item) => (item.type === "message" ? `${item.role} ${JSON.stringify(item.content[0])}` : item.type));

describe("the words of a session", () => {
  it("number its calls from the last one known", () => {
    const words = callBegins(newSessionWords([turn("coach", "A1", "complete", 2)], [{ number: 2, start_ms: 0, end_ms: null }]), 60_000);
    expect(words.calls).toEqual([
      { number: 2, start_ms: 0, end_ms: 2_000 },
      { number: 3, start_ms: 60_000, end_ms: null },
    ]);
  });

  it("know the calls of turns that were saved without them", () => {
    expect(newSessionWords([turn("coach", "A1")]).calls).toEqual([{ number: 0, start_ms: 1_000, end_ms: 2_000 }]);
  });

  it("end a call where it was lost", () => {
    const words = callEnds(learnerSays(callBegins(newSessionWords(), 0), "U1", 1_000, 3_000), silence, 8_000);
    expect(callsSoFar(words)).toEqual([{ number: 0, start_ms: 0, end_ms: 8_000 }]);
    expect(turnsSoFar(words, silence, 9_000)).toMatchObject([{ item_id: "U1", text: "U1.", call: 0, end_ms: 3_000 }]);
  });

  it("keep a turn from reaching back into the call before", () => {
    let words = callEnds(learnerSays(callBegins(newSessionWords(), 0), "U1", 1_000, 3_000), silence, 3_500);
    words = learnerSays(callBegins(words, 5_000), "U2", 5_100, 6_000);
    const heard: Heard = { coach: [], learner: [{ start_ms: 4_200, end_ms: 5_900 }] };
    expect(turnsSoFar(words, heard, 9_000).at(-1)).toMatchObject({ item_id: "U2", call: 1, start_ms: 5_100 });
  });

  it("show one gap between calls in which something was said, however many there were in between", () => {
    let words = callEnds(learnerSays(callBegins(newSessionWords(), 0), "U1", 1_000, 3_000), silence, 4_000);
    words = callEnds(callBegins(words, 6_000), silence, 7_000);
    words = learnerSays(callBegins(words, 16_000), "U2", 17_000, 18_000);
    expect(captionsSoFar(words, silence, 20_000).map((line) => ("gapMs" in line ? line.gapMs : line.id))).toEqual(["U1", 12_000, "U2"]);
  });

  it("show no gap before the first words", () => {
    const words = learnerSays(callBegins(callEnds(callBegins(newSessionWords(), 0), silence, 1_000), 3_000), "U1", 4_000, 5_000);
    expect(captionsSoFar(words, silence, 6_000).map((line) => ("gapMs" in line ? line.gapMs : line.id))).toEqual(["U1"]);
  });
});

describe("what a new call is told", () => {
  it("is every turn as text, with a note for an answer whose words are not known", () => {
    expect(told(newSessionWords([turn("coach", "A1"), turn("learner", "U1", "not_transcribed"), turn("coach", "A2")]))).toEqual([
      'assistant {"type":"output_text","text":"A1."}',
      'user {"type":"input_text","text":"(I answered, but it could not be written down.)"}',
      'assistant {"type":"output_text","text":"A2."}',
    ]);
  });

  it("begins with the session that is continued", () => {
    const words = newSessionWords([turn("learner", "U2")], [], [turn("coach", "A1")]);
    expect(told(words).map((line) => line.split(" ")[0])).toEqual(["assistant", "user"]);
    expect(turnsSoFar(words, silence, 5_000)).toHaveLength(1);
  });

  it("holds what the learner cut short, as far as it was heard", () => {
    const words = newSessionWords([turn("coach", "A1", "truncated"), turn("learner", "U1")]);
    expect(told(words)).toHaveLength(2);
  });

  it("leaves out what was cut off at the end, so that it is asked again", () => {
    expect(told(newSessionWords([turn("coach", "A1"), turn("learner", "U1"), turn("coach", "A2", "truncated")]))).toHaveLength(2);
    const speaking = says(callBegins(newSessionWords([turn("coach", "A1")]), 5_000), 6_000, {
      type: "input_audio_buffer.speech_started",
      item_id: "U1",
    });
    const cut = callEnds(speaking, silence, 8_000);
    expect(turnsSoFar(cut, silence, 9_000).at(-1)).toMatchObject({ item_id: "U1", state: "not_transcribed", text: null });
    expect(told(cut)).toHaveLength(1);
  });
});
