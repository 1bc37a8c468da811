import type { RealtimeServerEvent } from "openai/resources/realtime/realtime";
import type { Speaker, Turn } from "@/api/contract";
import type { Heard } from "@/sound/studio";
import { coachSpan, learnerSpan, type Span } from "./heard";

/** One item of the conversation, put together from the events about it. */
interface Item {
  id: string;
  speaker: Speaker;
  /** The item before it; undefined until the provider said so, null for the first. */
  previous: string | null | undefined;
  text: string;
  /** `pending` until the words are final. */
  words: "pending" | "final" | "failed";
  /** When the news of the voice's begin and end arrived, on the session clock. */
  startedAt: number | null;
  stoppedAt: number | null;
  firstNewsAt: number;
  /** How much of the coach's sound was heard before it was cut off. */
  cutAfterMs: number | null;
}

/** The conversation of one call so far. It is a value: `hear` gives the next one. */
export interface Conversation {
  /** Which call of the session it is; the first is 0. */
  call: number;
  /** When the call began, on the session clock: nothing in it was said before. */
  beganAt: number;
  /** Turns of earlier calls that were written to the provider: they are said already. */
  replayed: ReadonlySet<string>;
  /** In the order they were first heard of. */
  items: ReadonlyMap<string, Item>;
  /** Which item a response speaks. */
  itemOfResponse: ReadonlyMap<string, string>;
  /** Voice news that came before the item it is about. */
  voiceOfResponse: ReadonlyMap<string, { startedAt: number | null; stoppedAt: number | null; cleared: boolean }>;
}

export function newConversation(call: number, beganAt = 0): Conversation {
  return { call, beganAt, replayed: new Set(), items: new Map(), itemOfResponse: new Map(), voiceOfResponse: new Map() };
}

type Change = Partial<Omit<Item, "id">>;

function change(
  conversation: Conversation,
  id: string,
  speaker: Speaker,
  at: number,
  edit: (item: Item) => Change,
): Conversation {
  const known = conversation.items.get(id) ?? {
    id,
    speaker,
    previous: undefined,
    text: "",
    words: "pending" as const,
    startedAt: null,
    stoppedAt: null,
    firstNewsAt: at,
    cutAfterMs: null,
  };
  const items = new Map(conversation.items);
  items.set(id, { ...known, ...edit(known) });
  return { ...conversation, items };
}

/** The conversation after one more event, which arrived at `at` on the session clock. Unknown events change nothing. */
export function hear(conversation: Conversation, event: RealtimeServerEvent, at: number): Conversation {
  switch (event.type) {
    case "input_audio_buffer.speech_started":
      return change(conversation, event.item_id, "learner", at, (item) => ({ startedAt: item.startedAt ?? at }));
    case "input_audio_buffer.speech_stopped":
      return change(conversation, event.item_id, "learner", at, () => ({ stoppedAt: at }));
    case "input_audio_buffer.committed":
      return change(conversation, event.item_id, "learner", at, (item) => ({
        previous: event.previous_item_id ?? null,
        stoppedAt: item.stoppedAt ?? at,
      }));
    case "conversation.item.added":
    case "conversation.item.created":
    case "conversation.item.done":
      return placed(conversation, event, at);
    case "conversation.item.input_audio_transcription.delta":
      return change(conversation, event.item_id, "learner", at, (item) =>
        item.words === "pending" ? { text: item.text + (event.delta ?? "") } : {},
      );
    case "conversation.item.input_audio_transcription.completed":
      return change(conversation, event.item_id, "learner", at, () => ({
        text: event.transcript.trim(),
        words: event.transcript.trim() === "" ? "failed" : "final",
      }));
    case "conversation.item.input_audio_transcription.failed":
      return change(conversation, event.item_id, "learner", at, () => ({ text: "", words: "failed" }));
    case "response.output_item.added":
      return event.item.type === "message" && event.item.id !== undefined
        ? spoken(conversation, event.response_id, event.item.id, at)
        : conversation;
    case "response.content_part.added":
      return spoken(conversation, event.response_id, event.item_id, at);
    case "response.output_audio_transcript.delta":
      return change(spoken(conversation, event.response_id, event.item_id, at), event.item_id, "coach", at, (item) =>
        item.words === "pending" ? { text: item.text + event.delta } : {},
      );
    case "response.output_audio_transcript.done":
      return change(spoken(conversation, event.response_id, event.item_id, at), event.item_id, "coach", at, () => ({
        text: event.transcript,
        words: "final",
      }));
    case "output_audio_buffer.started":
      return voice(conversation, event.response_id, { startedAt: at }, at);
    case "output_audio_buffer.stopped":
      return voice(conversation, event.response_id, { stoppedAt: at }, at);
    case "output_audio_buffer.cleared":
      return voice(conversation, event.response_id, { stoppedAt: at, cleared: true }, at);
    case "conversation.item.truncated":
      return change(conversation, event.item_id, "coach", at, (item) => ({
        cutAfterMs: event.audio_end_ms,
        words: "final",
        stoppedAt: item.stoppedAt ?? at,
      }));
    case "response.done":
      return finished(conversation, event.response.id, at);
    default:
      return conversation;
  }
}

