//! Takes arrive to the byte over connections that break, at two replicas, and nothing but them grows.

import { expect, test } from "@playwright/test";
import { createHash } from "node:crypto";
import { createReadStream, existsSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chaos, percentile } from "../support/chaos.ts";
import { rowsOf } from "../support/databases.ts";
import { eventually } from "../support/eventually.ts";
import { faults } from "../support/faults.ts";
import type { Session } from "../support/learner.ts";
import { bytesBelow, forgetPeak, peakOf, processesOf } from "../support/memory.ts";
import { creates, ours, sends, Source, writes } from "../support/sender.ts";
import { stack } from "../support/stack.ts";
import { Visitor } from "../support/visitor.ts";

const MIB = 1024 * 1024;
/** Takes that one session may have, and a few less. */
const TAKES = 50;
/** A take that is large. */
const LARGE = (chaos.isLong ? 2047 : 320) * MIB;
/** Takes on their way at once. */
const AT_ONCE = 4;

test.setTimeout(chaos.isLong ? 6 * 3_600_000 : 240_000);
test.afterEach(async () => faults.end());

interface Practising {
  maya: Visitor;
  session: Session;
  cookie: string;
}

async function practising(): Promise<Practising> {
  const maya = await Visitor.arrives();
  const session = await maya.starts();
  return { maya, session, cookie: await maya.accessCookie() };
}

async function isPutTogether(take: string): Promise<void> {
  const state = async () => (await rowsOf("upload", `select state from take where take_id = '${take}'`))[0];
  await eventually("the take is put together", async () => (await state()) === "complete" || undefined, 120_000);
}

/** The hash of what lies in storage of a take that was read back. */
async function storedOf(take: string): Promise<string> {
  await isPutTogether(take);
  const hash = createHash("sha256");
  for (const key of await rowsOf("upload", `select object_key from take_piece where take_id = '${take}' order by piece`)) {
    for await (const bytes of createReadStream(join(stack.folder, "data/s3/recordings", key))) hash.update(bytes as Buffer);
  }
  return hash.digest("hex");
}

test("takes whose connections are cut at random arrive to the byte", async () => {
  const dice = chaos.dice("sizes");
  const all = chaos.times(50);
  let [cuts, bytes] = [0, 0];
  for (let done = 0; done < all; done += TAKES) {
    const { maya, session, cookie } = await practising();
    await faults.begin(chaos.seed + done);
    // Some connections break within the head of a request, and some not at all.
    await faults.edge.suffers({ cut_after: { least: 1, most: 2 * MIB } });
    // From a byte to a few parts, small ones as often as large ones.
    const sources = Array.from({ length: Math.min(TAKES, all - done) }, () => new Source(Math.ceil((20 * MIB) ** dice())));
    const takes: string[] = [];
    let next = 0;
    const sender = async () => {
      for (let at = next++; at < sources.length; at = next++) {
        const sent = await sends({ cookie, session: session.id, source: sources[at]!, start_ms: at, patience_ms: 180_000 });
        takes[at] = sent.take;
        cuts += sent.cuts;
        bytes += sources[at]!.length;
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, sender));
    await faults.end();
    for (const [at, source] of sources.entries()) expect(await storedOf(takes[at]!), `take ${done + at} of ${source.length} bytes`).toBe(source.sha256);
    const deleted = await maya.requests.delete(`/api/sessions/${session.id}`);
    expect(deleted.status()).toBe(204);
  }
  chaos.note("uploads", { what: "random cuts", takes: all, bytes, cuts, different: 0 });
  expect(cuts, "connections were cut").toBeGreaterThan(all / 4);
});

