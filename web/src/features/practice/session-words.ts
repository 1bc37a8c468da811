import type { ConversationItem, RealtimeServerEvent } from "openai/resources/realtime/realtime";
import type { Call as CallSpan, Turn } from "@/api/contract";
import type { Heard } from "@/sound/studio";
import { awaitsWords, type Caption, captionsOf, type Conversation, hear, newConversation, turnsOf, underWay } from "./transcript";

/** All that was said in a session, over all its calls. A value: every change gives the next one. */
export interface SessionWords {
  /** Turns of the session that this one continues: the coach is told of them, and nobody else. */
  before: readonly Turn[];
  /** Turns of the calls that are over. */
  turns: readonly Turn[];
  calls: readonly CallSpan[];
  /** Turns that were being spoken when their call broke off. */
  cut: ReadonlySet<string>;
  /** The call that runs. */
  running: Conversation | null;
}

export function newSessionWords(turns: readonly Turn[] = [], calls: readonly CallSpan[] = [], before: readonly Turn[] = []): SessionWords {
  return { before, turns, calls: known(turns, calls), cut: new Set(), running: null };
}

/** The latest time on the session clock of which anything is known. */
export function endOf({ turns, calls }: { turns: readonly Turn[]; calls: readonly CallSpan[] }): number {
  return Math.max(0, ...turns.map((turn) => turn.end_ms), ...calls.map((call) => call.end_ms ?? call.start_ms));
}

/** The calls of the turns. Nobody saw the end of one whose page was lost: it lasted as long as anything is known of it. */
function known(turns: readonly Turn[], calls: readonly CallSpan[]): CallSpan[] {
  const numbers = new Set([...calls.map((call) => call.number), ...turns.map((turn) => turn.call)]);
  return [...numbers]
    .toSorted((one, other) => one - other)
    .map((number) => {
      const said = turns.filter((turn) => turn.call === number);
      const call = calls.find((each) => each.number === number);
      const start_ms = call?.start_ms ?? Math.min(...said.map((turn) => turn.start_ms));
      return { number, start_ms, end_ms: call?.end_ms ?? Math.max(start_ms, ...said.map((turn) => turn.end_ms)) };
    });
}

/** A call has begun. */
export function callBegins(words: SessionWords, at: number): SessionWords {
  const numbers = [...words.calls.map((call) => call.number), ...words.turns.map((turn) => turn.call)];
  const number = Math.max(-1, ...numbers) + 1;
  const start_ms = Math.round(at);
  return {
    ...words,
    calls: [...words.calls, { number, start_ms, end_ms: null }],
    running: newConversation(number, start_ms),
  };
}

/** The call that ran is over: what was said in it stands, and what was being said is kept as far as it is known. */
export function callEnds(words: SessionWords, heard: Heard, at: number): SessionWords {
  if (words.running === null) return words;
  const cut = new Set([...words.cut, ...underWay(words.running)]);
  const turns = turnsSoFar(words, heard, at, true);
  return { ...words, turns, cut, calls: callsSoFar(words, at), running: null };
}

/** What the provider says in the call that runs. */
export function callSays(words: SessionWords, event: RealtimeServerEvent, at: number): SessionWords {
  return words.running === null ? words : { ...words, running: hear(words.running, event, at) };
}

/** True while the words of something the learner said may still come. */
export function stillAwaitsWords(words: SessionWords): boolean {
  return words.running !== null && awaitsWords(words.running);
}

/** The calls as they are saved. `until` ends the one that runs. */
export function callsSoFar(words: SessionWords, until: number | null = null): CallSpan[] {
  if (until === null) return [...words.calls];
  return words.calls.map((call) => ({ ...call, end_ms: call.end_ms ?? Math.max(call.start_ms, Math.round(until)) }));
}

/** All turns of the session. Those still under way are left out unless `final`. */
export function turnsSoFar(words: SessionWords, heard: Heard, now: number, final = false): Turn[] {
  const { running, turns } = words;
  if (running === null) return [...turns];
  const known = new Set(turns.map((turn) => turn.item_id));
  const live = turnsOf(running, heard, now, final).map((turn) =>
    // A provider may give the same name again in another call.
    known.has(turn.item_id) ? { ...turn, item_id: `${turn.item_id}/${running.call}` } : turn,
  );
  return [...turns, ...live];
}

/** Two calls between which there was none. */
export interface Gap {
  id: string;
  gapMs: number;
}

/** What to show while the practice goes on: every turn, and where the line was lost. */
export function captionsSoFar(words: SessionWords, heard: Heard, now: number): (Caption | Gap)[] {
  const lines: (Caption | Gap)[] = [];
  let lostAt: number | null = null;
  for (const [at, call] of words.calls.entries()) {
    const said = saidIn(words, call, heard, now);
    // A call in which nothing was said is part of the gap.
    if (said.length === 0 && at < words.calls.length - 1) continue;
    if (lostAt !== null) lines.push({ id: `gap-${call.number}`, gapMs: Math.max(0, call.start_ms - lostAt) });
    lines.push(...said);
    lostAt = call.end_ms;
  }
  return lines;
}

function saidIn({ running, turns }: SessionWords, { number }: CallSpan, heard: Heard, now: number): Caption[] {
  if (number === running?.call) return captionsOf(running, heard, now);
  return turns
    .filter((turn) => turn.call === number)
    .map((turn) => ({ id: turn.item_id, speaker: turn.speaker, text: turn.text ?? "", state: turn.state }));
}

/** What a new call is told, so that the coach goes on where the last one stopped. */
export function replayOf(words: SessionWords): ConversationItem[] {
  const said = [...words.before, ...words.turns];
  // What was cut off at the end was not said to anybody: the coach asks for it again.
  while (said.length > 0 && isCut(words, said.at(-1))) said.pop();
  return said.flatMap((turn) => itemOf(turn) ?? []);
}

function isCut(words: SessionWords, turn: Turn | undefined): boolean {
  if (turn === undefined) return false;
  return words.cut.has(turn.item_id) || (turn.speaker === "coach" && turn.state === "truncated");
}

/** Stands for an answer whose words are not known: it was given all the same. */
const notUnderstood = "(I answered, but it could not be written down.)";

function itemOf(turn: Turn): ConversationItem | null {
  if (turn.speaker === "learner") {
    const text = turn.text ?? notUnderstood;
    return { type: "message", role: "user", content: [{ type: "input_text", text }] };
  }
  if (turn.text === null) return null;
  return { type: "message", role: "assistant", content: [{ type: "output_text", text: turn.text }] };
}

/** Tells a model why it is in the middle of a conversation. */
export const lineWasLost: ConversationItem = {
  type: "message",
  role: "system",
  content: [{ type: "input_text", text: "The line was lost for a moment. Say so in a few words, then go on at the question you asked last." }],
};
