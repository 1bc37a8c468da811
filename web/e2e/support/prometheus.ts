//! What collects the metrics of the stack, as an operator asks it.

import { readdirSync, readFileSync } from "node:fs";
import { stack } from "./stack.ts";

export interface Rule {
  name: string;
  query: string;
  type: "alerting" | "recording";
  labels?: Record<string, string>;
  health: string;
  lastError?: string;
}

export interface Alert {
  labels: Record<string, string>;
  activeAt: string;
  state: "pending" | "firing";
}

const ROOT = new URL("../../../", import.meta.url);

async function ask<T>(path: string, parameters: Record<string, string> = {}): Promise<T> {
  const response = await fetch(`${stack.prometheus}/api/v1/${path}?${new URLSearchParams(parameters).toString()}`);
  const answer = (await response.json()) as { data: T; error?: string };
  if (!response.ok) throw new Error(`${path} ${JSON.stringify(parameters)}: ${answer.error ?? response.status}`);
  return answer.data;
}

/** How many series an expression comes to now. */
export async function seriesOf(expression: string): Promise<number> {
  const { result } = await ask<{ result: unknown[] }>("query", { query: expression });
  return result.length;
}

/** Every rule it follows. */
export async function rules(): Promise<Rule[]> {
  const { groups } = await ask<{ groups: { rules: Rule[] }[] }>("rules");
  return groups.flatMap((group) => group.rules);
}

/** Whom it calls now, and for what. */
export async function alerts(): Promise<Alert[]> {
  return (await ask<{ alerts: Alert[] }>("alerts")).alerts;
}

/** Every series that our processes have, by its labels. */
export async function ownSeries(): Promise<Record<string, string>[]> {
  return ask<Record<string, string>[]>("series", { "match[]": '{job="services", __name__!~".*:.*"}' });
}

/** An alert without its threshold: what it compares, whether or not there is anything to call for. */
export function compared(alert: string): string {
  return alert.replaceAll(/ (>=|<=|==|!=|>|<) /g, " $1 bool ");
}

/** Every expression of every panel, with where it is. */
export function panels(): { panel: string; expression: string }[] {
  const folder = new URL("observability/dashboards/", ROOT);
  return readdirSync(folder).flatMap((file) => {
    const { panels } = JSON.parse(readFileSync(new URL(file, folder), "utf8")) as { panels: { title: string; targets: { expr: string }[] }[] };
    return panels.flatMap(({ title, targets }) => targets.map(({ expr }) => ({ panel: `${file}: ${title}`, expression: expr })));
  });
}

/** What `specs/metrics.md` says: the kind of each metric, and of each label the values it may have, where they are named. */
export function catalogue(): Map<string, { kind: string; labels: Map<string, string[] | undefined> }> {
  const rows = readFileSync(new URL("specs/metrics.md", ROOT), "utf8").split("\n").filter((line) => line.startsWith("| `"));
  return new Map(
    rows.map((row) => {
      const [name = "", kind = "", labels = ""] = row.slice(2, -2).split(" | ");
      const known = [...labels.matchAll(/`(\w+)`: ([^;]+)/g)].map(
        ([, label = "", values = ""]) => [label, values.startsWith("each of ") ? undefined : values.split(", ")] as const,
      );
      return [name.replaceAll("`", ""), { kind, labels: new Map(known) }];
    }),
  );
}
