import type { SelectHTMLAttributes } from "react";
import { classes } from "./classes";
import { Icon } from "./icon";

/** The browser's own list of choices, in the look of the other fields. */
export function Select({ className, ...select }: SelectHTMLAttributes<HTMLSelectElement>) {
  return (
    <span className="relative block">
      <select
        className={classes(
          "target w-full appearance-none border bg-raised pr-10 text-ink",
          className,
        )}
        {...select}
      />
      <Icon name="chevron" className="pointer-events-none absolute top-1/2 right-3 size-4 -translate-y-1/2 text-quiet" />
    </span>
  );
}
