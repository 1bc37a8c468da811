import { useQuery } from "@tanstack/react-query";
import { type KeyboardEvent, useEffect, useRef, useState, useSyncExternalStore } from "react";
import { send } from "@/api/client";
import type { Peaks, Recording } from "@/api/contract";
import { problemFrom } from "@/api/problem";
import { Icon } from "@/ui/icon";
import { Button } from "@/ui/button";
import { classes } from "@/ui/classes";
import { Select } from "@/ui/select";
import { Placeholder, Waiting } from "@/ui/waiting";
import { say } from "@/words/say";
import { clockTime } from "@/words/time";
import type { Gap } from "./gaps";
import { type Playback, speeds } from "./playback";
import { Waveform } from "./waveform";

const keyStepMs = 5_000;
const buttonStepMs = 10_000;

async function readPeaks(url: string, signal: AbortSignal): Promise<Peaks> {
  const response = await send(new Request(new URL(url, window.location.origin), { credentials: "same-origin", signal }));
  if (!response.ok) throw problemFrom(response, null);
  return (await response.json()) as Peaks;
}

interface RecordingPlayerProps {
  recording: Recording;
  playback: Playback;
  /** When nobody could be heard. */
  gaps: readonly Gap[];
}

/** The recording in whatever state it is. */
export function RecordingPlayer({ recording, playback, gaps }: RecordingPlayerProps) {
  const { audio_url: audio, peaks_url: peaksUrl, revision } = recording;
  useEffect(
    () => playback.load(recording.state === "ready" ? audio : null, revision),
    [playback, recording.state, audio, revision],
  );
  const [first] = useState(revision);
  const peaks = useQuery({
    queryKey: ["peaks", peaksUrl, recording.revision],
    enabled: recording.state === "ready" && peaksUrl !== null,
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: ({ signal }) => readPeaks(peaksUrl ?? "", signal),
  });

  switch (recording.state) {
    case "none":
      return <p className="text-quiet">{say("recordingState.none")}</p>;
    case "expected":
      return <Waiting text={say("recordingState.expected")} />;
    case "ready":
      return (
        <Player
          playback={playback}
          durationMs={recording.duration_ms ?? peaks.data?.duration_ms ?? 0}
          peaks={peaks.data ?? null}
          peaksFailed={peaks.isError}
          gaps={gaps}
          warnings={recording.warnings}
          grown={revision > Math.max(1, first)}
        />
      );
  }
}

interface PlayerProps {
  playback: Playback;
  durationMs: number;
  peaks: Peaks | null;
  peaksFailed: boolean;
  gaps: readonly Gap[];
  warnings: readonly string[];
  /** Whether more of it came while it was on the page. */
  grown: boolean;
}

function Player({ playback, durationMs, peaks, peaksFailed, gaps, warnings, grown }: PlayerProps) {
  const { playing, positionMs, speed, broken } = useSyncExternalStore(playback.subscribe, playback.read);
  const played = durationMs === 0 ? 0 : Math.min(1, positionMs / durationMs);
  const skip = (ms: number) => playback.seek(Math.min(durationMs, Math.max(0, positionMs + ms)));

  if (broken) return <p className="text-quiet">{say("player.broken")}</p>;
  return (
    <div
      ref={(group) => {
        group?.append(playback.element);
      }}
      role="group"
      aria-label={say("player.label")}
    >
      <div className="flex gap-4">
        <div aria-hidden="true" className="grid grid-rows-2 items-center gap-2 text-small font-semibold text-quiet">
          <span>{say("player.you")}</span>
          <span>{say("player.coach")}</span>
        </div>
        <div className="relative h-28 min-w-0 flex-1">
          {peaks === null ? (
            peaksFailed ? (
              <p className="flex h-full items-center text-small text-quiet">{say("player.noPeaks")}</p>
            ) : (
              <Placeholder className="h-full" />
            )
          ) : (
            <div className="grid h-full grid-rows-2 gap-2">
              <Waveform peaks={peaks.learner} played={played} className="text-accent" />
              <Waveform peaks={peaks.coach} played={played} className="text-quiet" />
            </div>
          )}
          {gaps.map((gap) => (
            <GapMark key={gap.fromMs} gap={gap} durationMs={durationMs} />
          ))}
          <Playhead played={played} />
          <PositionSlider
            positionMs={positionMs}
            durationMs={durationMs}
            onSeek={(ms) => playback.seek(ms)}
            onToggle={() => playback.toggle()}
          />
        </div>
      </div>
      <div className="mt-4 flex flex-wrap items-center gap-2">
        <button
          type="button"
          aria-label={playing ? say("player.pause") : say("player.play")}
          title={playing ? say("player.pause") : say("player.play")}
          onClick={() => playback.toggle()}
          className="inline-flex size-14 items-center justify-center rounded-full bg-accent text-on-accent transition-colors hover:bg-accent-deep"
        >
          <Icon name={playing ? "pause" : "play"} className="size-6" />
        </button>
        <Button look="quiet" className="px-3! tabular" aria-label={say("player.back")} onClick={() => skip(-buttonStepMs)}>
          {say("player.backShort")}
        </Button>
        <Button look="quiet" className="px-3! tabular" aria-label={say("player.forward")} onClick={() => skip(buttonStepMs)}>
          {say("player.forwardShort")}
        </Button>
        <p className="ml-1 tabular">
          {clockTime(positionMs)} <span className="text-quiet">/ {clockTime(durationMs)}</span>
        </p>
        <label className="ml-auto flex items-center gap-2 text-small text-quiet">
          {say("player.speed")}
          <Select
            value={speed}
            onChange={(event) => playback.setSpeed(Number(event.target.value))}
            className="rounded-full border-line pl-3.5 text-base hover:border-edge"
          >
            {speeds.map((rate) => (
              <option key={rate} value={rate}>
                {say("player.speedOf", { rate })}
              </option>
            ))}
          </Select>
        </label>
      </div>
      <p role="status" className="mt-3 text-small font-semibold empty:hidden">
        {grown ? say("recordingState.grown") : ""}
      </p>
      {warnings.length === 0 ? null : <p className="mt-3 text-small text-quiet">{wordsOfWarnings(warnings)}</p>}
    </div>
  );
}

