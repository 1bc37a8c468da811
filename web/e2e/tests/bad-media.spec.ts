//! Recordings that are none, claim too much or point elsewhere, and ranges of bytes that are not there.

import { expect, test } from "@playwright/test";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { audioTrack, element, padding, videoTrack, webm } from "../support/matroska.ts";
import { Practice } from "../support/practice.ts";
import { expectRefused, type Kind } from "../support/refusal.ts";
import { found } from "../support/sinks.ts";
import { sound, Visitor } from "../support/visitor.ts";
import { decoded } from "../support/waves.ts";
import type { Answer, Asked } from "../support/wire.ts";

const TYPES = ["audio/webm", "audio/mp4"];
const GIBIBYTE = 1024 ** 3;

let practice: Practice;

test.beforeAll(async () => {
  practice = await Practice.begins();
});

async function uploads(body: Buffer | string, type = "audio/webm", more: Partial<Asked> = {}): Promise<Answer> {
  return practice.ask({ method: "POST", path: `${practice.path}/upload`, body, ...more, headers: { "content-type": type, ...more.headers } });
}

/** Expects that none of these is taken for a recording, whatever it is called, and that nothing is kept of it. */
async function refuses(kind: Kind, bodies: Record<string, Buffer | string>): Promise<void> {
  const mark = randomUUID();
  const before = await practice.standing();
  for (const [what, body] of Object.entries(bodies)) {
    for (const type of TYPES) expectRefused(await uploads(Buffer.concat([Buffer.from(body), Buffer.from(mark)]), type), kind, `${what} as ${type}`);
  }
  expect(await practice.standing()).toEqual(before);
  expect(await found(mark)).toEqual([]);
}

/** A learner whose recording, which may be odd, was taken and made playable. */
async function recorded(recording: Buffer) {
  const maya = await Visitor.arrives();
  const session = await maya.starts();
  expect((await maya.finalizes(session)).status()).toBe(200);
  expect((await maya.uploads(session, recording)).status()).toBe(201);
  const plays = async (query = "", headers = {}) => maya.requests.get(`/api/sessions/${session.id}/audio${query}`, { headers });
  return { plays, atOnce: await plays(), ready: await maya.once(session, "the recording", ({ recording }) => recording.state === "ready") };
}

test("B56 a recording without one byte is empty", async () => {
  const before = await practice.standing();
  for (const type of TYPES) {
    expectRefused(await uploads("", type), "empty-media", type);
    expectRefused(await uploads("", type, { chunked: true }), "empty-media", `${type} in chunks`);
  }
  expect(await practice.standing()).toEqual(before);
});

test("B57 a file of another kind is not a recording, whatever it is called", async () => {
  await refuses("unsupported-media", {
    "a program": readFileSync("/bin/true"),
    "a page": "<!doctype html><script>alert(1)</script>",
    "an archive": Buffer.from("504b0304140000000000000000000000000000000000000000000100000061", "hex"),
    "a drawing": "<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
    "a document": "%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\n",
    "a compressed recording": gzipSync(sound()),
    "noise behind the header of a recording": Buffer.concat([sound().subarray(0, 64), Buffer.alloc(4096, 0x55)]),
    "a film without sound": webm(1000, [videoTrack(1, 64, 64)]),
  });
});

