import { type DBSchema, type IDBPDatabase, type IDBPTransaction, openDB, type StoreNames } from "idb";
import type { KeptDraft } from "@/api/draft";

/** A practice whose sound, or a part of it, may lie in this browser. */
export interface KeptRecording {
  sessionId: string;
  /** Whose it is: another learner in this browser neither sees nor sends it. */
  learnerId: string;
  /** When its session clock began, in milliseconds since 1970; null when nobody wrote that down. */
  zero: number | null;
  /** Whether nothing is recorded into it any more. */
  over: boolean;
}

/** One run of a recorder, as far as it is not on the server. */
export interface KeptTake {
  sessionId: string;
  id: string;
  /** Where it begins on the session clock. */
  startMs: number;
  type: string;
  /** Where its bytes are sent, once the server awaits them. */
  url: string | null;
  /** How many bytes it has, once its recorder has stopped. */
  length: number | null;
}

/** Bytes of a take, and where they begin in it. */
export interface KeptSlice {
  at: number;
  /** Earlier versions of this page kept blobs. */
  bytes: ArrayBuffer | Blob;
}

/** The words of a practice that the server may not have. */
export interface KeptTurns {
  sessionId: string;
  learnerId: string;
  draft: KeptDraft;
  /** The session was sealed without some of them: nobody else will ever have these. */
  tooLate?: true;
}

interface Shelf extends DBSchema {
  recordings: { key: string; value: KeptRecording };
  takes: { key: [sessionId: string, take: string]; value: KeptTake };
  slices: { key: [sessionId: string, take: string, number: number]; value: KeptSlice };
  turns: { key: string; value: KeptTurns };
}

/** A version that kept one recording per session, numbered its slices and sent all of them at the end. */
interface FirstShelf extends DBSchema {
  recordings: { key: string; value: { sessionId: string; learnerId: string; type: string } };
  slices: { key: [sessionId: string, number: number]; value: Blob };
}

type Upgrade<Schema extends DBSchema> = IDBPTransaction<Schema, StoreNames<Schema>[], "versionchange">;

let shelf: Promise<IDBPDatabase<Shelf>> | undefined;

/** What this browser keeps for its learners. Rejects where it keeps nothing; asking again tries again. */
export async function openShelf(): Promise<IDBPDatabase<Shelf>> {
  shelf ??= opening();
  return shelf;
}

async function opening(): Promise<IDBPDatabase<Shelf>> {
  const close = () => {
    shelf = undefined;
  };
  try {
    return await new Promise((resolve, reject) => {
      let tooLate = false;
      const opened = openDB<Shelf>("recordings", 2, {
        upgrade(database, from, _to, transaction) {
          database.createObjectStore("takes");
          database.createObjectStore("turns", { keyPath: "sessionId" });
          if (from === 0) {
            database.createObjectStore("recordings", { keyPath: "sessionId" });
            database.createObjectStore("slices");
          } else {
            carryOver(transaction).catch(() => transaction.abort());
          }
        },
        // A tab with an earlier version of this page is open: what is recorded meanwhile stays in memory.
        blocked: () => {
          tooLate = true;
          reject(new DOMException("Another tab holds it", "InvalidStateError"));
        },
        blocking: (_current, _blocked, event) => {
          (event.target as IDBDatabase).close();
          close();
        },
        terminated: close,
      });
      opened.then((database) => (tooLate ? database.close() : resolve(database)), reject);
    });
  } catch (thrown) {
    close();
    throw thrown;
  }
}

/** What the first version kept was one take from the beginning of its session. */
async function carryOver(transaction: Upgrade<Shelf>): Promise<void> {
  const before = transaction as unknown as Upgrade<FirstShelf>;
  const recordings = await before.objectStore("recordings").getAll();
  const keys = await before.objectStore("slices").getAllKeys();
  const blobs = await before.objectStore("slices").getAll();
  await Promise.all([before.objectStore("recordings").clear(), before.objectStore("slices").clear()]);
  for (const { sessionId, learnerId, type } of recordings) {
    let at = 0;
    let number = 0;
    for (const [index, [session]] of keys.entries()) {
      const bytes = blobs[index];
      if (session !== sessionId || bytes === undefined) continue;
      await transaction.objectStore("slices").put({ at, bytes }, [sessionId, sessionId, number]);
      at += bytes.size;
      number += 1;
    }
    await transaction.objectStore("recordings").put({ sessionId, learnerId, zero: null, over: true });
    await transaction.objectStore("takes").put({ sessionId, id: sessionId, startMs: 0, type, url: null, length: at }, [sessionId, sessionId]);
  }
}
