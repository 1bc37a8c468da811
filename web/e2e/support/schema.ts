//! What spans may be called, and what spans and log lines may carry.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Span } from "./stack.ts";

/** The page that is derived from the schema. */
const page = readFileSync(join(import.meta.dirname, "../../../specs/traces.md"), "utf8");
const [names, fields] = page.split("\n## Fields\n").map(rows) as [string[][], string[][]];

/** Every form of a name, with the fields of such a span. */
const families = names.map(([form, carried]) => ({
  form: new RegExp(`^${code(form!).split(/<[^>]+>/).map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&")).join(".+")}$`),
  fields: new Set(carried!.split(", ").map(code)),
}));

/** What stands on a line that was written in a span. The backend puts the line itself among it. */
const ofLines = new Set(["level", "message", ...fields.filter(([, carrier]) => carrier === "spans").map(([name]) => code(name!))]);

/** What every log line has, beside its fields. */
const ofAll = ["timestamp", "level", "target", "message", "trace_id", "span_id"];
const known = new Set([...ofAll, ...fields.map(([name]) => code(name!))]);

/** The cells of the tables of a page. */
function rows(text: string): string[][] {
  return text.split("\n").filter((line) => line.startsWith("| `")).map((line) => line.slice(2, -2).split(" | "));
}

function code(cell: string): string {
  return cell.replaceAll("`", "");
}

/** What a span carries that is not in the schema, or that it is called otherwise than any. */
export function oddities(span: Span): string[] {
  const alike = families.filter(({ form }) => form.test(span.name));
  if (alike.length === 0) return [`${span.service}: no span is called ${span.name}`];
  const odd = Object.keys(span.tags).filter((name) => !alike.some(({ fields }) => fields.has(name)));
  const oddLines = span.lines.flatMap((line) => Object.keys(line).filter((name) => !ofLines.has(name)));
  return [...odd, ...oddLines].map((name) => `${span.service} ${span.name}: ${name}`);
}

/** What a log line carries that is not in the schema. */
export function oddFields({ span, ...line }: Record<string, unknown>): string[] {
  const { name, ...carried } = (span ?? { name: "" }) as Record<string, unknown>;
  const odd = [...Object.keys(line), ...Object.keys(carried)].filter((field) => !known.has(field));
  return typeof name === "string" ? odd : [...odd, "a span without a name"];
}
