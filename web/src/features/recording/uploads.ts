import { readSession } from "@/api/sessions";
import { traceIdOf } from "@/api/trace";
import { isSignedIn } from "@/api/users";
import { Failure, failureOf } from "@/words/failure";
import { endRecording, forgetSession, keepRecording, recordingsOf, takesOf } from "./kept";
import { claim, practiceIn, type Release, sendingOf } from "./locks";
import { TakeSender } from "./take-sender";
import { Tape } from "./tape";

/** A recording on its way to the server. It outlives the page that made it. */
export interface Upload {
  state: "sending" | "failed" | "sent";
  /** 0 to 1. */
  progress: number;
  failure: Failure | null;
}

/** What of a learner's is not on the server, and where it lies. */
export type Unsent = "nothing" | "in-browser" | "in-tab";

interface Entry {
  sender: TakeSender;
  release: Release;
  /** The learner has read that it was refused. */
  isClosed: boolean;
}

/** The takes that this tab records or sends, of each session. */
const entries = new Map<string, Entry[]>();
/** Takes of learners who signed out, and that only this tab has. */
let waiting: { tape: Tape; release: Release }[] = [];
let uploads: ReadonlyMap<string, Upload> = new Map();
const listeners = new Set<() => void>();

export function subscribeUploads(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function currentUploads(): ReadonlyMap<string, Upload> {
  return uploads;
}

/** Begins a take: from now on what is added to it is kept in this browser and sent. */
export function beginTake(recording: { sessionId: string; learnerId: string; zero: number }, startMs: number, type: string): Tape {
  const id = crypto.randomUUID();
  let release: Release = () => undefined;
  const claimed = claim(sendingOf(id)).then((taken) => {
    if (taken !== null) release = taken;
  });
  const { sessionId, learnerId } = recording;
  const tape = new Tape({ sessionId, id, startMs, type, url: null, length: null }, learnerId, async () => {
    // A take that can be found is one that is claimed: no other tab takes it for left behind.
    await claimed;
    await keepRecording(recording);
  });
  send(tape, () => release());
  return tape;
}

/** Nothing more is recorded into a practice. */
export function endTakes(sessionId: string): void {
  tell(sessionId);
  const written = (entries.get(sessionId) ?? []).map(({ sender }) => sender.tape.settled());
  void Promise.all(written).then(() => endRecording(sessionId).catch(() => undefined));
}

function send(tape: Tape, release: Release): void {
  const { sessionId } = tape.take;
  const sender = new TakeSender(tape, () => {
    if (sender.standing === "sent" || sender.standing === "unwanted") void tape.discard().then(release);
    // What the server does not take today it may take at the next visit: until then it stays claimed, and is not sent.
    tell(sessionId);
  });
  entries.set(sessionId, [...(entries.get(sessionId) ?? []), { sender, release, isClosed: false }]);
  tell(sessionId);
}

/** Tries again now what is held up, because the learner wants it. */
export function retryUpload(sessionId: string): void {
  for (const { sender } of entries.get(sessionId) ?? []) sender.retry();
}

/** The learner has read that the recording was refused. */
export function closeUpload(sessionId: string): void {
  for (const entry of entries.get(sessionId) ?? []) entry.isClosed ||= entry.sender.standing === "refused";
  tell(sessionId);
}

/**
 * Sends what a learner's earlier tabs left in this browser, and what is held up in this one. A take that another tab
 * records or sends is left to it.
 */
export async function finishUploads(learnerId: string): Promise<void> {
  setAside((owner) => owner !== learnerId);
  for (const { sender } of [...entries.values()].flat()) sender.wake();
  const back = waiting.filter(({ tape }) => tape.learnerId === learnerId);
  waiting = waiting.filter((left) => !back.includes(left));
  for (const { tape, release } of back) send(tape, release);
  for (const { sessionId, over } of await recordingsOf(learnerId)) {
    const takes = await takesOf(sessionId);
    for (const take of takes) {
      const release = await claim(sendingOf(take.id));
      if (release !== null) send(await Tape.leftBehind(take, learnerId), release);
    }
    if (takes.length === 0) await tidy(sessionId, learnerId, over);
  }
}

/** Everything of it was sent: it is kept for as long as the practice may go on. */
async function tidy(sessionId: string, learnerId: string, over: boolean): Promise<void> {
  const release = await claim(practiceIn(sessionId));
  if (release === null) return;
  try {
    if (over || (await isOver(sessionId, learnerId))) await endRecording(sessionId);
  } finally {
    release();
  }
}

/** Whether nothing more is recorded into a practice. What is not known now is asked at the next visit. */
async function isOver(sessionId: string, learnerId: string): Promise<boolean> {
  try {
    return (await readSession(sessionId)).state === "finalized";
  } catch (thrown) {
    return failureOf(thrown).code === "NOT_FOUND" && (await isSignedIn(learnerId));
  }
}

/** The session is gone, and with it the use of its recording. */
export function forgetUpload(sessionId: string): void {
  const discarded = (entries.get(sessionId) ?? []).map(({ sender, release }) => {
    sender.stop();
    return sender.tape.discard().then(release);
  });
  entries.delete(sessionId);
  void Promise.all(discarded).then(() => forgetSession(sessionId).catch(() => undefined));
  tell(sessionId);
}

/** The learner signs out: what is not on the server waits here, and nobody else sees or sends it. */
export function leaveUploads(): void {
  setAside(() => true);
}

function setAside(whose: (learnerId: string) => boolean): void {
  for (const [sessionId, all] of entries) {
    if (!all.some(({ sender }) => whose(sender.tape.learnerId))) continue;
    for (const { sender, release } of all) {
      const onlyHere = (isUnderWay(sender) || sender.standing === "refused") && !sender.tape.isKept;
      sender.stop();
      if (onlyHere) waiting.push({ tape: sender.tape, release });
      else release();
    }
    entries.delete(sessionId);
    tell(sessionId);
  }
}

/** What of a learner's recordings this tab still sends: nothing, what lies in the browser too, or what only the tab has. */
export function unsentHere(learnerId: string): Unsent {
  const under = [...entries.values()].flat().filter(({ sender }) => sender.tape.learnerId === learnerId && isUnderWay(sender));
  if (under.length === 0) return "nothing";
  return under.every(({ sender }) => sender.tape.isKept) ? "in-browser" : "in-tab";
}

/** Whether this tab knows that the server does not take a take. It is sent again at the next visit. */
export function isRefused(takeId: string): boolean {
  return [...entries.values()].flat().some(({ sender }) => sender.tape.take.id === takeId && sender.standing === "refused");
}

/** Whether a crash now would leave in this browser everything of a practice that is not on the server. */
export function isKept(sessionId: string): boolean {
  return (entries.get(sessionId) ?? []).every(({ sender }) => sender.tape.isKept);
}

/** Says anew how the recording of a session fares, as when a recorder has stopped. */
export function tell(sessionId: string): void {
  const upload = uploadOf(entries.get(sessionId) ?? []);
  const next = new Map(uploads);
  if (upload === null) next.delete(sessionId);
  else next.set(sessionId, upload);
  uploads = next;
  guard();
  for (const listener of listeners) listener();
}

/** How the takes of one session fare together; null while it is being recorded, and when there is nothing to send. */
function uploadOf(all: readonly Entry[]): Upload | null {
  const shown = all.filter(({ sender, isClosed }) => sender.standing !== "unwanted" && !isClosed);
  const senders = shown.map(({ sender }) => sender);
  const [first] = senders;
  if (first === undefined || senders.some(({ tape }) => !tape.isOver)) return null;
  const length = senders.reduce((sum, { tape }) => sum + tape.length, 0);
  const there = senders.reduce((sum, { tape, standing }) => sum + (standing === "sent" ? tape.length : tape.acknowledged), 0);
  const progress = length === 0 ? 0 : Math.min(1, there / length);
  const failed = senders.find(({ standing }) => standing === "refused") ?? senders.find(({ standing }) => standing === "stuck");
  if (failed === undefined) {
    const sent = senders.every(({ standing }) => standing === "sent");
    return { state: sent ? "sent" : "sending", progress, failure: null };
  }
  const { tape, standing, problem } = failed;
  const refused = tape.isKept ? "RECORDING_REFUSED" : "REFUSED_ONLY_HERE";
  const heldUp = tape.isKept ? "UPLOAD_FAILED" : "UPLOAD_ONLY_HERE";
  const code = standing === "refused" ? refused : heldUp;
  const reference = problem?.reference ?? traceIdOf(tape.take.sessionId);
  return { state: "failed", progress, failure: new Failure(code, reference, problem) };
}

/** Closing the tab now would lose a recording: let the browser ask first. */
function askBeforeLeaving(event: BeforeUnloadEvent): void {
  event.preventDefault();
}

function isUnderWay({ standing }: TakeSender): boolean {
  return standing === "going" || standing === "stuck";
}

function guard(): void {
  const under = [...entries.values()].flat().map(({ sender }) => sender);
  const precious = waiting.length > 0 || under.some((sender) => isUnderWay(sender) && sender.tape.isOver && !sender.tape.isKept);
  if (precious) window.addEventListener("beforeunload", askBeforeLeaving);
  else window.removeEventListener("beforeunload", askBeforeLeaving);
}
