//! A tus client that does not give up, and a way of asking until there is an answer.

import { createHash, type Hash, randomBytes, randomUUID } from "node:crypto";
import { type IncomingMessage, type OutgoingHttpHeaders, request } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { stack } from "./stack.ts";

/** Between two tries. */
const PAUSE_MS = 100;
/** A request of which nothing is heard for so long is given up and made again. */
const SILENCE_MS = 10_000;
/** Bytes written at once. */
const STEP = 256 * 1024;

const pause = async () => new Promise((again) => setTimeout(again, PAUSE_MS));

/** Bytes that need not all be in memory. */
export class Source {
  /** Repeated, with a length that no part has. */
  readonly #block = randomBytes(1024 * 1024 + 7);

  constructor(readonly length: number) {}

  slice(from: number, to: number): Buffer {
    const pieces: Buffer[] = [];
    for (let at = from; at < to;) {
      const start = at % this.#block.length;
      const piece = this.#block.subarray(start, Math.min(this.#block.length, start + to - at));
      pieces.push(piece);
      at += piece.length;
    }
    return Buffer.concat(pieces);
  }

  get sha256(): string {
    const hash: Hash = createHash("sha256");
    for (let at = 0; at < this.length; at += STEP) hash.update(this.slice(at, Math.min(this.length, at + STEP)));
    return hash.digest("hex");
  }
}

export interface Sending {
  cookie: string;
  session: string;
  source: Pick<Source, "length" | "slice">;
  start_ms?: number;
  patience_ms?: number;
}

export interface Sent {
  take: string;
  /** Requests that broke. */
  cuts: number;
}

interface Answer {
  status: number;
  headers: IncomingMessage["headers"];
}

/** What a browser of ours sends with every request of a take. */
export function ours(cookie: string): OutgoingHttpHeaders {
  return { cookie, origin: stack.url, "sec-fetch-site": "same-origin", "tus-resumable": "1.0.0" };
}

/** Sends a take, whatever becomes of its connections. */
export async function sends({ cookie, session, source, start_ms = 0, patience_ms = 120_000 }: Sending): Promise<Sent> {
  const until = Date.now() + patience_ms;
  const sent: Sent = { take: "", cuts: 0 };
  const insist = async (ask: () => Promise<Answer>, wanted: number): Promise<Answer> => {
    for (;;) {
      const answer = await ask().catch(() => undefined);
      if (answer?.status === wanted) return answer;
      if (Date.now() > until) throw new Error(`a take was answered with ${answer?.status ?? "nothing"}`);
      sent.cuts += 1;
      await pause();
    }
  };
  const created = await insist(async () => creates(cookie, session, source.length, start_ms), 201);
  const place = new URL(created.headers.location!, stack.url).pathname;
  sent.take = place.split("/").at(-1)!;

  let offset = 0;
  while (offset < source.length) {
    const answer = await writes(cookie, place, offset, source).catch(() => undefined);
    if (answer?.status === 204) {
      offset = Number(answer.headers["upload-offset"]);
      continue;
    }
    if (Date.now() > until) throw new Error(`a take stands at ${offset} of ${source.length}: ${answer?.status ?? "no answer"}`);
    sent.cuts += 1;
    await pause();
    offset = Number((await insist(async () => asked("HEAD", place, ours(cookie)), 200)).headers["upload-offset"]);
  }
  return sent;
}

/** Asks for a place to send a take to. */
export async function creates(cookie: string, session: string, length: number, start_ms = 0): Promise<Answer> {
  const encoded = (text: string) => Buffer.from(text).toString("base64");
  const metadata = `session ${encoded(session)},start_ms ${encoded(String(start_ms))},filetype ${encoded("audio/webm;codecs=opus")}`;
  return asked("POST", "/api/uploads", { ...ours(cookie), "upload-length": length, "upload-metadata": metadata, "content-length": 0 });
}

/** Sends the rest of a take from there. */
export async function writes(cookie: string, place: string, from: number, source: Sending["source"]): Promise<Answer> {
  const headers = { ...ours(cookie), "content-type": "application/offset+octet-stream", "upload-offset": from, "content-length": source.length - from };
  return asked("PATCH", place, headers, Readable.from(steps(source, from)));
}

function* steps(source: Sending["source"], from: number): Generator<Buffer> {
  for (let at = from; at < source.length; at += STEP) yield source.slice(at, Math.min(source.length, at + STEP));
}

async function asked(method: string, path: string, headers: OutgoingHttpHeaders, body?: Readable): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(stack.url);
    const asking = request({ hostname, port, method, path, headers, agent: false, timeout: SILENCE_MS });
    asking.once("timeout", () => asking.destroy(new Error("nothing was heard")));
    asking.on("error", reject);
    asking.once("response", (response) => {
      response.once("error", reject);
      response.resume();
      response.once("end", () => {
        // Whoever is answered before the last byte left keeps the others.
        asking.destroy();
        resolve({ status: response.statusCode ?? 0, headers: response.headers });
      });
    });
    if (body) pipeline(body, asking).catch(reject);
    else asking.end();
  });
}

interface Answering {
  status(): number;
  text(): Promise<string>;
}

/** Asks until the answer is one of those. Every try has the same key: it is the same request. */
export async function insisted<T extends Answering>(what: string, ask: (key: string) => Promise<T>, ...wanted: number[]): Promise<T> {
  const until = Date.now() + 60_000;
  const key = randomUUID();
  for (;;) {
    const answer = await ask(key).catch(() => undefined);
    if (answer && wanted.includes(answer.status())) return answer;
    if (Date.now() > until) throw new Error(`${what}: ${answer ? `${answer.status()} ${await answer.text()}` : "no answer"}`);
    await pause();
  }
}
