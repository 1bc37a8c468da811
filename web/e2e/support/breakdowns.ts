//! What may become of that on which everything stands. Each one shows that it struck: a fault that nobody felt proves nothing.

import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Broker } from "./broker.ts";
import { countOf, DATABASES, rowsOf } from "./databases.ts";
import { eventually } from "./eventually.ts";
import { faults } from "./faults.ts";
import { processesOf } from "./memory.ts";
import { replicasOf, SERVICES, signal } from "./processes.ts";
import { stack } from "./stack.ts";

/** Something that breaks down, until it is well again. */
export interface Breakdown {
  what: string;
  /** Resolves when it is over; rejects when nothing was seen of it. */
  happens: () => Promise<void>;
  /** Also in a quick run. */
  quick?: boolean;
}

/** How long something lasts. */
const seconds = async (count: number) => new Promise((over) => setTimeout(over, count * 1000));

export const BREAKDOWNS: Breakdown[] = [
  {
    what: "every service is killed at once",
    quick: true,
    happens: async () => {
      const running = SERVICES.map((service) => [service, replicasOf(service)] as const);
      for (const [service, replicas] of running) if (replicas.length === 0) throw new Error(`there is no ${service}`);
      const killed = running.flatMap(([, replicas]) => replicas);
      signal("SIGKILL", ...killed);
      await eventually("others stand in for all of them", async () => {
        const there = SERVICES.flatMap(replicasOf);
        return (there.length === killed.length && !there.some((replica) => killed.includes(replica))) || undefined;
      });
    },
  },
  {
    what: "the broker is killed while everybody listens",
    happens: async () => {
      const [killed] = broker();
      await stack.kills("nats");
      await stack.starts("nats");
      if (broker().includes(killed!)) throw new Error("the broker was not killed");
    },
  },
  {
    what: "the broker says nothing for a quarter of a minute",
    happens: async () => {
      const hanging = broker();
      signal("SIGSTOP", ...hanging);
      await Promise.all([seconds(15), eventsWait()]).finally(() => signal("SIGCONT", ...hanging));
    },
  },
  {
    what: "the broker's machine loses its power, and with it what was said last",
    happens: async () => {
      const store = join(stack.folder, "data/nats");
      const before = join(mkdtempSync(join(tmpdir(), "broker-")), "store");
      cpSync(store, before, { recursive: true });
      const kept = await lastSaid();
      const lost = await eventually("more is said", async () => {
        const last = await lastSaid();
        return last > kept ? last : undefined;
      });
      await stack.kills("nats");
      rmSync(store, { recursive: true });
      cpSync(before, store, { recursive: true });
      await stack.starts("nats");
      await eventually("it is said again", async () => (await lastSaid()) >= lost || undefined);
    },
  },
  {
    what: "a stream takes nothing more",
    happens: async () => {
      // Whoever keeps the streams as they should be would mend it within seconds, and does in the end.
      const keepers = ["streams", "streams-2"];
      await stack.stops(...keepers);
      try {
        const full = await Broker.reached();
        const { config, state } = await full.manager.streams.info("practice");
        await full.manager.streams.update("practice", { ...config, max_msgs: state.messages, discard: "new" as typeof config.discard });
        await full.left();
        await eventsWait();
      } finally {
        await stack.starts(...keepers);
      }
    },
  },
  {
    what: "the databases are restarted without a word",
    quick: true,
    happens: async () => {
      const former = postgres();
      signal("SIGQUIT", former);
      await eventually("they are back", async () => (postgres() !== former && (await canWrite()) ? true : undefined));
    },
  },
  {
    what: "the cable to the databases is pulled",
    happens: async () => {
      await faults.postgres.suffers({ blackhole: true });
      await isStuckFor(8).finally(async () => faults.postgres.recovers());
    },
  },
  {
    what: "the databases have no connection left",
    happens: async () => {
      // Whoever was there is sent away and not let in again; the answer is that of a server without any place left.
      const of = (limit: number) => DATABASES.map((role) => `alter role ${role} connection limit ${limit};`).join(" ");
      await rowsOf("postgres", `${of(0)} select pg_terminate_backend(pid) from pg_stat_activity where usename = any(array[${DATABASES.map((role) => `'${role}'`).join(", ")}])`);
      await isStuckFor(6).finally(async () => rowsOf("postgres", of(-1)));
    },
  },
  {
    what: "transactions are rolled back for each other's sake",
    happens: async () => {
      let collisions = 0;
      try {
        for (const service of DATABASES) {
          // A sequence keeps what it counted when a transaction is rolled back.
          await rowsOf(service, "create sequence collisions; create function collides() returns trigger language plpgsql security definer as $$ begin if random() < 0.1 then perform nextval('public.collisions'); raise exception using errcode = (array['40001', '40P01'])[1 + floor(random() * 2)]; end if; return new; end $$");
          for (const table of await tablesOf(service)) await rowsOf(service, `create trigger collides before insert or update on ${table} for each row execute function collides()`);
        }
        await seconds(5);
      } finally {
        for (const service of DATABASES) {
          collisions += await countOf(service, "select case when is_called then last_value else 0 end from collisions");
          await rowsOf(service, "drop function collides() cascade; drop sequence collisions");
        }
      }
      if (collisions === 0) throw new Error("no transaction was rolled back");
    },
  },
  {
    what: "the disk of the databases is full",
    happens: async () => {
      mayWrite("0");
      await Promise.all([seconds(5), refused()]).finally(() => mayWrite("unlimited"));
      await eventually("there is room again", async () => (await canWrite()) || undefined);
    },
  },
  {
    what: "tables change while they are used",
    happens: async () => {
      const changed = async (service: string, table: string, change: string) =>
        // Nobody waits longer for a change than it waits for its turn.
        eventually(`${table} of ${service} changes`, async () => rowsOf(service, `set lock_timeout = '500ms'; alter table ${table} ${change}`));
      for (const service of DATABASES) {
        for (const table of await tablesOf(service)) {
          await changed(service, table, "add column of_the_next_version text default 'new'").finally(async () =>
            changed(service, table, "drop column if exists of_the_next_version"),
          );
        }
      }
    },
  },
  {
    what: "one who listens stands still for longer than he is waited for",
    happens: async () => {
      const [still] = replicasOf("rating");
      signal("SIGSTOP", still!);
      await Promise.all([seconds(15), eventsAreHeld()]).finally(() => signal("SIGCONT", still!));
    },
  },
];

