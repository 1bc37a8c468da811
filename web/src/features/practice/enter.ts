import type { RecordingPolicy, Session, Turn } from "@/api/contract";
import { Problem } from "@/api/problem";
import { createSession, readSession } from "@/api/sessions";

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
export interface Entered {
  session: Session;
  before: Turn[];
}

/** Opens a session, or the door of one that is open. The same key again opens no second one. */
export async function enter(key: string, { topicId, policy, session, continues }: Wanted): Promise<Entered> {
  if (session !== undefined) return comeBack(await readSession(session));
  const body = { topic_id: topicId, recording_policy: policy };
  if (continues === undefined) return { session: await createSession(key, body), before: [] };
  const [created, earlier] = await Promise.all([createSession(key, { ...body, continues }), readSession(continues)]);
  return { session: created, before: earlier.transcript.turns };
}

/** Back into a session: if it goes on with another one itself, what was said there still counts. */
async function comeBack(session: Session): Promise<Entered> {
  if (session.state === "finalized") throw new Problem("invalid-state", 409, null);
  const before = session.continues === null ? [] : (await readSession(session.continues)).transcript.turns;
  return { session, before };
}
