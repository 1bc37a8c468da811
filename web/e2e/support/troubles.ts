//! What somebody is called for. Each trouble brings about, in the running product, what its alerts are named after.

import type { APIResponse } from "@playwright/test";
import { randomBytes, randomUUID } from "node:crypto";
import { closeSync, openSync, readdirSync, readSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";
import { asNews, Broker } from "./broker.ts";
import { countOf, rowsOf } from "./databases.ts";
import { eventually } from "./eventually.ts";
import { faults } from "./faults.ts";
import type { Session } from "./learner.ts";
import { sends } from "./sender.ts";
import { stack } from "./stack.ts";
import { padded, sound, Visitor } from "./visitor.ts";

const MIB = 1024 * 1024;

/** A state that lasts until it is ended. */
export interface Trouble {
  what: string;
  /** The alerts it must raise: their name, what they are about, and their severity. */
  alerts: string[];
  /** What can be done only while everything is well. */
  prepares?: () => Promise<void>;
  strikes?: () => Promise<void>;
  /** What learners do again and again while it lasts. */
  meanwhile?: () => Promise<void>;
  ends?: () => Promise<void>;
}

/** All of them, which may strike at once. */
export function troubles(): Trouble[] {
  return [tableLocked(), providerFailing(), nobodyNotes(), unreadableLetters(), noWorker(), storageDamages(), storageAway(), silence()];
}

/** Whoever asks for topics waits for a table, with a connection in the hand, until the patience ends. */
function tableLocked(): Trouble {
  const learners = 40;
  let lock: Promise<unknown> | undefined;
  return {
    what: "a table of topics is locked",
    alerts: ["DatabaseConnectionsUsedUp topics page", "RequestsFailing topics page"],
    strikes: async () => {
      lock = rowsOf("topics", "begin; lock table topic in access exclusive mode; select pg_sleep(3600)").catch(() => undefined);
      await eventually("it is locked", async () => (await countOf("topics", "select count(*) from pg_locks where mode = 'AccessExclusiveLock' and granted and relation = 'topic'::regclass")) > 0 || undefined);
    },
    meanwhile: async () => {
      const asking = Array.from({ length: learners }, async () => fetch(`${stack.url}/api/topics`).catch(() => undefined));
      await Promise.all(asking);
    },
    ends: async () => {
      await rowsOf("topics", "select pg_terminate_backend(pid) from pg_stat_activity where query like '%pg_sleep(3600)%' and pid <> pg_backend_pid()");
      await lock;
    },
  };
}

function providerFailing(): Trouble {
  const callers: [Visitor, Session][] = [];
  let next = 0;
  return {
    what: "the realtime provider fails",
    alerts: ["BreakerOpen realtime_provider page"],
    // Nobody may begin more than six calls in a minute.
    prepares: async () => {
      for (let count = 0; count < 20; count++) callers.push(await inASession());
    },
    strikes: async () => faults.provider.suffers({ answer: { status: 500 } }),
    meanwhile: async () => {
      const [maya, session] = callers[next++ % callers.length]!;
      await calls(maya, session);
    },
    ends: async () => faults.provider.recovers(),
  };
}

/** What is heard cannot be written down, so that it is never acknowledged. */
function nobodyNotes(): Trouble {
  const refusal = refusing("sessions", "inbox", "before insert");
  let told: Session;
  return {
    what: "sessions cannot note what it hears",
    alerts: ["ConsumerStalled sessions-audio-stored ticket"],
    prepares: async () => {
      const maya = await Visitor.arrives();
      told = await maya.practises();
      await maya.once(told, "the recording", ({ recording }) => recording.state === "ready");
    },
    strikes: async () => {
      await refusal.begins();
      const broker = await Broker.reached();
      const said = await broker.saidAbout(told.id);
      await broker.says(asNews(said.find(({ subject }) => subject === "audio.stored")!));
      await broker.left();
    },
    ends: async () => refusal.ends(),
  };
}

function unreadableLetters(): Trouble {
  const id = randomUUID();
  return {
    what: "an event comes that nobody can read",
    alerts: ["DeadLettersWaiting rating-session-finalized ticket"],
    strikes: async () => {
      const broker = await Broker.reached();
      await broker.says({ id, subject: "session.finalized", payload: randomBytes(40) });
      await broker.left();
    },
    ends: async () => {
      for (const service of ["secrets", "upload", "rating"]) await rowsOf(service, `delete from dead_letter where event_id = '${id}'`);
    },
  };
}

/** Jobs wait, and whoever would take one is refused. */
function noWorker(): Trouble {
  const refusal = refusing("secrets", "job", "before update of leased_until");
  let [maya, session]: [Visitor?, Session?] = [];
  return {
    what: "no worker of secrets gets a job",
    alerts: ["JobsWaiting secrets ticket"],
    prepares: async () => {
      [maya, session] = await inASession();
      const called = await calls(maya, session);
      if (called.status() !== 201) throw new Error(`a call was answered with ${called.status()}`);
    },
    strikes: async () => {
      await refusal.begins();
      await maya!.finalizes(session!);
      await eventually("a call is to be hung up", async () => (await countOf("secrets", "select count(*) from job where state = 'waiting'")) > 0 || undefined);
    },
    ends: async () => refusal.ends(),
  };
}

/** One part of a take is not what was sent, each time it is read. What the rest of the session is made of lacks it. */
function storageDamages(): Trouble {
  return {
    what: "storage changes a byte",
    alerts: ["RecordingsDamaged page", "SessionsNotSaved page", "SessionsNotSaved ticket"],
    prepares: async () => {
      const [maya, session] = await inASession();
      const refusal = refusing("upload", "job", "before update of leased_until");
      const began = Date.now();
      await refusal.begins();
      try {
        const cookie = await maya.accessCookie();
        const [good, damaged] = [sound(), padded(9 * MIB)];
        await sends({ cookie, session: session.id, source: sourceOf(good) });
        await sends({ cookie, session: session.id, source: sourceOf(damaged), start_ms: 13_000 });
        damagesWhatCameSince(began);
      } finally {
        await refusal.ends();
      }
      await maya.finalizes(session);
      await maya.once(session, "a recording that lacks something", ({ recording }) => recording.state === "ready" && recording.warnings.length > 0);
    },
  };
}

/** Nothing can be heard again, by learners or by whoever rates. */
function storageAway(): Trouble {
  const practices: [Visitor, Session][] = [];
  return {
    what: "storage is away",
    alerts: ["RatingsFailing ticket", "ReplaySlow page", "ReplaySlow ticket"],
    prepares: async () => {
      for (let count = 0; count < 6; count++) {
        const maya = await Visitor.arrives();
        const session = await maya.practises();
        await maya.once(session, "a rating", ({ recording, rating }) => recording.state === "ready" && rating.state === "ready");
        practices.push([maya, session]);
      }
    },
    strikes: async () => {
      await stack.stops("s3");
      for (const [maya, session] of practices) {
        const asked = await maya.requests.post(`/api/sessions/${session.id}/rating`, { headers: { "idempotency-key": randomUUID() } });
        if (!asked.ok()) throw new Error(`a rating was refused with ${asked.status()}`);
      }
    },
    meanwhile: async () => {
      const [maya, session] = practices[0]!;
      await asStillSignedIn(maya, async () => maya.requests.get(`/api/sessions/${session.id}/audio`));
    },
    ends: async () => stack.starts("s3"),
  };
}

/** Pages say that their learners heard nothing for five seconds. */
function silence(): Trouble {
  let maya: Visitor;
  return {
    what: "practices begin in silence",
    alerts: ["FirstSoundSlow ticket"],
    prepares: async () => {
      maya = await Visitor.arrives();
    },
    meanwhile: async () => {
      const said = { data: { measurements: [{ measure: "first_sound", value: 5_000 }] } };
      await asStillSignedIn(maya, async () => maya.requests.post("/api/telemetry", said));
    },
  };
}

async function inASession(): Promise<[Visitor, Session]> {
  const maya = await Visitor.arrives();
  return [maya, await maya.starts()];
}

/** Asks the coach for a call, which the provider is asked for in turn. */
async function calls(maya: Visitor, session: Session): Promise<APIResponse> {
  const { client_secret: secret } = (await (await maya.mints(session)).json()) as { client_secret: string };
  return maya.calls(session, secret);
}

/** Whoever stays for long signs in by themselves now and then. */
async function asStillSignedIn(maya: Visitor, ask: () => Promise<APIResponse>): Promise<void> {
  if ((await ask()).status() === 401) await maya.requests.post("/api/auth/refresh");
}

function sourceOf(bytes: Buffer) {
  return { length: bytes.length, slice: (from: number, to: number) => bytes.subarray(from, to) };
}

/** A table of a service that takes no changes of a kind. */
function refusing(service: string, table: string, change: string) {
  return {
    begins: async () => {
      await rowsOf(service, `create function refuses() returns trigger language plpgsql as $$ begin raise exception 'refused by a test'; end $$; create trigger refuses ${change} on ${table} for each row execute function refuses()`);
    },
    ends: async () => {
      await rowsOf(service, "drop function if exists refuses() cascade");
    },
  };
}

/** Changes one byte in the middle of every large object that storage was given since then. */
function damagesWhatCameSince(then: number): void {
  const folder = join(stack.folder, "data/s3");
  const changed = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((file) => join(folder, file))
    .filter((path) => {
      const file = statSync(path, { throwIfNoEntry: false });
      return file && file.size >= MIB && file.mtimeMs >= then;
    });
  if (changed.length === 0) throw new Error("storage was given nothing");
  for (const path of changed) {
    const file = openSync(path, "r+");
    const [byte, middle] = [Buffer.alloc(1), Math.floor(statSync(path).size / 2)];
    readSync(file, byte, 0, 1, middle);
    byte[0]! ^= 0xff;
    writeSync(file, byte, 0, 1, middle);
    closeSync(file);
  }
}
