import { recordingsOf, takesOf } from "./kept";
import { finishTurns, unsavedTurnsOf } from "./kept-turns";
import { finishUploads, isRefused, type Unsent, unsentHere } from "./uploads";

/** So long a learner who wants to leave is kept waiting. */
const patienceMs = 6_000;
const lookEveryMs = 200;

/** Sound and words of a learner that are not on the server. What the server does not take waits for the next visit. */
export async function unsentOf(learnerId: string): Promise<Unsent> {
  const here = unsentHere(learnerId);
  if (here !== "nothing") return here;
  if ((await unsavedTurnsOf(learnerId)).length > 0) return "in-browser";
  try {
    for (const { sessionId } of await recordingsOf(learnerId)) {
      if ((await takesOf(sessionId)).some(({ id }) => !isRefused(id))) return "in-browser";
    }
  } catch {
    // Where nothing is kept, nothing is left.
  }
  return "nothing";
}

/** Tries for a moment to send it, and says what is left then. */
export async function sendUnsent(learnerId: string): Promise<Unsent> {
  const until = Date.now() + patienceMs;
  void finishTurns(learnerId);
  void finishUploads(learnerId).catch(() => undefined);
  for (;;) {
    const left = await unsentOf(learnerId);
    if (left === "nothing" || Date.now() >= until) return left;
    await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
  }
}