function placed(
  conversation: Conversation,
  event: Extract<
    RealtimeServerEvent,
    { type: "conversation.item.added" | "conversation.item.created" | "conversation.item.done" }
  >,
  at: number,
): Conversation {
  const { item } = event;
  if (item.type !== "message" || item.id === undefined || item.role === "system") return conversation;
  if (conversation.replayed.has(item.id)) return conversation;
  if (isWritten(item)) return { ...conversation, replayed: new Set(conversation.replayed).add(item.id) };
  const speaker = item.role === "user" ? "learner" : "coach";
  return change(conversation, item.id, speaker, at, (known) => ({
    speaker,
    previous: event.previous_item_id ?? known.previous ?? null,
  }));
}

/** What is said has sound; what the provider holds as text alone was written to it when turns were replayed. */
function isWritten(item: { content?: readonly { type?: string }[] }): boolean {
  const { content = [] } = item;
  return content.length > 0 && content.every(({ type }) => type === "input_text" || type === "output_text");
}

function spoken(conversation: Conversation, response: string, item: string, at: number): Conversation {
  if (conversation.itemOfResponse.get(response) === item) return conversation;
  const itemOfResponse = new Map(conversation.itemOfResponse).set(response, item);
  const early = conversation.voiceOfResponse.get(response);
  return change({ ...conversation, itemOfResponse }, item, "coach", at, (known) => ({
    speaker: "coach",
    startedAt: known.startedAt ?? early?.startedAt ?? null,
    stoppedAt: known.stoppedAt ?? early?.stoppedAt ?? null,
  }));
}

function voice(
  conversation: Conversation,
  response: string,
  news: { startedAt?: number; stoppedAt?: number; cleared?: boolean },
  at: number,
): Conversation {
  const item = conversation.itemOfResponse.get(response);
  if (item === undefined) {
    const early = conversation.voiceOfResponse.get(response) ?? { startedAt: null, stoppedAt: null, cleared: false };
    const voiceOfResponse = new Map(conversation.voiceOfResponse).set(response, { ...early, ...news });
    return { ...conversation, voiceOfResponse };
  }
  return change(conversation, item, "coach", at, (known) => ({
    startedAt: known.startedAt ?? news.startedAt ?? null,
    stoppedAt: known.stoppedAt ?? news.stoppedAt ?? null,
    // The provider says more exactly how much was heard; this stands until it does.
    ...(news.cleared === true && known.cutAfterMs === null
      ? { cutAfterMs: Math.max(0, at - (known.startedAt ?? at)) }
      : {}),
  }));
}

function finished(conversation: Conversation, response: string | undefined, at: number): Conversation {
  const item = response === undefined ? undefined : conversation.itemOfResponse.get(response);
  if (item === undefined) return conversation;
  return change(conversation, item, "coach", at, () => ({ words: "final" }));
}

/** The items in the order of the conversation: by the item before, never by arrival. */
function inOrder(conversation: Conversation): Item[] {
  const followers = new Map<string | null, Item[]>();
  for (const item of conversation.items.values()) {
    const known = typeof item.previous === "string" && conversation.items.has(item.previous);
    // What has no place yet comes after everything that has one, as it came.
    const after = known ? (item.previous ?? null) : null;
    followers.set(after, [...(followers.get(after) ?? []), item]);
  }
  const ordered = new Set<Item>();
  const waiting = [...(followers.get(null) ?? [])].reverse();
  for (let item = waiting.pop(); item !== undefined; item = waiting.pop()) {
    if (ordered.has(item)) continue;
    ordered.add(item);
    waiting.push(...[...(followers.get(item.id) ?? [])].reverse());
  }
  // A ring of items, which no honest provider sends, is still shown.
  for (const item of conversation.items.values()) ordered.add(item);
  return [...ordered];
}

/** Whether an item is a turn at all: a voice that sounded, or words that came without news of a voice. */
function counts(item: Item): boolean {
  if (item.startedAt !== null) return true;
  return item.speaker === "learner" ? item.text !== "" || item.stoppedAt !== null : false;
}

