import { useEffect, useRef } from "react";
import { onThemeChange } from "@/ui/theme";
import { classes } from "@/ui/classes";

const barPx = 2;
const gapPx = 2;

interface WaveformProps {
  /** Loudness from 0 to 255, evenly over the recording. */
  peaks: readonly number[];
  /** How much has been played, 0 to 1. */
  played: number;
  /** Sets the colour. */
  className: string;
}

/** One voice over time, drawn from what the server measured. */
export function Waveform({ peaks, played, className }: WaveformProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const drawn = useRef({ peaks, played });

  useEffect(() => {
    drawn.current = { peaks, played };
    draw(canvas.current, peaks, played);
  }, [peaks, played]);

  useEffect(() => {
    const element = canvas.current;
    if (element === null) return;
    const again = () => draw(element, drawn.current.peaks, drawn.current.played);
    const resized = new ResizeObserver(again);
    resized.observe(element);
    const off = onThemeChange(again);
    return () => {
      resized.disconnect();
      off();
    };
  }, []);

  return <canvas ref={canvas} aria-hidden="true" className={classes("block h-full w-full", className)} />;
}

function draw(canvas: HTMLCanvasElement | null, peaks: readonly number[], played: number): void {
  const pen = canvas?.getContext("2d");
  if (canvas === null || !pen) return;
  const scale = window.devicePixelRatio;
  const { clientWidth: width, clientHeight: height } = canvas;
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  pen.setTransform(scale, 0, 0, scale, 0, 0);
  pen.fillStyle = getComputedStyle(canvas).color;
  const count = Math.max(1, Math.floor(width / (barPx + gapPx)));
  for (let bar = 0; bar < count; bar += 1) {
    const from = Math.floor((bar / count) * peaks.length);
    const to = Math.max(from + 1, Math.floor(((bar + 1) / count) * peaks.length));
    let peak = 0;
    for (let index = from; index < to; index += 1) peak = Math.max(peak, peaks[index] ?? 0);
    // Quiet speech is still to be seen: the square root lifts it.
    const tall = Math.max(barPx, Math.sqrt(peak / 255) * height);
    pen.globalAlpha = bar / count < played ? 1 : 0.42;
    pen.beginPath();
    pen.roundRect(bar * (barPx + gapPx), (height - tall) / 2, barPx, tall, barPx / 2);
    pen.fill();
  }
}
