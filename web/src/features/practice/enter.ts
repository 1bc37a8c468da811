import type { RecordingPolicy, Session, Turn } from "@/api/contract";
import { Problem } from "@/api/problem";
import { createSession, readSession } from "@/api/sessions";
import { Failure } from "@/words/failure";

/** What a learner wants to practise, and where from. */
export interface Wanted {
  topicId: string;
  policy: RecordingPolicy;
  /** An open session to come back into. */
  session?: string | undefined;
  /** A session that is over, to go on with. */
  continues?: string | undefined;
}

/** A session to talk in, and what was said before it. */
interface Found {
  session: Session;
  before: Turn[];
}

/** A session that this tab has for itself until it lets go. */
export interface Entered extends Found {
  release: () => void;
}

/** Takes a session for this tab. Null when another tab has it. */
export type Claim = (sessionId: string) => Promise<(() => void) | null>;

/** Opens a session, or the door of one that is open. The same key again opens no second one. */
export async function enter(key: string, { topicId, policy, session, continues }: Wanted, claim: Claim): Promise<Entered> {
  // What another tab has yet to save is read only once that tab has let go.
  if (session !== undefined) return alone(session, claim, async () => comeBack(await readSession(session)));
  const body = { topic_id: topicId, recording_policy: policy };
  const [created, earlier] = await Promise.all([
    createSession(key, continues === undefined ? body : { ...body, continues }),
    continues === undefined ? null : readSession(continues),
  ]);
  return alone(created.id, claim, () => Promise.resolve({ session: created, before: earlier?.transcript.turns ?? [] }));
}

/** Two tabs would fight over one call, and write over each other's words. */
async function alone(sessionId: string, claim: Claim, find: () => Promise<Found>): Promise<Entered> {
  const release = await claim(sessionId);
  if (release === null) throw new Failure("OTHER_TAB");
  try {
    return { ...(await find()), release };
  } catch (thrown) {
    release();
    throw thrown;
  }
}

/** Back into a session: if it goes on with another one itself, what was said there still counts. */
async function comeBack(session: Session): Promise<Found> {
  if (session.state === "finalized") throw new Problem("invalid-state", 409, null);
  const before = session.continues === null ? [] : (await readSession(session.continues)).transcript.turns;
  return { session, before };
}
