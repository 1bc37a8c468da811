import { Problem, problemFrom, unreachable } from "@/api/problem";
import { refreshOnce } from "@/api/refresh";
import { readSession } from "@/api/sessions";
import { traceIdOf, traceparentOf } from "@/api/trace";
import { Failure, failureOf } from "@/words/failure";
import { claim, forget, keptBy, soundOf } from "./kept";

/** A recording on its way to the server. It outlives the page that made it. */
export interface Upload {
  state: "sending" | "failed" | "sent";
  /** 0 to 1. */
  progress: number;
  failure: Failure | null;
}

/** The pauses between attempts before the learner is asked. */
const againAfterMs = [1_000, 4_000];

interface Sound {
  blob: Blob;
  /** Whether it lies in this browser, and not only in this tab. */
  kept: boolean;
}

const sounds = new Map<string, Sound>();
let uploads: ReadonlyMap<string, Upload> = new Map();
const listeners = new Set<() => void>();

export function subscribeUploads(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function currentUploads(): ReadonlyMap<string, Upload> {
  return uploads;
}

function set(sessionId: string, upload: Upload): void {
  uploads = new Map(uploads).set(sessionId, upload);
  guard();
  for (const listener of listeners) listener();
}

/** Closing the tab now would lose a recording: let the browser ask first. */
function askBeforeLeaving(event: BeforeUnloadEvent): void {
  event.preventDefault();
}

function guard(): void {
  const precious = [...sounds.values()].some(({ kept }) => !kept);
  if (precious) window.addEventListener("beforeunload", askBeforeLeaving);
  else window.removeEventListener("beforeunload", askBeforeLeaving);
}

/** Sends the recording of a session. It is kept here until it has arrived. */
export function startUpload(sessionId: string, sound: Sound): void {
  sounds.set(sessionId, sound);
  void run(sessionId, sound);
}

/** Sends a recording again that did not get through. */
export function retryUpload(sessionId: string): void {
  const sound = sounds.get(sessionId);
  if (sound !== undefined) void run(sessionId, sound);
}

/** Sends what could not be sent: what failed in this tab, and what a learner's earlier tabs left in this browser. */
export async function finishUploads(learnerId: string): Promise<void> {
  for (const [sessionId, { state }] of uploads) if (state === "failed") retryUpload(sessionId);
  for (const recording of await keptBy(learnerId)) {
    const { sessionId } = recording;
    if (sounds.has(sessionId) || !(await isOver(sessionId)) || !(await claim(sessionId))) continue;
    const blob = await soundOf(recording);
    if (blob.size === 0) await forget(sessionId);
    else startUpload(sessionId, { blob, kept: true });
  }
}

/** Whether nothing is recorded into a session any more. What is not known now is asked at the next visit. */
async function isOver(sessionId: string): Promise<boolean> {
  try {
    return (await readSession(sessionId)).state === "finalized";
  } catch (thrown) {
    if (failureOf(thrown).code === "NOT_FOUND") await forget(sessionId);
    return false;
  }
}

/** The session is gone, and with it the use of its recording. */
export function forgetUpload(sessionId: string): void {
  sounds.delete(sessionId);
  forget(sessionId).catch(() => undefined);
  const rest = new Map(uploads);
  rest.delete(sessionId);
  uploads = rest;
  guard();
  for (const listener of listeners) listener();
}

async function run(sessionId: string, { blob, kept }: Sound): Promise<void> {
  set(sessionId, { state: "sending", progress: 0, failure: null });
  try {
    await sendPatiently(sessionId, blob);
    sounds.delete(sessionId);
    forget(sessionId).catch(() => undefined);
    set(sessionId, { state: "sent", progress: 1, failure: null });
  } catch (thrown) {
    const failure = failureOf(thrown);
    const reference = failure.reference ?? traceIdOf(sessionId);
    const lost = kept ? "UPLOAD_FAILED" : "UPLOAD_ONLY_HERE";
    const code = failure.code === "RECORDING_REFUSED" || failure.code === "NOT_FOUND" ? failure.code : lost;
    if (code !== lost) forgetUpload(sessionId);
    if (code !== "NOT_FOUND") set(sessionId, { state: "failed", progress: 0, failure: new Failure(code, reference, thrown) });
  }
}

async function sendPatiently(sessionId: string, blob: Blob): Promise<void> {
  for (const pause of [...againAfterMs, null]) {
    try {
      await sendAuthorised(sessionId, blob);
      return;
    } catch (thrown) {
      const passing = thrown instanceof Problem && (thrown.status === 0 || thrown.status >= 500);
      if (pause === null || !passing) throw thrown;
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
}

async function sendAuthorised(sessionId: string, blob: Blob): Promise<void> {
  try {
    await sendOnce(sessionId, blob);
  } catch (thrown) {
    if (!(thrown instanceof Problem) || thrown.status !== 401 || !(await refreshOnce())) throw thrown;
    await sendOnce(sessionId, blob);
  }
}

/** One attempt. XMLHttpRequest, because `fetch` cannot tell how far it has come. */
function sendOnce(sessionId: string, blob: Blob): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", `/api/sessions/${encodeURIComponent(sessionId)}/upload`);
    request.setRequestHeader("Content-Type", blob.type);
    const traceparent = traceparentOf(sessionId);
    if (traceparent !== undefined) request.setRequestHeader("traceparent", traceparent);
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) {
        set(sessionId, { state: "sending", progress: event.loaded / event.total, failure: null });
      }
    });
    request.addEventListener("load", () => {
      if (request.status >= 200 && request.status < 300) resolve();
      else reject(refusalOf(request));
    });
    request.addEventListener("error", () => reject(unreachable()));
    request.addEventListener("timeout", () => reject(unreachable()));
    request.addEventListener("abort", () => reject(unreachable()));
    request.send(blob);
  });
}

function refusalOf(request: XMLHttpRequest): Problem {
  const headers = new Headers();
  for (const name of ["trace-id", "Retry-After"]) {
    const value = request.getResponseHeader(name);
    if (value !== null) headers.set(name, value);
  }
  // A status outside this range cannot be put into a Response.
  const status = request.status >= 400 && request.status <= 599 ? request.status : 500;
  return problemFrom(new Response(null, { status, headers }), parsed(request.responseText));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}
