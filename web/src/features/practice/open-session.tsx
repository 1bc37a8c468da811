import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import type { Session } from "@/api/contract";
import { Problem } from "@/api/problem";
import { finalizeSession, readSession } from "@/api/sessions";
import { paths } from "@/paths";
import { buttonClasses } from "@/ui/button";
import { FailureNotice } from "@/ui/failure-notice";
import { Link } from "@/ui/link";
import { say } from "@/words/say";

/** Ends a session that was left open, with the words the server has. */
export async function endLeftOpen(sessionId: string, key: string): Promise<Session> {
  const { transcript } = await readSession(sessionId);
  try {
    return await finalizeSession(sessionId, key, {
      turns: transcript.turns,
      duration_ms: Math.max(0, ...transcript.turns.map((turn) => turn.end_ms)),
      end_reason: "connection_lost",
    });
  } catch (thrown) {
    // It ended by itself meanwhile, which is what was wanted.
    if (thrown instanceof Problem && thrown.slug === "already-finalized") return readSession(sessionId);
    throw thrown;
  }
}

export function useEndLeftOpen(sessionId: string, onEnded: (session: Session) => void) {
  const [key] = useState(() => crypto.randomUUID());
  return useMutation({ mutationFn: () => endLeftOpen(sessionId, key), onSuccess: onEnded });
}

interface OpenSessionProps {
  /** What was answered instead of a new practice. */
  failure: unknown;
  sessionId: string;
  onEnded: () => void;
}

/** Another practice is open: end it and go on here, or go there. */
export function OpenSession({ failure, sessionId, onEnded }: OpenSessionProps) {
  const end = useEndLeftOpen(sessionId, onEnded);
  return (
    <FailureNotice
      inside
      failure={end.error ?? failure}
      onWay={() => end.mutate()}
      busy={end.isPending}
      aside={
        <Link to={paths.session(sessionId)} className={buttonClasses("plain")}>
          {say("open.go")}
        </Link>
      }
    />
  );
}
