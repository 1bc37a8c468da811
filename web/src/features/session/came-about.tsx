import type { Session } from "@/api/contract";
import { paths } from "@/paths";
import { buttonClasses } from "@/ui/button";
import { Icon } from "@/ui/icon";
import { Link } from "@/ui/link";
import { say } from "@/words/say";

/** Endings that nobody wanted. */
const brokenOff = ["interrupted", "connection_lost", "microphone_lost"] as const;

/** A practice that ended before anybody wanted it to: what is kept of it, and how to go on. */
export function BrokenOff({ session }: { session: Session }) {
  const reason = brokenOff.find((known) => known === session.end_reason);
  if (reason === undefined) return null;
  const { topic, transcript, continued_by: later } = session;
  return (
    <section className="mt-8 max-w-2xl rounded-lg border border-line bg-raised p-6 sm:p-7">
      <h2 className="text-title">{say(`brokenOff.${reason}.title`)}</h2>
      <p className="mt-1.5">{say(`brokenOff.${reason}.text`)}</p>
      <p className="mt-3 flex items-start gap-2 font-medium">
        <Icon name="check" className="mt-1 size-4 shrink-0 text-accent" />
        {transcript.turns.length === 0
          ? say("brokenOff.nothingSaid")
          : say("brokenOff.saved", { count: transcript.turns.length })}
      </p>
      {session.recording_policy === "never" ? null : <p className="mt-3 text-small text-quiet">{say("brokenOff.sound")}</p>}
      {later === null ? (
        <Link to={paths.goOn(topic.id, session.id)} className={buttonClasses("primary", "mt-5")}>
          {say("brokenOff.goOn")}
        </Link>
      ) : null}
    </section>
  );
}

/** The practices before and after this one that belong to the same conversation. */
export function Linked({ session }: { session: Session }) {
  const { continues, continued_by: later } = session;
  if (continues === null && later === null) return null;
  return (
    <p className="mt-3 flex flex-wrap gap-x-6 gap-y-1">
      {continues === null ? null : <Link to={paths.session(continues)}>{say("session.continues")}</Link>}
      {later === null ? null : <Link to={paths.session(later)}>{say("session.continuedBy")}</Link>}
    </p>
  );
}
