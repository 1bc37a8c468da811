//! The services' databases, for what no service tells.

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { stack } from "./stack.ts";

const run = promisify(execFile);

/** One number from a service's database. */
export async function countOf(service: string, query: string): Promise<number> {
  const { stdout } = await run("psql", [...connection(service), "-tAc", query]);
  return Number(stdout.trim());
}

/** Everything in a service's database, as text. */
export async function dumpOf(service: string): Promise<string> {
  const { stdout } = await run("pg_dump", [...connection(service), "--data-only"], { maxBuffer: 1024 ** 3 });
  return stdout;
}

function connection(service: string): string[] {
  return ["-h", "127.0.0.1", "-p", stack.postgresPort, "-U", "postgres", "-d", service];
}
