import { type DBSchema, type IDBPDatabase, openDB } from "idb";

/** A recording whose sound lies in this browser until the server has it. */
export interface Kept {
  sessionId: string;
  /** Whose it is: another learner in this browser neither sees nor sends it. */
  learnerId: string;
  type: string;
}

interface Shelf extends DBSchema {
  recordings: { key: string; value: Kept };
  slices: { key: [sessionId: string, number: number]; value: Blob };
}

let shelf: Promise<IDBPDatabase<Shelf>> | undefined;

/** Rejects where the browser keeps nothing. */
async function opened(): Promise<IDBPDatabase<Shelf>> {
  shelf ??= openDB<Shelf>("recordings", 1, {
    upgrade(database) {
      database.createObjectStore("recordings", { keyPath: "sessionId" });
      database.createObjectStore("slices");
    },
  });
  return shelf;
}

/** Every slice of a session. */
function slicesOf(sessionId: string): IDBKeyRange {
  return IDBKeyRange.bound([sessionId, 0], [sessionId, Number.MAX_SAFE_INTEGER]);
}

/** Where the slices of a recording go. */
export interface Slices {
  add: (slice: Blob) => void;
  /** Everything so far, and whether it would survive this tab. */
  whole: () => Promise<{ blob: Blob; kept: boolean }>;
}

/** Keeps slices in memory and in this browser. A browser that cannot keep them loses nothing but the second copy. */
export function keep(recording: Kept): Slices {
  const slices: Blob[] = [];
  let written: Promise<unknown> = opened().then((database) => database.put("recordings", recording));
  written.catch(() => undefined);
  return {
    add: (slice) => {
      if (slice.size === 0) return;
      const number = slices.push(slice) - 1;
      // One after the other: what is kept is always the beginning of the recording, without a hole.
      written = written.then(async () => (await opened()).put("slices", slice, [recording.sessionId, number]));
      written.catch(() => undefined);
    },
    whole: async () => ({
      blob: new Blob(slices, { type: recording.type }),
      kept: await written.then(
        () => true,
        () => false,
      ),
    }),
  };
}

/** What a learner left in this browser. */
export async function keptBy(learnerId: string): Promise<Kept[]> {
  const all = await (await opened()).getAll("recordings");
  return all.filter((recording) => recording.learnerId === learnerId);
}

/** The sound of a recording that was kept, as far as it came. */
export async function soundOf({ sessionId, type }: Kept): Promise<Blob> {
  return new Blob(await (await opened()).getAll("slices", slicesOf(sessionId)), { type });
}

/** The server has it, or nobody wants it any more. */
export async function forget(sessionId: string): Promise<void> {
  const tx = (await opened()).transaction(["recordings", "slices"], "readwrite");
  await Promise.all([tx.objectStore("recordings").delete(sessionId), tx.objectStore("slices").delete(slicesOf(sessionId)), tx.done]);
}

/**
 * Takes a recording for this tab, for as long as the tab lives. False when another tab has it, which then records or
 * sends it itself.
 */
export function claim(sessionId: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    navigator.locks
      .request(`recording ${sessionId}`, { ifAvailable: true }, (lock) => {
        resolve(lock !== null);
        return lock === null ? undefined : new Promise<never>(() => undefined);
      })
      .catch(reject);
  });
}
