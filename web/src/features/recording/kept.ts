import { type KeptRecording, type KeptSlice, type KeptTake, openShelf } from "./shelf";

/** Every slice of a session, or of one of its takes, or of the beginning of one. */
function slicesOf(sessionId: string, take?: string, before?: number): IDBKeyRange {
  if (take === undefined) return IDBKeyRange.bound([sessionId], [sessionId, []]);
  return before === undefined
    ? IDBKeyRange.bound([sessionId, take], [sessionId, take, []])
    : IDBKeyRange.bound([sessionId, take, 0], [sessionId, take, before], false, true);
}

/** Writes down that a practice is recorded. What is known of an earlier recording of it stays. */
export async function keepRecording({ sessionId, learnerId, zero }: Omit<KeptRecording, "over">): Promise<void> {
  const tx = (await openShelf()).transaction("recordings", "readwrite");
  const known = await tx.store.get(sessionId);
  await tx.store.put({ sessionId, learnerId, zero: known?.zero ?? zero, over: false });
  await tx.done;
}

/** When the session clock of a practice began, in milliseconds since 1970; null when this browser does not know. */
export async function zeroOf(sessionId: string): Promise<number | null> {
  try {
    return (await (await openShelf()).get("recordings", sessionId))?.zero ?? null;
  } catch {
    return null;
  }
}

/** Notes that nothing more is recorded into a practice, and forgets it when everything of it was sent. */
export async function endRecording(sessionId: string): Promise<void> {
  const tx = (await openShelf()).transaction("recordings", "readwrite");
  const known = await tx.store.get(sessionId);
  if (known !== undefined) await tx.store.put({ ...known, over: true });
  await tx.done;
  await forgetWhatIsSent(sessionId);
}

async function forgetWhatIsSent(sessionId: string): Promise<void> {
  const tx = (await openShelf()).transaction(["recordings", "takes"], "readwrite");
  const recording = await tx.objectStore("recordings").get(sessionId);
  const takes = await tx.objectStore("takes").count(IDBKeyRange.bound([sessionId], [sessionId, []]));
  if (recording?.over === true && takes === 0) await tx.objectStore("recordings").delete(sessionId);
  await tx.done;
}

/** What a learner left in this browser. */
export async function recordingsOf(learnerId: string): Promise<KeptRecording[]> {
  const all = await (await openShelf()).getAll("recordings");
  return all.filter((recording) => recording.learnerId === learnerId);
}

/** The takes of a practice that are not on the server as a whole. */
export async function takesOf(sessionId: string): Promise<KeptTake[]> {
  return (await openShelf()).getAll("takes", IDBKeyRange.bound([sessionId], [sessionId, []]));
}

/** What is kept of a take, in order and without a hole. */
export async function slicesIn({ sessionId, id }: KeptTake): Promise<{ number: number; at: number; bytes: Uint8Array<ArrayBuffer> }[]> {
  const tx = (await openShelf()).transaction("slices");
  const [keys, slices] = await Promise.all([tx.store.getAllKeys(slicesOf(sessionId, id)), tx.store.getAll(slicesOf(sessionId, id))]);
  const read = await Promise.all(
    slices.map(async ({ at, bytes }, index) => ({
      number: keys[index]?.[2] ?? index,
      at,
      bytes: new Uint8Array("arrayBuffer" in bytes ? await bytes.arrayBuffer() : bytes),
    })),
  );
  const hole = read.findIndex((slice, index) => {
    const before = read[index - 1];
    return before !== undefined && before.at + before.bytes.length !== slice.at;
  });
  return hole < 0 ? read : read.slice(0, hole);
}

/** A change of what is kept of one take; all of it happens, or nothing. */
export interface Change {
  take: KeptTake | null;
  slices: ReadonlyMap<number, KeptSlice>;
}

export async function write(sessionId: string, id: string, { take, slices }: Change): Promise<void> {
  const tx = (await openShelf()).transaction(["takes", "slices"], "readwrite");
  const written: Promise<unknown>[] = [tx.done];
  if (take !== null) written.push(tx.objectStore("takes").put(take, [sessionId, id]));
  for (const [number, slice] of slices) written.push(tx.objectStore("slices").put(slice, [sessionId, id, number]));
  await Promise.all(written);
}

/** Makes room: these slices are on the server. */
export async function dropSlices(sessionId: string, id: string, before: number): Promise<void> {
  await (await openShelf()).delete("slices", slicesOf(sessionId, id, before));
}

/** The server has all of a take, or nobody wants it any more. */
export async function forgetTake(sessionId: string, id: string): Promise<void> {
  const tx = (await openShelf()).transaction(["takes", "slices"], "readwrite");
  await Promise.all([tx.objectStore("takes").delete([sessionId, id]), tx.objectStore("slices").delete(slicesOf(sessionId, id)), tx.done]);
  await forgetWhatIsSent(sessionId);
}

/** The session is gone, and with it the use of everything that is kept of it. */
export async function forgetSession(sessionId: string): Promise<void> {
  const tx = (await openShelf()).transaction(["recordings", "takes", "slices", "turns"], "readwrite");
  await Promise.all([
    tx.objectStore("recordings").delete(sessionId),
    tx.objectStore("takes").delete(IDBKeyRange.bound([sessionId], [sessionId, []])),
    tx.objectStore("slices").delete(slicesOf(sessionId)),
    tx.objectStore("turns").delete(sessionId),
    tx.done,
  ]);
}