/** This stack's own broker, and no other of the machine. */
const broker = () => processesOf("nats-server", "").filter((pid) => readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(`${stack.folder}/run/`));
const asSuperuser = () => ["-h", "127.0.0.1", "-p", stack.postgresPort, "-U", "postgres", "-qtA"];

/** The number of the last thing that was said. */
async function lastSaid(): Promise<number> {
  const reached = await Broker.reached();
  return reached.manager.streams.info("practice").then(({ state }) => state.last_seq).finally(async () => reached.left());
}

/** Resolves when there is something that the broker does not take. */
async function eventsWait(): Promise<void> {
  await eventually("something waits to be said", async () => (await countOf("sessions", "select count(*) from outbox where published_at is null and created_at < now() - interval '2 seconds'")) > 0 || undefined);
}

/** Resolves when somebody who was told something has not said that he heard it, although everybody is quick. */
async function eventsAreHeld(): Promise<void> {
  const reached = await Broker.reached();
  const held = async () => (await reached.manager.consumers.list("practice").next()).some(({ name, num_ack_pending }) => name.startsWith("rating") && num_ack_pending > 0);
  await eventually("one who stands still is told something", async () => {
    if (!(await held())) return undefined;
    await seconds(2);
    return (await held()) || undefined;
  }).finally(async () => reached.left());
}

/** Resolves when it has lasted so long; rejects when somebody's request for what lies in a database was answered with success. */
async function isStuckFor(duration: number): Promise<void> {
  // Whoever was asked before is answered.
  await seconds(1);
  const until = Date.now() + (duration - 1) * 1000;
  while (Date.now() < until) {
    const answer = await fetch(`${stack.url}/api/topics`, { signal: AbortSignal.timeout(Math.max(1, until - Date.now())) }).catch(() => undefined);
    if (answer?.ok) throw new Error("the topics are to be had, as if nothing had happened");
    if (answer && (answer.status !== 503 || !answer.headers.has("retry-after"))) throw new Error(`the topics are refused with ${answer.status}`);
    await seconds(0.2);
  }
}

/** The first process of Postgres, from its own note. */
function postgres(): number {
  const folder = execFileSync("psql", [...asSuperuser(), "-c", "show data_directory"], { encoding: "utf8", stdio: "pipe" }).trim();
  return Number(readFileSync(join(folder, "postmaster.pid"), "utf8").split("\n")[0]);
}

/** Whether the databases' own user may write a row. */
async function canWrite(): Promise<boolean> {
  return rowsOf("postgres", "create table room (); drop table room").then(
    () => true,
    () => false,
  );
}

async function refused(): Promise<void> {
  await eventually("there is no room", async () => !(await canWrite()) || undefined, 5_000);
}

/** The tables that a service's code writes. */
async function tablesOf(service: string): Promise<string[]> {
  return rowsOf(service, "select format('%I', tablename) from pg_tables where schemaname = 'public' and tablename <> '_sqlx_migrations'");
}

/** How far into a file the databases' processes may write: to none of its bytes, as where a disk is full, or to any. */
function mayWrite(bytes: "0" | "unlimited"): void {
  const first = postgresFirst ?? postgres();
  postgresFirst = bytes === "0" ? first : undefined;
  const others = spawnSync("pgrep", ["-P", String(first)], { encoding: "utf8" }).stdout.split("\n").filter(Boolean);
  // Only who they belong to, or somebody with all of a machine's rights, may say so.
  const owner = statSync(`/proc/${first}`, { throwIfNoEntry: false });
  if (!owner) return;
  for (const pid of [String(first), ...others]) spawnSync("prlimit", ["--pid", pid, `--fsize=${bytes}:`], { uid: owner.uid, gid: owner.gid });
}

/** Who was told that there is no room: it cannot be asked for its name meanwhile. */
let postgresFirst: number | undefined;
