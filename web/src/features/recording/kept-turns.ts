import type { KeptDraft } from "@/api/draft";
import { missingTurns } from "@/api/missing-turns";
import { Problem } from "@/api/problem";
import { readSession, saveTranscript } from "@/api/sessions";
import { isSignedIn } from "@/api/users";
import { claim, practiceIn } from "./locks";
import { type KeptTurns, openShelf } from "./shelf";

/** Keeps the words of a practice in this browser until the server has them. Resolves to false where it keeps nothing. */
export async function keepTurns(learnerId: string, sessionId: string, draft: KeptDraft): Promise<boolean> {
  try {
    await (await openShelf()).put("turns", { sessionId, learnerId, draft });
    return true;
  } catch {
    // The page itself still has them, and saves them with the next turn.
    return false;
  }
}

/** The words of a practice that were kept here; null when there are none. */
export async function keptTurns(sessionId: string): Promise<KeptDraft | null> {
  try {
    return (await (await openShelf()).get("turns", sessionId))?.draft ?? null;
  } catch {
    return null;
  }
}

/** The server has them, or nobody wants them any more. */
export async function forgetTurns(sessionId: string): Promise<void> {
  try {
    await (await openShelf()).delete("turns", sessionId);
  } catch {
    // Nothing was kept.
  }
}

/** The practices of a learner with words that the server may not have, and would take. */
export async function unsavedTurnsOf(learnerId: string): Promise<string[]> {
  try {
    const all = await (await openShelf()).getAll("turns");
    return all.filter((kept) => kept.learnerId === learnerId && kept.tooLate !== true).map(({ sessionId }) => sessionId);
  } catch {
    return [];
  }
}

/** Saves the words that a learner's earlier tabs left here. What cannot be saved now waits for the next visit. */
export async function finishTurns(learnerId: string): Promise<void> {
  for (const sessionId of await unsavedTurnsOf(learnerId)) {
    // A practice that runs in another tab saves its own.
    const release = await claim(practiceIn(sessionId));
    if (release === null) continue;
    try {
      await finish(learnerId, sessionId);
    } finally {
      release();
    }
  }
}

async function finish(learnerId: string, sessionId: string): Promise<void> {
  const draft = await keptTurns(sessionId);
  if (draft === null) return;
  try {
    const { state, transcript } = await readSession(sessionId);
    if (state === "open") {
      if (draft.revision > transcript.revision) await saveTranscript(sessionId, draft.revision, draft.turns, draft.calls);
    } else if (missingTurns(draft.turns, transcript.turns).length > 0) {
      await keepTooLate({ sessionId, learnerId, draft, tooLate: true });
      return;
    }
  } catch (thrown) {
    // Newer or gone: what is there stands. Sealed this moment, it is looked at again; anything else may pass.
    const settled = thrown instanceof Problem && (thrown.status === 404 || thrown.slug === "stale-revision");
    if (!settled || !(await isSignedIn(learnerId))) return;
  }
  await forgetTurns(sessionId);
}

/** The learner finds them on the session's page, and may have let them go there meanwhile. */
async function keepTooLate(turns: KeptTurns): Promise<void> {
  const tx = (await openShelf()).transaction("turns", "readwrite");
  if ((await tx.store.get(turns.sessionId)) !== undefined) await tx.store.put(turns);
  await tx.done;
}