/** True while the words of something the learner said may still come. */
export function awaitsWords(conversation: Conversation): boolean {
  return [...conversation.items.values()].some(
    (item) => item.speaker === "learner" && counts(item) && item.words === "pending",
  );
}

/** The turns that are being spoken: if the call breaks now, they are cut. */
export function underWay(conversation: Conversation): string[] {
  return [...conversation.items.values()]
    .filter((item) => counts(item) && item.stoppedAt === null && item.cutAfterMs === null)
    .map(({ id }) => id);
}

/** How fast the coach speaks until it has been measured: about fifteen letters a second. */
const usualMsPerLetter = 68;

/** What was spoken, at the times it was heard. Turns still under way are left out unless `final`. */
export function turnsOf(conversation: Conversation, heard: Heard, now: number, final = false): Turn[] {
  const turns: Turn[] = [];
  const freeFrom = { learner: conversation.beganAt, coach: conversation.beganAt };
  let coachMs = 0;
  let coachLetters = 0;
  for (const item of inOrder(conversation)) {
    if (!counts(item)) continue;
    const span = spanOf(item, heard, now, freeFrom[item.speaker]);
    freeFrom[item.speaker] = span.end_ms;
    const cut = cutOf(item, span, final);
    if (item.speaker === "coach" && cut === null && item.stoppedAt !== null && item.text !== "") {
      coachMs += span.end_ms - span.start_ms;
      coachLetters += item.text.length;
    }
    const open = item.words === "pending" || item.stoppedAt === null;
    if (open && !final) continue;
    const pace = coachLetters > 20 ? coachMs / coachLetters : usualMsPerLetter;
    turns.push({ item_id: item.id, speaker: item.speaker, ...span, ...wording(item, cut, pace), call: conversation.call });
  }
  return turns;
}

function spanOf(item: Item, heard: Heard, now: number, notBefore: number): Span {
  const startedAt = item.startedAt ?? item.firstNewsAt;
  const stoppedAt = Math.max(startedAt, item.stoppedAt ?? now);
  const span =
    item.speaker === "learner"
      ? learnerSpan(heard.learner, startedAt, stoppedAt, notBefore)
      : coachSpan(heard.coach, startedAt, stoppedAt, notBefore);
  const within = (ms: number) => Math.round(Math.min(Math.max(0, ms), Math.max(0, now)));
  return { start_ms: within(span.start_ms), end_ms: within(span.end_ms) };
}

/** How much of the coach's turn was heard before something cut it off; null when all of it was. */
function cutOf(item: Item, span: Span, final: boolean): number | null {
  if (item.speaker !== "coach") return null;
  if (item.cutAfterMs !== null) return item.cutAfterMs;
  // A line that is lost falls silent before anybody says so: what counts is the sound.
  return final && item.stoppedAt === null ? span.end_ms - span.start_ms : null;
}

function wording(item: Item, cut: number | null, msPerLetter: number): Pick<Turn, "text" | "state"> {
  if (cut !== null) {
    const text = heardPart(item.text, cut, msPerLetter);
    return { text: text === "" ? null : text, state: "truncated" };
  }
  const text = item.text.trim();
  if (item.words === "failed" || text === "" || (item.speaker === "learner" && item.words === "pending")) {
    return { text: null, state: "not_transcribed" };
  }
  return { text, state: "complete" };
}

/** The words that fit into the time they were heard for. */
export function heardPart(text: string, heardMs: number, msPerLetter: number): string {
  const whole = text.trim();
  const letters = Math.floor(heardMs / msPerLetter);
  if (letters >= whole.length) return whole;
  const before = whole.slice(0, letters + 1);
  const boundary = before.search(/\s\S*$/);
  return boundary <= 0 ? "" : before.slice(0, boundary).trim();
}

/** One turn in the captions. */
export interface Caption {
  id: string;
  speaker: Speaker;
  text: string;
  state: "under-way" | "complete" | "truncated" | "not_transcribed";
}

/** What to show while the call runs: finished turns as they will be saved, open ones as far as they are known. */
export function captionsOf(conversation: Conversation, heard: Heard, now: number): Caption[] {
  const done = new Map(turnsOf(conversation, heard, now).map((turn) => [turn.item_id, turn]));
  return inOrder(conversation)
    .filter((item) => counts(item) || (item.speaker === "coach" && item.text !== ""))
    .map((item) => {
      const turn = done.get(item.id);
      return {
        id: item.id,
        speaker: item.speaker,
        text: turn === undefined ? item.text : (turn.text ?? ""),
        state: turn?.state ?? "under-way",
      };
    });
}
