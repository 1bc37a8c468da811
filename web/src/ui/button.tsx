import type { ComponentProps, ReactNode } from "react";
import { classes } from "./classes";
import { Icon, type IconName } from "./icon";

type Look = "primary" | "plain" | "quiet" | "danger" | "danger-quiet";

const looks: Record<Look, string> = {
  primary: "bg-accent text-on-accent hover:bg-accent-deep",
  plain: "border border-edge bg-raised text-ink hover:border-ink hover:bg-sunken",
  quiet: "text-ink hover:bg-sunken",
  danger: "bg-danger text-on-danger hover:bg-danger-deep",
  "danger-quiet": "text-danger hover:bg-danger-soft",
};

/** The classes of a button, for the links that look like one. */
export function buttonClasses(look: Look = "primary", className?: string): string {
  return classes(
    "target inline-flex items-center justify-center gap-2 rounded-full px-5 py-2 font-semibold no-underline",
    "transition-colors duration-150 disabled:opacity-50 aria-disabled:opacity-50",
    looks[look],
    className,
  );
}

interface ButtonProps extends ComponentProps<"button"> {
  look?: Look;
  icon?: IconName;
  children: ReactNode;
}

export function Button({ look = "primary", icon, className, children, type = "button", ...rest }: ButtonProps) {
  return (
    <button type={type} className={buttonClasses(look, className)} {...rest}>
      {icon === undefined ? null : <Icon name={icon} />}
      {children}
    </button>
  );
}

interface IconButtonProps extends ComponentProps<"button"> {
  icon: IconName;
  /** What it does, in words: read aloud and shown on hover. */
  label: string;
}

export function IconButton({ icon, label, className, type = "button", ...rest }: IconButtonProps) {
  return (
    <button
      type={type}
      aria-label={label}
      title={label}
      className={classes(
        "target inline-flex items-center justify-center rounded-full text-ink transition-colors hover:bg-sunken disabled:opacity-50",
        className,
      )}
      {...rest}
    >
      <Icon name={icon} />
    </button>
  );
}
