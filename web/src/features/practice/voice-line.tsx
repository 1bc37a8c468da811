import { useRef } from "react";
import type { Levels } from "@/sound/studio";
import { classes } from "@/ui/classes";
import { useDrawing } from "@/ui/use-drawing";
import type { Phase } from "./call";

const bars = Array.from({ length: 33 }, (_, index) => {
  const offset = (index - 16) / 16;
  return { index, weight: Math.exp(-3.2 * offset * offset) };
});

const quietest = 0.06;
/** A line that rises at once and falls slowly is easy on the eye. */
const [riseMs, fallMs] = [28, 130];

/** Loudness as the ear takes it: decibels, 0 at a whisper's edge, 1 at full voice. */
function heardAs(level: number): number {
  return Math.min(1, Math.max(0, (20 * Math.log10(Math.max(level, 1e-6)) + 52) / 40));
}

const tones: Record<Phase, string> = {
  connecting: "text-edge",
  listening: "text-accent",
  thinking: "text-quiet",
  speaking: "text-ink",
  reconnecting: "text-edge",
  ending: "text-edge",
  saving: "text-edge",
  saved: "text-accent",
  failed: "text-line",
};

/** The voice as a line of bars: the learner's in the accent, the coach's in ink. It says nothing the words do not. */
export function VoiceLine({ phase, levels }: { phase: Phase; levels: () => Levels }) {
  const row = useRef<HTMLDivElement>(null);
  const shown = useRef(0);
  const follows = phase === "listening" || phase === "speaking";

  useDrawing(follows, (passedMs, calm) => {
    const now = levels();
    const target = heardAs(phase === "listening" ? now.learner : now.coach);
    shown.current += (target - shown.current) * (1 - Math.exp(-passedMs / (target > shown.current ? riseMs : fallMs)));
    [...(row.current?.children ?? [])].forEach((bar, index) => {
      if (!(bar instanceof HTMLElement)) return;
      const ripple = calm ? 1 : 0.72 + 0.28 * Math.sin(performance.now() / 170 + index * 1.7);
      const height = Math.max(quietest, (bars[index]?.weight ?? 0) * shown.current * ripple);
      bar.style.height = `${(height * 100).toFixed(1)}%`;
    });
  });

  return (
    <div
      // New bars, without the heights that a voice gave them.
      key={String(follows)}
      ref={row}
      aria-hidden="true"
      className={classes("flex h-20 items-center justify-center gap-1 sm:h-40 sm:gap-1.5", tones[phase])}
    >
      {bars.map(({ index }) => (
        <span
          key={index}
          className={classes(
            "h-[6%] w-1 rounded-full bg-current sm:w-1.5",
            phase === "thinking" && "animate-travel",
            (phase === "connecting" || phase === "reconnecting" || phase === "ending" || phase === "saving") && "animate-breathe",
          )}
          style={{ animationDelay: `${index * 45}ms` }}
        />
      ))}
    </div>
  );
}
