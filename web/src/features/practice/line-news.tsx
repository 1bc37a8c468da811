import { say } from "@/words/say";
import { lengthInWords } from "@/words/time";
import { type Call, isUnderWay } from "./call";
import type { Search } from "./redial";

/** From here on the time that is left is shown. */
const shownFromMs = 3 * 60_000;
const nearlyOverMs = 60_000;

/** What a phase means for the learner right now. */
export function hintFor(call: Call): string {
  const { phase, search } = call;
  if (phase === "failed") return "";
  if (search !== null && (phase === "connecting" || phase === "reconnecting")) {
    if (search.state === "offline") return say(`phaseHint.${phase}Offline`);
    if (search.asked) return say(`phaseHint.${phase}Busy`);
  }
  if (call.muted && isUnderWay(call) && phase !== "reconnecting") return say("phaseHint.muted");
  return say(`phaseHint.${phase}`);
}

/** How the search for a line goes. It counts, so it is no live region: the phase above it is. */
export function SearchNews({ call, search, wallMs, records }: { call: Call; search: Search; wallMs: number; records: boolean }) {
  const lost = call.phase === "reconnecting";
  const waits = search.asked && search.nextAt !== null;
  if (!lost && !waits) return null;
  return (
    <div className="text-small text-quiet tabular">
      {lost ? (
        <p>
          {records && !call.muted ? `${say("room.recordingGoesOn")} ` : ""}
          {say("room.lostFor", { duration: lengthInWords(wallMs - search.since) })}
        </p>
      ) : null}
      {waits ? <p>{say("room.nextAttempt", { duration: lengthInWords((search.nextAt ?? wallMs) - wallMs) })}</p> : null}
    </div>
  );
}

/** How much time is left, once that matters; a minute before the end it is said aloud. */
export function TimeLeft({ leftMs }: { leftMs: number }) {
  return (
    <>
      <p role="status" className="sr-only">
        {leftMs <= nearlyOverMs ? say("room.nearlyOver") : ""}
      </p>
      {leftMs > shownFromMs ? null : (
        <p className="rounded-full bg-sunken px-3 py-1 text-small font-semibold whitespace-nowrap tabular">
          {say("room.timeLeft", { duration: lengthInWords(leftMs) })}
        </p>
      )}
    </>
  );
}
