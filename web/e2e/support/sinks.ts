//! Everywhere that something could be left behind or leak to.

import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { dumpOf } from "./databases.ts";
import { stack } from "./stack.ts";

const SERVICES = ["accounts", "topics", "sessions", "secrets", "upload", "rating"];

/** Every form in which a text could stand somewhere. */
function forms(text: string): Buffer[] {
  const bytes = Buffer.from(text);
  return [
    bytes,
    Buffer.from(bytes.toString("base64").replace(/=+$/, "").slice(0, -1)),
    Buffer.from(bytes.toString("base64url").slice(0, -1)),
    Buffer.from(bytes.toString("hex")),
    Buffer.from(encodeURIComponent(text)),
    Buffer.from(JSON.stringify(text).slice(1, -1)),
  ];
}

/** The files below a folder. */
function files(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => statSync(file).size < 256 * 1024 * 1024);
}

/** The names of the sinks that hold a text in any form: rows, objects, streams, logs, spans, and the page's files. */
export async function found(text: string): Promise<string[]> {
  const wanted = forms(text);
  const holds = (content: Buffer) => wanted.some((form) => content.includes(form));
  const sinks: [string, () => Promise<Buffer[]>][] = [
    ...SERVICES.map((service): [string, () => Promise<Buffer[]>] => [`rows of ${service}`, async () => [Buffer.from(await dumpOf(service))]]),
    ["objects", async () => files(join(stack.folder, "data/s3")).map((file) => readFileSync(file))],
    ["streams", async () => files(join(stack.folder, "data/nats")).map((file) => readFileSync(file))],
    ["logs", async () => files(join(stack.folder, "logs")).map((file) => readFileSync(file))],
    ["pages", async () => files(stack.pages).map((file) => readFileSync(file))],
    ["spans", async () => [Buffer.from(await spans())]],
  ];
  const hits = await Promise.all(sinks.map(async ([name, read]) => ((await read()).some(holds) ? name : undefined)));
  return hits.filter((name) => name !== undefined);
}

/** Every span the trace backend still has. */
async function spans(): Promise<string> {
  const { data: services } = (await (await fetch(`${stack.traces}/api/services`)).json()) as { data: string[] | null };
  const traces = await Promise.all(
    (services ?? []).map(async (service) => (await fetch(`${stack.traces}/api/traces?service=${encodeURIComponent(service)}&limit=2000&lookback=1h`)).text()),
  );
  return traces.join("\n");
}
