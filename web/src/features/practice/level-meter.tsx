import { useRef, useState } from "react";
import type { Levels } from "@/sound/studio";
import { classes } from "@/ui/classes";
import { useDrawing } from "@/ui/use-drawing";
import { say } from "@/words/say";

const segments = Array.from({ length: 24 }, (_, index) => index);
/** Loud enough to be a voice and not the room. */
const voice = 0.35;
/** How long the meter takes to fall from full to nothing. */
const fallMs = 830;

function scaled(level: number): number {
  return Math.min(1, Math.max(0, (20 * Math.log10(Math.max(level, 1e-6)) + 56) / 44));
}

/** The live level of the microphone, and in words whether it hears anything. */
export function LevelMeter({ levels }: { levels: () => Levels }) {
  const row = useRef<HTMLDivElement>(null);
  const shown = useRef(0);
  const [heard, setHeard] = useState(false);

  useDrawing(true, (passedMs) => {
    const level = scaled(levels().learner);
    shown.current = Math.max(level, shown.current - passedMs / fallMs);
    if (level > voice) setHeard(true);
    [...(row.current?.children ?? [])].forEach((segment, index) => {
      if (segment instanceof HTMLElement) segment.style.opacity = index < shown.current * segments.length ? "1" : "0.18";
    });
  });

  return (
    <div>
      <div ref={row} role="img" aria-label={say("check.micLevel")} className="flex h-6 gap-1">
        {segments.map((segment) => (
          <span key={segment} className="flex-1 rounded-full bg-accent opacity-[0.18]" />
        ))}
      </div>
      <p role="status" className={classes("mt-2 text-small", heard ? "font-semibold text-accent" : "text-quiet")}>
        {heard ? say("check.micHeard") : say("check.micSilent")}
      </p>
    </div>
  );
}
