import { classes } from "./classes";

/** The shape of what is about to arrive. */
export function Placeholder({ className }: { className?: string }) {
  return <div aria-hidden="true" className={classes("animate-sheen rounded-md bg-sunken", className)} />;
}

/** Says politely that something is under way. */
export function Waiting({ text, className }: { text: string; className?: string }) {
  return (
    <p role="status" className={classes("flex items-center gap-3 text-quiet", className)}>
      <span aria-hidden="true" className="flex gap-1">
        <span className="size-1.5 animate-blink rounded-full bg-accent" />
        <span className="size-1.5 animate-blink rounded-full bg-accent [animation-delay:250ms]" />
        <span className="size-1.5 animate-blink rounded-full bg-accent [animation-delay:500ms]" />
      </span>
      {text}
    </p>
  );
}

/** How far something has come, with a name and a value for those who do not see it. */
export function Progress({ label, value }: { label: string; value: number }) {
  const percent = Math.round(Math.min(1, Math.max(0, value)) * 100);
  return (
    <progress
      aria-label={label}
      max={100}
      value={percent}
      className="h-1.5 w-full appearance-none overflow-hidden rounded-full bg-sunken [&::-moz-progress-bar]:bg-accent [&::-webkit-progress-bar]:bg-sunken [&::-webkit-progress-value]:bg-accent"
    />
  );
}
