import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import type { Session } from "@/api/contract";
import { Problem } from "@/api/problem";
import { finalizeSession, readSession } from "@/api/sessions";
import { paths } from "@/paths";
import { Button, buttonClasses } from "@/ui/button";
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

/** Another practice is open: end it and go on here, or go there. */
export function OpenSession({ sessionId, onEnded }: { sessionId: string; onEnded: () => void }) {
  const end = useEndLeftOpen(sessionId, onEnded);
  if (end.isError) return <FailureNotice inside failure={end.error} onWay={() => end.mutate()} />;
  return (
    <section role="alert" data-failure="SESSION_OPEN" className="animate-arrive rounded-md border border-accent bg-accent-soft p-5">
      <h3 className="text-lead font-bold">{say("open.title")}</h3>
      <p className="mt-1 text-small">{say("open.text")}</p>
      <div className="mt-4 flex flex-wrap gap-2">
        <Button disabled={end.isPending} onClick={() => end.mutate()}>
          {end.isPending ? say("open.ending") : say("open.end")}
        </Button>
        <Link to={paths.session(sessionId)} className={buttonClasses("quiet")}>
          {say("open.go")}
        </Link>
      </div>
    </section>
  );
}
