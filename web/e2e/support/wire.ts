//! Requests exactly as a test writes them. A browser, and every client made for it, would mend them on the way.

import { request, type OutgoingHttpHeaders } from "node:http";
import { connect } from "node:net";
import { stack } from "./stack.ts";

/** No answer takes longer than this, whatever was asked. */
const PATIENCE_MS = 5_000;

export interface Asked {
  method?: string;
  path: string;
  headers?: OutgoingHttpHeaders;
  body?: Buffer | string;
  /** Sent in chunks, so that nobody knows its length before it ends. */
  chunked?: boolean;
  /** More was announced than is ever sent. */
  unfinished?: boolean;
}

export interface Answer {
  status: number;
  headers: Headers;
  body: Buffer;
}

/** One request over a connection of its own. */
export async function ask({ method = "GET", path, headers = {}, body, chunked, unfinished }: Asked): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(stack.url);
    const asking = request({ hostname, port, method, path, headers, agent: false, signal: AbortSignal.timeout(PATIENCE_MS) });
    asking.once("error", reject);
    asking.once("response", (response) => {
      const pieces: Buffer[] = [];
      response.on("data", (piece: Buffer) => pieces.push(piece));
      response.once("error", reject);
      response.once("end", () => {
        asking.destroy();
        resolve({ status: response.statusCode ?? 0, headers: headersOf(response.rawHeaders), body: Buffer.concat(pieces) });
      });
    });
    if (chunked) asking.setHeader("transfer-encoding", "chunked");
    if (unfinished) asking.write(body);
    else asking.end(body);
  });
}

/** Bytes that need not be HTTP. The answer is complete when the other side hangs up. */
export async function say(bytes: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(stack.url);
    const socket = connect({ host: hostname, port: Number(port) });
    const pieces: Buffer[] = [];
    socket.setTimeout(PATIENCE_MS, () => socket.destroy(new Error(`nobody hung up after: ${String(Buffer.concat(pieces))}`)));
    socket.on("data", (piece) => pieces.push(piece));
    socket.once("error", reject);
    socket.once("end", () => resolve(read(Buffer.concat(pieces))));
    socket.write(bytes, "latin1");
  });
}

function read(answer: Buffer): Answer {
  const end = answer.indexOf("\r\n\r\n");
  const [first = "", ...lines] = answer.subarray(0, end).toString("latin1").split("\r\n");
  const headers = lines.flatMap((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1).trim()]);
  return { status: Number(first.split(" ")[1]), headers: headersOf(headers), body: answer.subarray(end + 4) };
}

function headersOf(raw: string[]): Headers {
  const headers = new Headers();
  for (let at = 0; at + 1 < raw.length; at += 2) headers.append(raw[at]!, raw[at + 1]!);
  return headers;
}
