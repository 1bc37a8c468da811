//! The running product as an operator sees it.

import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

function setting(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run the browser tests with \`cargo xtask test browser\``);
  return value;
}

export const stack = {
  /** Where learners find it. */
  url: setting("BASE_URL"),
  /** The trace backend's query API. */
  traces: setting("TRACES_URL"),
  /** What collects its metrics. */
  prometheus: setting("PROMETHEUS_URL"),
  /** Logs, settings and data of this stack. */
  folder: setting("STACK_FOLDER"),
  /** The built pages. */
  pages: setting("PAGES"),
  /** Where its Postgres listens. */
  postgresPort: setting("POSTGRES_PORT"),
  /** Where its broker listens. */
  natsPort: setting("NATS_PORT"),
  /** Where spans are sent, over OTLP. */
  spans: setting("SPANS_URL"),
  chromium: setting("CHROMIUM"),
  firefox: setting("FIREFOX"),

  /** Where the network between its parts takes orders. */
  get faults() {
    return setting("FAULTS_URL");
  },

  /** The command line of the recogniser process. */
  recognizer: setting("RECOGNIZER"),

  /** The Python that has tuspy. */
  get tuspy() {
    return setting("TUSPY");
  },

  /** A password or key that the stack was started with. */
  secret(name: string): string {
    const value = new RegExp(`^${name}=['"]?([^'"\\n]+)`, "m").exec(readFileSync(join(stack.folder, "secrets.env"), "utf8"))?.[1];
    if (!value) throw new Error(`the stack has no ${name}`);
    return value;
  },

  /** Takes processes away and waits until they are gone. */
  async stops(...names: string[]): Promise<void> {
    for (const name of names) await run(setting("XTASK"), ["stop", name, "--stack", "test"]);
  },

  /** The same, and gives them no time to say goodbye. */
  async kills(...names: string[]): Promise<void> {
    for (const name of names) await run(setting("XTASK"), ["stop", name, "--kill", "--stack", "test"]);
  },

  /** Gives them back and waits until they are well. */
  async starts(...names: string[]): Promise<void> {
    for (const name of names) await run(setting("XTASK"), ["start", name, "--stack", "test"]);
  },

  /** What an operator types; answers what they see. */
  async ops(...words: string[]): Promise<string> {
    const { stdout } = await run(setting("XTASK"), ["ops", "--stack", "test", ...words]);
    return stdout;
  },
};

export interface Span {
  name: string;
  service: string;
  id: string;
  parent: string | undefined;
  /** When it began, in microseconds. */
  begins: number;
  tags: Record<string, unknown>;
  /** What was said in it. */
  lines: Record<string, unknown>[];
  /** Whether something went wrong in it. The backend keeps what was said, and not how a span ended. */
  failed: boolean;
}

interface Tag {
  key: string;
  value: unknown;
}

interface JaegerTrace {
  spans: {
    traceID: string;
    spanID: string;
    operationName: string;
    processID: string;
    startTime: number;
    references: { refType: string; spanID: string; traceID: string }[] | null;
    tags: Tag[];
    logs: { fields: Tag[] }[];
  }[];
  processes: Record<string, { serviceName: string }>;
}

/** All spans of a trace, from the trace backend. */
export async function trace(id: string): Promise<Span[]> {
  const response = await fetch(`${stack.traces}/api/traces/${id}`);
  if (!response.ok) return [];
  const { data } = (await response.json()) as { data: JaegerTrace[] };
  return data.flatMap(spansOf);
}

/** Every span that the trace backend still has. */
export async function allSpans(): Promise<Span[]> {
  const { data: services } = (await (await fetch(`${stack.traces}/api/services`)).json()) as { data: string[] | null };
  const answers = await Promise.all(
    (services ?? []).map(async (service) => {
      const answer = await fetch(`${stack.traces}/api/traces?service=${encodeURIComponent(service)}&limit=2000&lookback=1h`);
      return (await answer.json()) as { data: JaegerTrace[] };
    }),
  );
  return answers.flatMap(({ data }) => data.flatMap(spansOf));
}

function spansOf({ spans, processes }: JaegerTrace): Span[] {
  return spans.map((span) => {
    const lines = span.logs.map(({ fields }) => valuesOf(fields));
    return {
      name: span.operationName,
      service: processes[span.processID]?.serviceName ?? "",
      id: span.spanID,
      parent: span.references?.find(({ refType, traceID }) => refType === "CHILD_OF" && traceID === span.traceID)?.spanID,
      begins: span.startTime,
      tags: valuesOf(span.tags),
      lines,
      failed: lines.some(({ level }) => level === "ERROR"),
    };
  });
}

function valuesOf(tags: Tag[]): Record<string, unknown> {
  return Object.fromEntries(tags.map(({ key, value }) => [key, value]));
}
