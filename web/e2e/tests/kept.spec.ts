//! What was recorded survives the tab it was recorded in.

import { expect, test } from "@playwright/test";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { countOf } from "../support/databases.ts";
import { Learner } from "../support/learner.ts";
import { speak } from "../support/speech.ts";
import { Visitor } from "../support/visitor.ts";
import { decoded } from "../support/waves.ts";

let learner: Learner;

test.beforeEach(async () => {
  learner = await Learner.arrives();
  await learner.signsUp();
});

test.afterEach(async () => {
  await learner.leaves();
});

/** From now on, for how many milliseconds the browser's recorder has run, as the page last said. */
async function recordedFor(): Promise<() => number> {
  let recorded_ms = Number.NaN;
  await learner.page.exposeFunction("recordedFor", (ms: number) => (recorded_ms = ms));
  await learner.page.evaluate(() => {
    const start = MediaRecorder.prototype.start;
    MediaRecorder.prototype.start = function (...given) {
      this.addEventListener("start", ({ timeStamp }) => {
        setInterval(() => Reflect.get(window, "recordedFor")(performance.now() - timeStamp), 50);
      });
      start.apply(this, given);
    };
  });
  return () => recorded_ms;
}

/** A practice with one answer. */
async function practises(): Promise<{ id: string; folder: string }> {
  const folder = mkdtempSync(join(tmpdir(), "kept-"));
  const answer = await speak(folder, "answer", { name: "slt", stretch: 1.25 }, ["on saturday I went to the museum with my sister"]);
  const id = await learner.starts("Last weekend");
  await learner.isRecorded();
  await learner.hearsTheCoach(1);
  await learner.headset.say(answer.wav);
  await learner.hearsTheCoach(2);
  return { id, folder };
}

async function isComplete(id: string) {
  return learner.sessionOnce(id, "recording and rating", ({ recording, rating }) => recording.state === "ready" && rating.state === "ready");
}

test("a tab that dies in the middle of a practice takes less than a second of it along, and the next visit sends the rest", async () => {
  const recorded_ms = await recordedFor();
  const { id, folder } = await practises();
  const spoken_ms = recorded_ms();
  // Two seconds may be under way.
  await expect.poll(() => arrived(id), "it is sent while the learner speaks").toBeGreaterThan((spoken_ms / 1000 - 4) * bytesPerSecond);
  await expect.poll(() => inBrowser("slices"), "what was sent is not kept").toBeLessThan(40);
  await learner.losesTheTab();
  await learner.page.goto("/topics");
  await expect.poll(() => inBrowser("takes"), "nobody has to ask for it").toBe(0);
  await learner.page.goto(`/sessions/${id}`);
  await learner.page.getByRole("button", { name: "End and save it" }).click();
  const session = await isComplete(id);
  expect(session.transcript.turns.filter(({ speaker }) => speaker === "learner")).toHaveLength(1);
  // A file that ends in the middle of its last slice.
  expect(session.recording).toMatchObject({ revision: 1, warnings: ["truncated"] });
  const stored = join(folder, "stored.webm");
  writeFileSync(stored, await (await learner.requests.get(`/api/sessions/${id}/audio`)).body());
  expect(recorded_ms() - decoded(stored).duration_ms).toBeLessThan(1000);
});

test("a recording that could not be sent is sent at the learner's next visit by one of two tabs, and at nobody else's", async () => {
  await learner.page.route("**/api/uploads", (route) => route.abort());
  const { id } = await practises();
  await learner.ends();
  await expect(learner.page.getByText("The recording did not get through")).toBeVisible({ timeout: 30_000 });
  expect(await takes(id)).toBe(0);
  const cookies = await learner.context.cookies();

  await learner.context.clearCookies();
  const other = await Visitor.arrives();
  await learner.opensAnotherTab();
  const asked: string[] = [];
  learner.page.on("request", (request) => asked.push(new URL(request.url()).pathname));
  await learner.signsIn(other.email, other.password);
  await expect(learner.page.getByText("Sending the recording")).toBeHidden();
  expect(asked.filter((path) => path.startsWith("/api/uploads") || path.includes(id))).toEqual([]);
  expect(await inBrowser("recordings")).toBe(1);

  await learner.context.clearCookies();
  await learner.context.addCookies(cookies);
  await learner.opensAnotherTab();
  const beside = await learner.context.newPage();
  await Promise.all([learner.page.goto("/topics"), beside.goto("/topics")]);
  const session = await isComplete(id);
  expect(session.recording).toMatchObject({ revision: 1, warnings: [] });
  expect(await takes(id), "the tabs do not send it twice").toBe(1);
  await expect.poll(() => inBrowser("recordings")).toBe(0);
});

/** As many as the recorder makes: 64 kbit. */
const bytesPerSecond = 8_000;

/** How many bytes of a session's recording are on the server. */
async function arrived(id: string): Promise<number> {
  return countOf("upload", `select coalesce(sum(arrived), 0) from take where subject_id = '${id}'`);
}

async function takes(id: string): Promise<number> {
  return countOf("upload", `select count(*) from take where subject_id = '${id}'`);
}

/** How many of these lie in this browser. */
async function inBrowser(what: "recordings" | "takes" | "slices"): Promise<number> {
  return learner.page.evaluate(
    (store) =>
      new Promise<number>((resolve, reject) => {
        const opening = indexedDB.open("recordings");
        opening.onerror = () => reject(opening.error);
        opening.onsuccess = () => {
          const database = opening.result;
          const counting = database.transaction(store).objectStore(store).count();
          counting.onsuccess = () => {
            database.close();
            resolve(counting.result);
          };
        };
      }),
    what,
  );
}
