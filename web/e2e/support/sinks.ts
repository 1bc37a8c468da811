//! Everywhere that something could be left behind or leak to.

import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-grpc";
import { BasicTracerProvider, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { randomUUID } from "node:crypto";
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Broker } from "./broker.ts";
import { DATABASES, dumpOf, rowsOf } from "./databases.ts";
import { eventually } from "./eventually.ts";
import { stack } from "./stack.ts";

/** The sinks that are files. */
const FOLDERS: Readonly<Record<string, string>> = {
  objects: join(stack.folder, "data/s3"),
  streams: join(stack.folder, "data/nats"),
  logs: join(stack.folder, "logs"),
  pages: stack.pages,
};

/** Every sink that is searched. */
export const SINKS = [...DATABASES.map((service) => `rows of ${service}`), ...Object.keys(FOLDERS), "spans"];

/** Every form in which a text could stand somewhere. */
function forms(text: string): Buffer[] {
  const bytes = Buffer.from(text);
  // Inside something longer, base64 depends on where the text begins; its first and last characters are shared.
  const shifted = [0, 1, 2].map((before) => Buffer.concat([Buffer.alloc(before), bytes]));
  const inside = shifted.flatMap((one, before) => [one.toString("base64"), one.toString("base64url")].map((form) => form.replace(/=+$/, "").slice(before && before + 1, -1)));
  return [text, ...inside, bytes.toString("hex"), encodeURIComponent(text), JSON.stringify(text).slice(1, -1)].map((form) => Buffer.from(form));
}

/** What is in the files below a folder. */
function contents(folder: string): Buffer[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .flatMap(content);
}

/** One that is gone by now was written to take the place of another, which is read. */
function content(file: string): Buffer[] {
  try {
    return statSync(file).size < 256 * 1024 * 1024 ? [readFileSync(file)] : [];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

/** The names of the sinks that hold a text in any form: rows, objects, streams, logs, spans, and the page's files. */
export async function found(text: string): Promise<string[]> {
  const wanted = forms(text);
  const holds = (content: Buffer) => wanted.some((form) => content.includes(form));
  const sinks: [string, () => Promise<Buffer[]>][] = [
    ...DATABASES.map((service): [string, () => Promise<Buffer[]>] => [`rows of ${service}`, async () => [Buffer.from(await dumpOf(service))]]),
    ...Object.entries(FOLDERS).map(([name, folder]): [string, () => Promise<Buffer[]>] => [name, async () => contents(folder)]),
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

/** Puts a text into every sink, the way things get there; answers how to take back what can be taken back. */
export async function planted(text: string): Promise<() => Promise<void>> {
  for (const service of DATABASES) await rowsOf(service, `create table planted as select '${text}' as text`);
  const laid = ["objects", "logs", "pages"].map((name) => join(FOLDERS[name]!, `planted-${randomUUID()}.log`));
  for (const file of laid) writeFileSync(file, `something before ${text} and after`);
  const broker = await Broker.reached();
  await broker.says({ id: randomUUID(), subject: "session.planted", payload: Buffer.from(text) });
  await broker.left();
  await traced(text);
  return async () => {
    for (const service of DATABASES) await rowsOf(service, "drop table planted");
    for (const file of laid) rmSync(file);
  };
}

/** A span with the text as an attribute, as a service would send it. */
async function traced(text: string): Promise<void> {
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(new OTLPTraceExporter({ url: stack.spans }))] });
  provider.getTracer("planted").startSpan("planted", { attributes: { text } }).end();
  await provider.forceFlush();
  await provider.shutdown();
  await eventually("the span has arrived", async () => (await spans()).includes(text) || undefined);
}
