import { type InputHTMLAttributes, type ReactNode, useId } from "react";
import { classes } from "./classes";

interface FieldProps extends InputHTMLAttributes<HTMLInputElement> {
  label: string;
  hint?: string | undefined;
  error?: string | undefined;
  /** Something at the end of the line, such as "show password". */
  end?: ReactNode;
}

export function Field({ label, hint, error, end, className, ...input }: FieldProps) {
  const id = useId();
  const describedBy = [hint === undefined ? null : `${id}-hint`, error === undefined ? null : `${id}-error`]
    .filter((part) => part !== null)
    .join(" ");
  return (
    <div className={className}>
      <label htmlFor={id} className="mb-1.5 block font-semibold">
        {label}
      </label>
      <div className="relative">
        <input
          id={id}
          aria-invalid={error !== undefined}
          aria-describedby={describedBy === "" ? undefined : describedBy}
          className={classes(
            "target w-full rounded-md border bg-raised px-3.5 py-2.5 text-ink placeholder:text-quiet",
            error === undefined ? "border-edge hover:border-ink" : "border-danger",
            end !== undefined && "pr-14",
          )}
          {...input}
        />
        {end === undefined ? null : <div className="absolute inset-y-0 right-1 flex items-center">{end}</div>}
      </div>
      {hint === undefined ? null : (
        <p id={`${id}-hint`} className="mt-1.5 text-small text-quiet">
          {hint}
        </p>
      )}
      {error === undefined ? null : (
        <p id={`${id}-error`} className="mt-1.5 text-small font-medium text-danger">
          {error}
        </p>
      )}
    </div>
  );
}
