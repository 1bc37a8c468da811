import type { RealtimeServerEvent } from "openai/resources/realtime/realtime";
import { describe, expect, it } from "vitest";
import type { Heard } from "@/sound/studio";
import { awaitsWords, captionsOf, type Conversation, hear, heardPart, newConversation, turnsOf } from "./transcript";

const silence: Heard = { learner: [], coach: [] };

type Timed = [at: number, event: Record<string, unknown>];

function conversation(...events: Timed[]): Conversation {
  return events.reduce((so, [at, event]) => hear(so, event as unknown as RealtimeServerEvent, at), newConversation(0));
}

const coachSpeaks = (item: string, previous: string | null, text: string, from: number, to: number): Timed[] => [
  [from - 50, { type: "response.output_item.added", response_id: `r-${item}`, output_index: 0, item: { id: item, type: "message", role: "assistant", content: [] } }],
  [from - 50, { type: "conversation.item.added", previous_item_id: previous, item: { id: item, type: "message", role: "assistant", content: [] } }],
  [from - 20, { type: "response.output_audio_transcript.delta", response_id: `r-${item}`, item_id: item, delta: text.slice(0, 5) }],
  [from, { type: "output_audio_buffer.started", response_id: `r-${item}` }],
  [from + 10, { type: "response.output_audio_transcript.done", response_id: `r-${item}`, item_id: item, transcript: text }],
  [from + 20, { type: "response.done", response: { id: `r-${item}`, status: "completed" } }],
  [to, { type: "output_audio_buffer.stopped", response_id: `r-${item}` }],
];

const learnerSpeaks = (item: string, previous: string | null, from: number, to: number): Timed[] => [
  [from, { type: "input_audio_buffer.speech_started", item_id: item, audio_start_ms: from }],
  [to, { type: "input_audio_buffer.speech_stopped", item_id: item, audio_end_ms: to }],
  [to, { type: "input_audio_buffer.committed", item_id: item, previous_item_id: previous }],
  [to, { type: "conversation.item.added", previous_item_id: previous, item: { id: item, type: "message", role: "user", content: [{ type: "input_audio" }] } }],
];

const written = (item: string, at: number, transcript: string): Timed => [
  at,
  { type: "conversation.item.input_audio_transcription.completed", item_id: item, content_index: 0, transcript },
];

