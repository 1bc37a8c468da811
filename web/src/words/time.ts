import { say } from "./say";

const two = (n: number) => String(n).padStart(2, "0");

/** A point or a length on a clock: `3:07`, `1:02:45`. */
export function clockTime(ms: number): string {
  const total = Math.max(0, Math.floor(ms / 1000));
  const hours = Math.floor(total / 3600);
  const minutes = Math.floor((total % 3600) / 60);
  return hours > 0 ? `${hours}:${two(minutes)}:${two(total % 60)}` : `${minutes}:${two(total % 60)}`;
}

/** A length in words: `3 min 7 s`. */
export function lengthInWords(ms: number): string {
  const total = Math.max(0, Math.round(ms / 1000));
  const hours = Math.floor(total / 3600);
  const minutes = Math.floor((total % 3600) / 60);
  if (hours > 0) return say("duration.hoursMinutes", { hours, minutes });
  if (minutes > 0) return say("duration.minutesSeconds", { minutes, seconds: total % 60 });
  return say("duration.seconds", { seconds: total });
}

/** How long nobody heard anybody. */
export function gapInWords(ms: number): string {
  return ms < 1_000 ? say("gap.moment") : say("gap.length", { duration: lengthInWords(ms) });
}

const time = new Intl.DateTimeFormat(undefined, { timeStyle: "short" });

/** A moment within the next day, on the learner's clock: `01:00`. */
export function timeOfDay(iso: string): string {
  const date = new Date(iso);
  return Number.isNaN(date.getTime()) ? iso : time.format(date);
}

const dayAndTime = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

export function dateInWords(iso: string): string {
  const date = new Date(iso);
  return Number.isNaN(date.getTime()) ? iso : dayAndTime.format(date);
}
