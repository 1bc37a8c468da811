import { useQuery } from "@tanstack/react-query";
import type { Session, Turn } from "@/api/contract";
import { missingTurns } from "@/api/missing-turns";
import { say } from "@/words/say";

interface LateWordsProps {
  session: Session;
  /** The turns of it that this browser keeps. */
  kept: () => Promise<readonly Turn[]>;
}

/** Words that came after a session was sealed. It stays as it is; the learner may still read them. */
export function LateWords({ session, kept }: LateWordsProps) {
  const { data = [] } = useQuery({ queryKey: ["late-words", session.id], queryFn: kept, networkMode: "always", gcTime: 0 });
  const late = missingTurns(data, session.transcript.turns);
  if (late.length === 0) return null;
  return (
    <section className="mt-8 max-w-2xl rounded-lg border border-line bg-raised p-6 sm:p-7">
      <h2 className="text-title">{say("session.lateTitle")}</h2>
      <p className="mt-1.5">{say("session.lateText", { count: late.length })}</p>
      <ol className="mt-4 space-y-2">
        {late.map((turn) => (
          <li key={`${turn.call}/${turn.item_id}`}>
            <span className="font-semibold">{turn.speaker === "learner" ? say("room.you") : say("room.coach")}: </span>
            {turn.text ?? say("session.notTranscribed")}
          </li>
        ))}
      </ol>
    </section>
  );
}
