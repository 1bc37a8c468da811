import { useMutation, useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import type { Session, Turn } from "@/api/contract";
import { missingTurns } from "@/api/missing-turns";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { useCopy } from "@/ui/use-copy";
import { say } from "@/words/say";

interface LateWordsProps {
  session: Session;
  /** The turns of it that this browser keeps. */
  kept: () => Promise<readonly Turn[]>;
  /** Keeps them no longer. */
  letGo: () => Promise<void>;
}

/** Words that came after a session was sealed. It stays as it is; the learner may still read, copy and remove them. */
export function LateWords({ session, kept, letGo }: LateWordsProps) {
  const { data = [], refetch } = useQuery({ queryKey: ["late-words", session.id], queryFn: kept, networkMode: "always", gcTime: 0 });
  const remove = useMutation({
    mutationFn: async () => {
      await letGo();
      await refetch();
    },
  });
  const late = missingTurns(data, session.transcript.turns);
  if (late.length === 0) return remove.isSuccess ? <Gone /> : null;
  return (
    <section className="mt-8 max-w-2xl rounded-lg border border-line bg-raised p-6 sm:p-7">
      <h2 className="text-title">{say("session.lateTitle")}</h2>
      <p className="mt-1.5">{say("session.lateText", { count: late.length })}</p>
      <ol className="mt-4 space-y-2">
        {late.map((turn) => (
          <li key={`${turn.call}/${turn.item_id}`}>
            <span className="font-semibold">{speakerOf(turn)}: </span>
            {wordsOf(turn)}
          </li>
        ))}
      </ol>
      <div className="mt-5 flex flex-wrap items-center gap-x-3 gap-y-2">
        <Copy text={late.map((turn) => `${speakerOf(turn)}: ${wordsOf(turn)}`).join("\n")} />
        <Remove removing={remove.isPending} onRemove={() => remove.mutate()} />
      </div>
    </section>
  );
}

function speakerOf({ speaker }: Turn): string {
  return speaker === "learner" ? say("room.you") : say("room.coach");
}

function wordsOf({ text }: Turn): string {
  return text ?? say("session.notTranscribed");
}

function Copy({ text }: { text: string }) {
  const { copying, copy } = useCopy(text);
  return (
    <>
      <Button look="plain" icon={copying === "copied" ? "check" : "copy"} onClick={copy}>
        <span aria-live="polite">{say(copying === "copied" ? "session.lateCopied" : "session.lateCopy")}</span>
      </Button>
      <p role="status" className="order-last w-full text-small text-quiet empty:hidden">
        {copying === "refused" ? say("session.lateCopyRefused") : ""}
      </p>
    </>
  );
}

function Remove({ removing, onRemove }: { removing: boolean; onRemove: () => void }) {
  const [asking, setAsking] = useState(false);
  return (
    <>
      <Button look="danger-quiet" icon="trash" onClick={() => setAsking(true)}>
        {say("session.lateRemove")}
      </Button>
      <Dialog open={asking} title={say("session.lateRemoveTitle")} text={say("session.lateRemoveText")} onClose={() => setAsking(false)}>
        <div className="mt-7 flex flex-wrap justify-end gap-3">
          <Button look="plain" onClick={() => setAsking(false)}>
            {say("session.lateRemoveNo")}
          </Button>
          <Button
            look="danger"
            disabled={removing}
            onClick={() => {
              setAsking(false);
              onRemove();
            }}
          >
            {say("session.lateRemoveYes")}
          </Button>
        </div>
      </Dialog>
    </>
  );
}

/** Stands where they stood, and has the focus that was on their button. */
function Gone() {
  const note = useRef<HTMLParagraphElement>(null);
  useEffect(() => note.current?.focus(), []);
  return (
    <p ref={note} role="status" tabIndex={-1} className="mt-8 max-w-2xl rounded-lg bg-sunken px-6 py-4">
      {say("session.lateRemoved")}
    </p>
  );
}
