import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import type { Session } from "@/api/contract";
import type { KeptDraft } from "@/api/draft";
import { Problem } from "@/api/problem";
import { finalizeSession, readSession } from "@/api/sessions";
import { paths } from "@/paths";
import { Button } from "@/ui/button";
import { FailureNotice } from "@/ui/failure-notice";
import { say } from "@/words/say";
import { saidIn } from "./continuation";
import { endOf, newSessionWords } from "./session-words";

/** Reads the words of a session that this browser keeps and the server may not have. */
export type ReadDraft = (sessionId: string) => Promise<KeptDraft | null>;

/** Ends a session that was left open, with all that is known to have been said in it. */
export async function endLeftOpen(sessionId: string, key: string, draftOf: ReadDraft): Promise<Session> {
  const [session, draft] = await Promise.all([readSession(sessionId), draftOf(sessionId)]);
  const { turns, calls } = saidIn(session, draft);
  try {
    return await finalizeSession(sessionId, key, {
      turns,
      calls: [...newSessionWords(turns, calls).calls],
      duration_ms: endOf({ turns, calls }),
      end_reason: "connection_lost",
    });
  } catch (thrown) {
    // It ended by itself meanwhile, which is what was wanted.
    if (thrown instanceof Problem && thrown.slug === "already-finalized") return readSession(sessionId);
    throw thrown;
  }
}

export function useEndLeftOpen(sessionId: string, draftOf: ReadDraft, onEnded: (session: Session) => void) {
  const [key] = useState(() => crypto.randomUUID());
  return useMutation({ mutationFn: () => endLeftOpen(sessionId, key, draftOf), onSuccess: onEnded });
}

interface OpenSessionProps {
  /** What was answered instead of a new practice. */
  failure: unknown;
  sessionId: string;
  draftOf: ReadDraft;
  /** Goes to where the open one goes on. */
  onContinue: (path: string) => void;
  onEnded: () => void;
}

/** Another practice is open: go on there, or end it and start here. */
export function OpenSession({ failure, sessionId, draftOf, onContinue, onEnded }: OpenSessionProps) {
  const end = useEndLeftOpen(sessionId, draftOf, onEnded);
  const find = useMutation({
    mutationFn: () => readSession(sessionId),
    onSuccess: ({ topic, state }) =>
      onContinue(state === "open" ? paths.comeBack(topic.id, sessionId) : paths.session(sessionId)),
  });
  if (end.isError) return <FailureNotice inside failure={end.error} onWay={() => end.mutate()} busy={end.isPending} />;
  return (
    <FailureNotice
      inside
      failure={find.error ?? failure}
      onWay={() => find.mutate()}
      busy={find.isPending}
      aside={
        <Button look="plain" disabled={end.isPending} onClick={() => end.mutate()}>
          {end.isPending ? say("open.ending") : say("open.endAndStart")}
        </Button>
      }
    />
  );
}