test("B58 a playlist is not a recording, and nobody goes where it points", async () => {
  let visits = 0;
  const server = createServer((socket) => {
    visits += 1;
    socket.destroy();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/segment.ts`;
  const playlist = `#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n${url}\n#EXT-X-ENDLIST\n`;
  const header = element("1a45dfa3", element("4282", "webm"));
  const brand = Buffer.from("0000001c6674797069736f350000020069736f356d703431", "hex");
  const text = `GAB2\0\u0002\0\0\0\0\0\0\0\0\0${playlist}`;
  await refuses("unsupported-media", {
    "of addresses": playlist,
    "of files": "#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n",
    "of files after one another": `#EXTM3U\n#EXTINF:1,\nconcat:${url}|file:///etc/passwd\n`,
    "in ffmpeg's own words": `ffconcat version 1.0\nfile '${url}'\nfile '/etc/passwd'\n`,
    "of another player": `[playlist]\nFile1=${url}\nNumberOfEntries=1\n`,
    "of parts": `<?xml version='1.0'?><MPD xmlns='urn:mpeg:dash:schema:mpd:2011'><Period><BaseURL>${url}</BaseURL></Period></MPD>`,
    "among the subtitles of an AVI": `RIFF\0\u0010\0\0AVI LIST\0\u0008\0\0movi01tx\0\u0004\0\0${text}`,
    "behind the header of a WebM": Buffer.concat([header, Buffer.from(playlist)]),
    "behind the brand of an MP4": Buffer.concat([brand, Buffer.from(playlist)]),
  });
  expect(visits).toBe(0);
  server.close();
});

test("B59 a recording that is a page as well is only a recording", async () => {
  const page = `<html><script>alert("${randomUUID()}")</script></html>`;
  const { plays, atOnce } = await recorded(Buffer.concat([sound(), padding(page)]));
  const made = await plays();
  for (const answer of [atOnce, made, await plays("?format=mp4")]) {
    const { "content-type": type, "x-content-type-options": sniffing, "content-disposition": disposition } = answer.headers();
    expect([answer.status(), TYPES.includes(type ?? ""), sniffing]).toEqual([200, true, "nosniff"]);
    expect(disposition).toMatch(/^attachment; filename="practice\.(webm|m4a)"$/);
  }
  expect((await made.body()).includes("<script>"), "what is played was made anew").toBe(false);
});

test("B60 a small file that claims too much is beyond the limits", async () => {
  await refuses("media-limits-exceeded", {
    "a billion seconds": webm(1e12, [audioTrack(1)]),
    "ten billion pixels": webm(1000, [audioTrack(1), videoTrack(2, 100_000, 100_000)]),
    "a thousand tracks": webm(1000, Array.from({ length: 1000 }, (_, at) => audioTrack(at + 1))),
  });
});

test("B61 a recording that ends in the middle is kept, says so and can be played", async () => {
  const whole = sound();
  const { plays, ready } = await recorded(whole.subarray(0, whole.length * 0.6));
  expect(ready.recording.warnings).toEqual(["truncated"]);
  const folder = mkdtempSync(join(tmpdir(), "truncated-"));
  for (const query of ["", "?format=mp4"]) {
    const answer = await plays(query);
    expect(answer.status()).toBe(200);
    const file = join(folder, "played");
    writeFileSync(file, await answer.body());
    expect(decoded(file).duration_ms).toBeGreaterThan(3_000);
  }
});

test("B62 a compressed recording is an unsupported media type before its bytes have come", async () => {
  const before = await practice.standing();
  for (const coding of ["gzip", "br", "identity, gzip"]) {
    const headers = { "content-encoding": coding, "content-length": GIBIBYTE };
    expectRefused(await uploads(gzipSync(sound()), "audio/webm", { headers, unfinished: true }), "unsupported-media-type", coding);
  }
  expect(await practice.standing()).toEqual(before);
});

test("B63 bytes that are not there, and more than one range, are not satisfiable", async () => {
  const { plays } = await recorded(sound());
  for (const query of ["", "?format=mp4"]) {
    const size = (await (await plays(query)).body()).length;
    const many = `bytes=${Array(1000).fill("0-0").join()}`;
    for (const range of [many, "bytes=0-0,2-2", "bytes=5-1", `bytes=${size}-`, `bytes=${size + 1}-${size + 2}`, "bytes=-0", "bytes=-", "bytes=a-b"]) {
      const refused = await plays(query, { range });
      const answer = { status: refused.status(), headers: new Headers(refused.headers()), body: await refused.body() };
      expectRefused(answer, "range-not-satisfiable", range.slice(0, 40));
      expect(answer.headers.get("content-range"), range.slice(0, 40)).toBe(`bytes */${size}`);
    }
    const last = await plays(query, { range: "bytes=-1" });
    expect([last.status(), last.headers()["content-range"]]).toEqual([206, `bytes ${size - 1}-${size - 1}/${size}`]);
  }
});
