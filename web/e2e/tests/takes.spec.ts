//! Unmodified tus clients send a recording, and go on where they were.

import { expect, test } from "@playwright/test";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Upload } from "tus-js-client";
import type { Session } from "../support/learner.ts";
import { stack } from "../support/stack.ts";
import { padded, Visitor } from "../support/visitor.ts";

const MIB = 1024 * 1024;

/** Who sends, and what. */
async function sending() {
  const maya = await Visitor.arrives();
  const session = await maya.starts();
  const cookie = (await maya.requests.storageState()).cookies.map(({ name, value }) => `${name}=${value}`).join("; ");
  const metadata = { session: session.id, start_ms: "0", filetype: "audio/webm;codecs=opus", filename: "practice.webm" };
  return { maya, session, recording: padded(20 * MIB), headers: { cookie, origin: stack.url }, metadata };
}

async function becomesTheRecording(maya: Visitor, session: Session, recording: Buffer): Promise<void> {
  const finalized = await maya.finalizes(session);
  expect(finalized.status(), await finalized.text()).toBe(200);
  const ready = await maya.once(session, "the recording", ({ recording: { state } }) => state === "ready");
  expect(ready.recording).toMatchObject({ revision: 1, warnings: [] });
  const again = await maya.uploads(session, recording);
  expect(again.status(), "these very bytes are the recording").toBe(200);
  expect(((await again.json()) as { sha256: string }).sha256).toBe(createHash("sha256").update(recording).digest("hex"));
}

test("tus-js-client sends twenty mebibytes with a cut in the middle, and they become the recording", async () => {
  const { maya, session, recording, headers, metadata } = await sending();
  const options = { endpoint: `${stack.url}/api/uploads`, headers, metadata, retryDelays: [0, 500, 1000, 2000] };

  const place = await new Promise<string>((cut, failed) => {
    const upload = new Upload(recording, {
      ...options,
      chunkSize: 5 * MIB,
      onChunkComplete: (_, accepted) => {
        if (accepted >= 10 * MIB) void upload.abort().then(() => cut(upload.url!));
      },
      onError: failed,
    });
    upload.start();
  });
  let first: number | undefined;
  await new Promise<void>((done, failed) => {
    const upload = new Upload(recording, {
      ...options,
      uploadUrl: place,
      onProgress: (sent) => (first ??= sent),
      onSuccess: () => done(),
      onError: failed,
    });
    upload.start();
  });
  expect(first, "what had arrived is not sent again").toBeGreaterThanOrEqual(10 * MIB);

  await becomesTheRecording(maya, session, recording);
});

test("tuspy sends twenty mebibytes in two goes, each piece with its checksum, and they become the recording", async () => {
  const { maya, session, recording, headers, metadata } = await sending();
  const file = join(mkdtempSync(join(tmpdir(), "tuspy-")), "practice.webm");
  writeFileSync(file, recording);
  const script = join(import.meta.dirname, "../support/send_with_tuspy.py");
  const run = spawnSync(stack.tuspy, [script, `${stack.url}/api/uploads`, file, String(10 * MIB)], { input: JSON.stringify({ headers, metadata }) });
  expect(run.status, run.stderr.toString()).toBe(0);
  expect(Number(run.stdout.toString()), "what had arrived is not sent again").toBe(10 * MIB);
  await becomesTheRecording(maya, session, recording);
});
