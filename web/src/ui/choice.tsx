import { ToggleGroup } from "radix-ui";

interface ChoiceProps<T extends string> {
  label: string;
  value: T | undefined;
  options: readonly { value: T; label: string; title?: string }[];
  /** The word for "no choice", which stands first. */
  none: string;
  onChange: (value: T | undefined) => void;
}

const nothing = "*";

/** One of several, or none: a row of pills moved through with the arrow keys. */
export function Choice<T extends string>({ label, value, options, none, onChange }: ChoiceProps<T>) {
  const pill =
    "target rounded-full border border-line bg-raised px-3 font-medium sm:px-4 text-ink transition-colors hover:border-edge data-[state=on]:border-accent data-[state=on]:bg-accent-soft data-[state=on]:text-accent-deep";
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
      <span className="w-14 text-small font-semibold text-quiet">{label}</span>
      <ToggleGroup.Root
        type="single"
        aria-label={label}
        value={value ?? nothing}
        onValueChange={(next) => onChange(options.find((option) => option.value === next)?.value)}
        className="flex flex-wrap gap-1.5 sm:gap-2"
      >
        <ToggleGroup.Item value={nothing} className={pill}>
          {none}
        </ToggleGroup.Item>
        {options.map((option) => (
          <ToggleGroup.Item key={option.value} value={option.value} title={option.title} className={pill}>
            {option.label}
          </ToggleGroup.Item>
        ))}
      </ToggleGroup.Root>
    </div>
  );
}
