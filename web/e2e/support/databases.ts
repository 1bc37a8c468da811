//! The services' databases, for what no service tells.

import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { promisify } from "node:util";
import { stack } from "./stack.ts";

const run = promisify(execFile);

/** The services that have a database. */
export const DATABASES = ["accounts", "topics", "sessions", "secrets", "upload", "rating"];

/** The rows that a query answers, their columns separated by `|`. */
export async function rowsOf(service: string, query: string): Promise<string[]> {
  const { stdout } = await run("psql", [...connection(service), "-qtAc", query]);
  return stdout.split("\n").filter(Boolean);
}

/** One number from a service's database. */
export async function countOf(service: string, query: string): Promise<number> {
  return Number((await rowsOf(service, query))[0]);
}

/** As if nothing had been heard of a session for ten minutes. */
export async function tenMinutesPass(session: string): Promise<void> {
  await rowsOf("sessions", `update session set seen_at = now() - interval '10 minutes' where session_id = '${session}'`);
}

/** Everything in a service's database, as text. */
export async function dumpOf(service: string): Promise<string> {
  const { stdout } = await run("pg_dump", [...connection(service), "--data-only"], { maxBuffer: 1024 ** 3 });
  return stdout;
}

/** Every row anywhere that names a session, with its service and table, in an order of its own. */
export async function rowsAbout(session: string): Promise<string[]> {
  const forms = [session, Buffer.from(session).toString("hex")];
  const rows = await Promise.all(
    DATABASES.map(async (service) => {
      let table = "";
      return (await dumpOf(service)).split("\n").flatMap((line) => {
        table = /^COPY public\.(\w+)/.exec(line)?.[1] ?? table;
        return forms.some((form) => line.includes(form)) ? [`${service}.${table} ${line}`] : [];
      });
    }),
  );
  return rows.flat().toSorted();
}

/** What is done while somebody else's change is neither committed nor given up. Afterwards it is. */
export async function duringChange<T>(service: string, statement: string, during: () => Promise<T>, then: "commit" | "rollback" = "rollback"): Promise<T> {
  const other = spawn("psql", [...connection(service), "-qtA", "-v", "ON_ERROR_STOP=1"], { stdio: ["pipe", "pipe", "inherit"] });
  const ended = once(other, "exit");
  other.stdin.write(`begin; ${statement}; select 'changed';\n`);
  const changed = await Promise.race([once(other.stdout, "data"), ended.then(() => undefined)]);
  if (!changed) throw new Error(`not possible: ${statement}`);
  try {
    return await during();
  } finally {
    other.stdin.end(`${then};\n`);
    await ended;
  }
}

function connection(service: string): string[] {
  return ["-h", "127.0.0.1", "-p", stack.postgresPort, "-U", "postgres", "-d", service];
}
