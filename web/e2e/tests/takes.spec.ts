//! An unmodified tus client sends a recording over a connection that breaks.

import { expect, test } from "@playwright/test";
import { createHash } from "node:crypto";
import { Upload } from "tus-js-client";
import { stack } from "../support/stack.ts";
import { padded, Visitor } from "../support/visitor.ts";

const MIB = 1024 * 1024;

test("twenty mebibytes with a cut in the middle arrive whole, and become the recording", async () => {
  const maya = await Visitor.arrives();
  const session = await maya.starts();
  const recording = padded(20 * MIB);
  const cookies = (await maya.requests.storageState()).cookies.map(({ name, value }) => `${name}=${value}`).join("; ");
  const options = {
    endpoint: `${stack.url}/api/uploads`,
    headers: { cookie: cookies, origin: stack.url },
    metadata: { session: session.id, start_ms: "0", filetype: "audio/webm;codecs=opus", filename: "practice.webm" },
    retryDelays: [0, 500, 1000, 2000],
  };

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

  const finalized = await maya.finalizes(session);
  expect(finalized.status(), await finalized.text()).toBe(200);
  const ready = await maya.once(session, "the recording", ({ recording: { state } }) => state === "ready");
  expect(ready.recording).toMatchObject({ revision: 1, warnings: [] });
  const again = await maya.uploads(session, recording);
  expect(again.status(), "these very bytes are the recording").toBe(200);
  expect(((await again.json()) as { sha256: string }).sha256).toBe(createHash("sha256").update(recording).digest("hex"));
});