describe("the transcript", () => {
  it("orders turns by the item before, however late their words arrive", () => {
    const so = conversation(
      ...coachSpeaks("A1", null, "Hello there.", 1_000, 2_500),
      ...learnerSpeaks("U1", "A1", 4_000, 6_000),
      ...coachSpeaks("A2", "U1", "Nice. And then?", 6_500, 8_000),
      ...learnerSpeaks("U2", "A2", 9_000, 10_000),
      written("U2", 10_500, "Then we left."),
      written("U1", 11_000, "I went to Porto."),
    );
    expect(turnsOf(so, silence, 12_000).map((turn) => [turn.item_id, turn.text])).toEqual([
      ["A1", "Hello there."],
      ["U1", "I went to Porto."],
      ["A2", "Nice. And then?"],
      ["U2", "Then we left."],
    ]);
  });

  it("gives the same whatever order the items are announced in", () => {
    const added = (id: string, previous: string | null): Timed => [
      1,
      { type: "conversation.item.added", previous_item_id: previous, item: { id, type: "message", role: "user", content: [] } },
    ];
    const spoken = (id: string): Timed[] => [
      [1, { type: "input_audio_buffer.speech_stopped", item_id: id, audio_end_ms: 1 }],
      written(id, 2, id),
    ];
    const forward = conversation(added("a", null), added("b", "a"), added("c", "b"), ...spoken("a"), ...spoken("b"), ...spoken("c"));
    const backward = conversation(added("c", "b"), added("b", "a"), added("a", null), ...spoken("c"), ...spoken("b"), ...spoken("a"));
    const ids = (so: Conversation) => turnsOf(so, silence, 10).map((turn) => turn.item_id);
    expect(ids(forward)).toEqual(["a", "b", "c"]);
    expect(ids(backward)).toEqual(["a", "b", "c"]);
  });

  it("takes the times from the sound and not from the news", () => {
    const heard: Heard = {
      coach: [{ start_ms: 1_080, end_ms: 2_400 }],
      learner: [
        { start_ms: 3_700, end_ms: 4_600 },
        { start_ms: 4_850, end_ms: 5_480 },
      ],
    };
    const so = conversation(
      ...coachSpeaks("A1", null, "Hello there.", 1_000, 2_500),
      ...learnerSpeaks("U1", "A1", 3_950, 6_000),
      written("U1", 6_400, "I went to Porto."),
    );
    expect(turnsOf(so, heard, 7_000)).toMatchObject([
      { item_id: "A1", start_ms: 1_080, end_ms: 2_400 },
      { item_id: "U1", start_ms: 3_700, end_ms: 5_480 },
    ]);
  });

  it("keeps only the words that were heard when the coach is interrupted", () => {
    const text = "That sounds like a wonderful morning and I would like to hear more about it.";
    const so = conversation(
      ...coachSpeaks("A1", null, text, 1_000, 60_000).slice(0, -1),
      [3_100, { type: "output_audio_buffer.cleared", response_id: "r-A1" }],
      [3_110, { type: "conversation.item.truncated", item_id: "A1", content_index: 0, audio_end_ms: 2_100 }],
    );
    const [turn] = turnsOf(so, silence, 4_000);
    expect(turn).toMatchObject({ state: "truncated", start_ms: 1_000, end_ms: 3_100 });
    expect(text.startsWith(turn?.text ?? "-")).toBe(true);
    expect(turn?.text?.length).toBeGreaterThan(20);
    expect(turn?.text?.length).toBeLessThan(40);
  });

  it("keeps a turn whose words never came, with its times", () => {
    const so = conversation(...learnerSpeaks("U1", null, 4_000, 6_000));
    expect(awaitsWords(so)).toBe(true);
    expect(turnsOf(so, silence, 7_000)).toEqual([]);
    expect(turnsOf(so, silence, 7_000, true)).toEqual([
      { item_id: "U1", speaker: "learner", start_ms: 4_000, end_ms: 6_000, text: null, state: "not_transcribed", call: 0 },
    ]);
  });

  it("keeps a turn whose transcription failed", () => {
    const so = conversation(...learnerSpeaks("U1", null, 4_000, 6_000), [
      6_300,
      { type: "conversation.item.input_audio_transcription.failed", item_id: "U1", content_index: 0, error: {} },
    ]);
    expect(awaitsWords(so)).toBe(false);
    expect(turnsOf(so, silence, 7_000)).toMatchObject([{ item_id: "U1", text: null, state: "not_transcribed" }]);
  });

  it("cuts the coach's last turn where the learner ended", () => {
    const so = conversation(...coachSpeaks("A1", null, "One two three four five six seven eight nine ten.", 1_000, 9_000).slice(0, -1));
    const [turn] = turnsOf(so, silence, 2_000, true);
    expect(turn).toMatchObject({ state: "truncated", end_ms: 2_000 });
    expect(turn?.text).toBe("One two three");
  });

  it("leaves out a reply that was never heard", () => {
    const unheard = coachSpeaks("A1", null, "Hello there.", 1_000, 2_000).filter(([, event]) => !String(event["type"]).startsWith("output_audio_buffer"));
    expect(turnsOf(conversation(...unheard), silence, 5_000, true)).toEqual([]);
  });

  it("ignores events it does not know", () => {
    const so = newConversation(0);
    expect(hear(so, { type: "something.new" } as unknown as RealtimeServerEvent, 5)).toBe(so);
  });

  it("shows words in the captions before they are final", () => {
    const so = conversation(...learnerSpeaks("U1", null, 4_000, 6_000), [
      6_100,
      { type: "conversation.item.input_audio_transcription.delta", item_id: "U1", content_index: 0, delta: "I went" },
    ]);
    expect(captionsOf(so, silence, 6_200)).toEqual([{ id: "U1", speaker: "learner", text: "I went", state: "under-way" }]);
  });

  it("never reports a time after the end or before the beginning", () => {
    const so = conversation(...learnerSpeaks("U1", null, -300, 6_000), written("U1", 6_100, "Hello."));
    const turns = turnsOf(so, { coach: [], learner: [{ start_ms: 0, end_ms: null }] }, 5_000, true);
    expect(turns).toMatchObject([{ start_ms: 0, end_ms: 5_000 }]);
  });
});

describe("the part that was heard", () => {
  it("ends with a whole word", () => {
    expect(heardPart("alpha beta gamma", 1_000, 100)).toBe("alpha beta");
    expect(heardPart("alpha beta gamma", 900, 100)).toBe("alpha");
    expect(heardPart("alpha beta gamma", 100, 100)).toBe("");
    expect(heardPart("alpha beta gamma", 9_000, 100)).toBe("alpha beta gamma");
  });
});
