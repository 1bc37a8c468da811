import type { ReactNode } from "react";
import { classes } from "./classes";

type Tone = "plain" | "accent" | "danger";

const tones: Record<Tone, string> = {
  plain: "bg-sunken text-ink",
  accent: "bg-accent-soft text-accent-deep",
  danger: "bg-danger-soft text-danger-deep",
};

export function Chip({ tone = "plain", children }: { tone?: Tone; children: ReactNode }) {
  return (
    <span className={classes("inline-flex items-center gap-1.5 rounded-full px-2.5 py-0.5 text-small font-semibold", tones[tone])}>
      {children}
    </span>
  );
}
