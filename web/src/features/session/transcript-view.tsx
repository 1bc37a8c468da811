import { Fragment, useCallback, useSyncExternalStore } from "react";
import type { Transcript, Turn } from "@/api/contract";
import { classes } from "@/ui/classes";
import { say } from "@/words/say";
import { clockTime, gapInWords } from "@/words/time";
import { type Gap, gapsBetween } from "./gaps";
import type { Playback } from "./playback";

interface TranscriptViewProps {
  transcript: Transcript;
  playback: Playback;
  /** Whether there is a recording to move in. */
  playable: boolean;
}

/** What was said; a click on a turn plays it. */
export function TranscriptView({ transcript, playback, playable }: TranscriptViewProps) {
  const { turns } = transcript;
  const gaps = gapsBetween(transcript.calls);
  const current = useCurrentTurn(turns, playback);
  if (turns.length === 0) return <p className="text-quiet">{say("session.transcriptEmpty")}</p>;
  return (
    <>
      {transcript.approximate ? <p className="mb-4 text-small text-quiet">{say("session.approximate")}</p> : null}
      <ol className="-mx-3 space-y-1">
        {turns.map((turn, index) => (
          <Fragment key={`${turn.call}/${turn.item_id}`}>
            {gapsBefore(turn, turns[index - 1], gaps).map((gap) => (
              <GapView key={gap.fromMs} gap={gap} />
            ))}
            <li>
              <TurnView
                turn={turn}
                current={playable && index === current}
                onPlay={playable ? () => playback.seek(turn.start_ms, true) : null}
              />
            </li>
          </Fragment>
        ))}
      </ol>
    </>
  );
}

/** The gaps that end between the turn before and this one. */
function gapsBefore(turn: Turn, before: Turn | undefined, gaps: readonly Gap[]): Gap[] {
  const since = before?.start_ms ?? -1;
  return gaps.filter(({ toMs }) => toMs > since && toMs <= turn.start_ms);
}

function GapView({ gap }: { gap: Gap }) {
  return (
    <li className="flex items-center gap-3 px-3 py-1.5 text-small text-quiet">
      <span aria-hidden="true" className="h-px flex-1 bg-line" />
      {gapInWords(gap.toMs - gap.fromMs)}
      <span aria-hidden="true" className="h-px flex-1 bg-line" />
    </li>
  );
}

/** The turn being played; only a change of it renders anew. */
function useCurrentTurn(turns: readonly Turn[], playback: Playback): number {
  const read = useCallback(() => {
    const { positionMs, playing } = playback.read();
    if (!playing && positionMs === 0) return -1;
    return turns.findLastIndex((turn) => turn.start_ms <= positionMs + 1);
  }, [turns, playback]);
  return useSyncExternalStore(playback.subscribe, read);
}

function TurnView({ turn, current, onPlay }: { turn: Turn; current: boolean; onPlay: (() => void) | null }) {
  const speaker = turn.speaker === "learner" ? say("room.you") : say("room.coach");
  const time = clockTime(turn.start_ms);
  const body = (
    <>
      <span className="pt-0.5 text-small text-quiet tabular">{time}</span>
      <span className="min-w-0">
        <span className={classes("block text-small font-semibold", turn.speaker === "learner" ? "text-accent" : "text-quiet")}>
          {speaker}
        </span>
        <span className={classes("block", turn.text === null && "text-quiet italic")}>
          {turn.text ?? say("session.notTranscribed")}
          {turn.state === "truncated" ? <span className="text-small text-quiet"> — {say("session.truncated")}</span> : null}
        </span>
      </span>
    </>
  );
  const look = classes(
    "grid w-full grid-cols-[3rem_1fr] gap-x-2 rounded-md px-3 py-2.5 text-left transition-colors",
    current && "bg-accent-soft",
  );
  if (onPlay === null) return <div className={look}>{body}</div>;
  return (
    <button
      type="button"
      aria-current={current ? "true" : undefined}
      title={say("session.seekTo", { time, speaker })}
      onClick={onPlay}
      className={classes(look, !current && "hover:bg-sunken")}
    >
      {body}
    </button>
  );
}
