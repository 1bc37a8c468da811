import { useId } from "react";
import type { RecordingPolicy } from "@/api/contract";
import { classes } from "@/ui/classes";
import { say } from "@/words/say";

interface RecordingChoiceProps {
  value: RecordingPolicy;
  onChange: (value: RecordingPolicy) => void;
}

/** Recorded or not: the learner's choice, with what it means beside it. */
export function RecordingChoice({ value, onChange }: RecordingChoiceProps) {
  const name = useId();
  return (
    <fieldset className="grid gap-3">
      <legend className="sr-only">{say("check.recordingLabel")}</legend>
      {(["keep", "never"] as const).map((policy) => (
        <label
          key={policy}
          className={classes(
            "flex cursor-pointer gap-3 rounded-md border px-4 py-3 has-focus-visible:outline-3 has-focus-visible:outline-offset-2 has-focus-visible:outline-accent",
            value === policy ? "border-accent bg-accent-soft" : "border-line bg-raised hover:border-edge",
          )}
        >
          <input
            type="radio"
            name={name}
            aria-label={say(policy === "keep" ? "check.keep" : "check.never")}
            aria-describedby={`${name}-${policy}`}
            value={policy}
            checked={value === policy}
            onChange={() => onChange(policy)}
            className="mt-1 size-5 shrink-0 accent-accent outline-none"
          />
          <span>
            <span className="block font-semibold">{say(policy === "keep" ? "check.keep" : "check.never")}</span>
            <span id={`${name}-${policy}`} className="mt-0.5 block text-small text-quiet">
              {say(policy === "keep" ? "check.keepText" : "check.neverText")}
            </span>
          </span>
        </label>
      ))}
    </fieldset>
  );
}
