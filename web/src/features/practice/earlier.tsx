import type { Session } from "@/api/contract";
import { Icon } from "@/ui/icon";
import { say } from "@/words/say";

interface EarlierProps {
  session: Session;
  /** Whether it is open, and the learner comes back into it. */
  comesBack: boolean;
}

/** What was said before, in one line: it is kept, and the coach knows it. */
export function Earlier({ session, comesBack }: EarlierProps) {
  const count = session.transcript.turns.length;
  return (
    <p className="flex items-start gap-2 rounded-md bg-accent-soft px-4 py-3">
      <Icon name="check" className="mt-1 size-4 shrink-0 text-accent" />
      <span>{say(comesBack ? "earlier.comesBack" : "earlier.goesOn", { count })}</span>
    </p>
  );
}