function wordsOfWarnings(warnings: readonly string[]): string {
  if (warnings.includes("truncated")) return say("recordingState.cutShort");
  if (warnings.includes("incomplete")) return say("recordingState.incomplete");
  return say("recordingState.asItCame");
}

/** Where nobody could be heard; the transcript says so in words. Placed through the style object, like the playhead. */
function GapMark({ gap, durationMs }: { gap: Gap; durationMs: number }) {
  const mark = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (mark.current === null || durationMs === 0) return;
    const share = (ms: number) => Math.min(1, Math.max(0, ms / durationMs)) * 100;
    mark.current.style.left = `${share(gap.fromMs).toFixed(3)}%`;
    mark.current.style.width = `${(share(gap.toMs) - share(gap.fromMs)).toFixed(3)}%`;
  }, [gap, durationMs]);
  return (
    <div
      ref={mark}
      aria-hidden="true"
      className="pointer-events-none absolute inset-y-0 min-w-0.5 rounded-sm border-x border-dashed border-edge bg-sunken/70"
    />
  );
}

/** Where the playing stands. Moved through the style object, which the content policy allows. */
function Playhead({ played }: { played: number }) {
  const line = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (line.current !== null) line.current.style.left = `${(played * 100).toFixed(3)}%`;
  }, [played]);
  return <div ref={line} aria-hidden="true" className="pointer-events-none absolute inset-y-0 w-0.5 -translate-x-1/2 rounded-full bg-ink" />;
}

interface PositionSliderProps {
  positionMs: number;
  durationMs: number;
  onSeek: (ms: number) => void;
  onToggle: () => void;
}

/** Lies over the waveform unseen: a real slider, so pointer, keyboard and screen reader all work. */
function PositionSlider({ positionMs, durationMs, onSeek, onToggle }: PositionSliderProps) {
  const [focused, setFocused] = useState(false);
  const onKeyDown = (event: KeyboardEvent) => {
    const steps: Record<string, number> = { ArrowLeft: -keyStepMs, ArrowDown: -keyStepMs, ArrowRight: keyStepMs, ArrowUp: keyStepMs };
    const step = steps[event.key];
    if (event.key === " ") onToggle();
    else if (step !== undefined) onSeek(Math.min(durationMs, Math.max(0, positionMs + step)));
    else return;
    event.preventDefault();
  };
  return (
    <>
      <input
        type="range"
        min={0}
        max={Math.max(1, Math.round(durationMs))}
        value={Math.min(Math.round(positionMs), Math.round(durationMs))}
        aria-label={say("player.position")}
        aria-valuetext={say("player.positionText", { at: clockTime(positionMs), total: clockTime(durationMs) })}
        title={say("player.keys")}
        onChange={(event) => onSeek(Number(event.target.value))}
        onKeyDown={onKeyDown}
        onFocus={(event) => setFocused(event.target.matches(":focus-visible"))}
        onBlur={() => setFocused(false)}
        className="absolute inset-0 h-full w-full cursor-pointer appearance-none bg-transparent opacity-0"
      />
      <div
        aria-hidden="true"
        className={classes("pointer-events-none absolute -inset-2 rounded-md", focused && "outline-3 outline-accent")}
      />
    </>
  );
}