test("memory does not grow with a take, and nothing of it lies on a disk", async () => {
  const replicas = processesOf("upload", `KILL_POINTS=${stack.folder}/run/kill-points/upload`);
  expect(replicas, "two replicas").toHaveLength(2);
  const folders = [join(stack.folder, "run/edge/body"), join(stack.folder, "run/edge/proxy")];
  expect(folders.every(existsSync), "these are the edge's folders").toBe(true);
  let onDisk = 0;
  const sending = async (length: number) => {
    const { maya, session, cookie } = await practising();
    replicas.forEach(forgetPeak);
    const looking = setInterval(() => (onDisk = Math.max(onDisk, ...folders.map(bytesBelow), scratch())), 50);
    const { take } = await sends({ cookie, session: session.id, source: new Source(length), patience_ms: 3_600_000 }).finally(() => clearInterval(looking));
    const peak = Math.max(...replicas.map(peakOf));
    // It is read back before anything else is measured.
    await isPutTogether(take);
    expect((await maya.requests.delete(`/api/sessions/${session.id}`)).status()).toBe(204);
    return peak;
  };
  const length = LARGE;
  // The longer a process sends, the higher its peak may chance to be: each replica gets as much in small takes as in the
  // large one, and before that one to warm up, because what a process takes for its first take it keeps for the others.
  const peaks: number[] = [];
  for (let time = 0; time < 2 + 2 * Math.ceil(length / (64 * MIB)); time++) peaks.push(await sending(64 * MIB));
  const small = Math.max(...peaks.slice(2));
  const large = await sending(length);
  chaos.note("uploads", { what: "memory", length, peak_kib: large, peak_of_64_mib_kib: small, ratio: large / small, temp_bytes: onDisk });
  expect(large / small, "memory beside that of 64 MiB").toBeLessThanOrEqual(1.1);
  expect(onDisk, "bytes in temporary files of the edge and of upload").toBe(0);
});

/** What upload has in temporary files. */
function scratch(): number {
  const ours = readdirSync(tmpdir()).filter((name) => name.startsWith("vivavoce-upload-"));
  return ours.reduce((sum, name) => sum + bytesBelow(join(tmpdir(), name)), 0);
}

test("of a large take that is cut ten times next to nothing is sent twice", async () => {
  const { maya, session, cookie } = await practising();
  const source = new Source(LARGE);
  const before = await faults.edge.counters();
  const tenth = Math.floor(LARGE / 11);
  await faults.begin(chaos.seed);
  await faults.edge.suffers({ cut_after: { least: Math.floor(tenth * 0.9), most: tenth } });
  const { take } = await sends({ cookie, session: session.id, source, patience_ms: 3_600_000 });
  await faults.end();
  const after = await faults.edge.counters();
  expect(await storedOf(take)).toBe(source.sha256);
  const cuts = after.cuts - before.cuts;
  const again = after.sent - before.sent - LARGE;
  chaos.note("uploads", { what: "ten cuts", length: LARGE, cuts, sent_again: again, share: again / LARGE });
  expect(cuts, "it was cut").toBeGreaterThanOrEqual(10);
  // What is sent again does not depend on the length: of two gibibytes with ten cuts it is one part in a hundred.
  expect(again / cuts, "bytes sent again for each cut").toBeLessThanOrEqual((0.01 * 2048 * MIB) / 10);
  expect((await maya.requests.delete(`/api/sessions/${session.id}`)).status()).toBe(204);
});

test("a sender that vanished without a word keeps its successor out for two seconds at most", async () => {
  const waits: number[] = [];
  const { session, cookie } = await practising();
  for (let time = 0; time < (chaos.isLong ? 40 : 3); time++) {
    const source = new Source(MIB);
    const created = await creates(cookie, session.id, source.length, time);
    const place = new URL(created.headers.location!, stack.url).pathname;
    // Half of it arrives, and then nothing: neither bytes nor an end.
    const silent = new AbortController();
    const half = fetch(`${stack.url}${place}`, {
      method: "PATCH",
      headers: { ...(ours(cookie) as Record<string, string>), "content-type": "application/offset+octet-stream", "upload-offset": "0" },
      body: halfOf(source),
      duplex: "half",
      signal: silent.signal,
    } as RequestInit).catch(() => undefined);
    const known = await eventually("half of it is durable", async () => {
      const head = await fetch(`${stack.url}${place}`, { method: "HEAD", headers: ours(cookie) as Record<string, string> });
      const offset = Number(head.headers.get("upload-offset"));
      return offset > 0 ? offset : undefined;
    });
    const asked = Date.now();
    await eventually("the successor is let in", async () => (await writes(cookie, place, known, source)).status === 204 || undefined);
    waits.push(Date.now() - asked);
    silent.abort();
    await half;
    expect(await storedOf(place.split("/").at(-1)!)).toBe(source.sha256);
  }
  chaos.note("uploads", { what: "hand-over", times: waits.length, most_ms: Math.max(...waits), p95_ms: percentile(waits, 0.95) });
  expect(Math.max(...waits)).toBeLessThanOrEqual(2_000);
});

/** Half of it, and no end. */
function halfOf(source: Source): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      controller.enqueue(source.slice(0, source.length / 2));
    },
  });
}
