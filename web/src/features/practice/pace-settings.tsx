import { useId } from "react";
import type { Pace } from "@/api/contract";
import { classes } from "@/ui/classes";
import { Icon } from "@/ui/icon";
import { say } from "@/words/say";
import type { PaceChoice } from "./use-pace";

const patiences = ["quick", "normal", "patient"] as const;

/** From slow to fast; each has a word. */
const speeds = [
  { speed: 0.7, name: "slowest" },
  { speed: 0.85, name: "slower" },
  { speed: 1, name: "usual" },
  { speed: 1.15, name: "faster" },
  { speed: 1.3, name: "fastest" },
] as const;

/** The one offered that is nearest: another client may have chosen something in between. */
function offered(speed: number): (typeof speeds)[number] {
  return speeds.reduce((best, one) => (Math.abs(one.speed - speed) < Math.abs(best.speed - speed) ? one : best), speeds[2]);
}

function inWords({ patience, push_to_talk, coach_speed }: Pace): string {
  const turns = push_to_talk ? say("pace.pushToTalk") : say(`pace.patience.${patience}`);
  return say("pace.summary", { turns, speed: say(`pace.speed.${offered(coach_speed).name}`) });
}

/** How long the coach waits, whether the learner says when they speak, how fast the coach speaks. */
export function PaceSettings({ choice }: { choice: PaceChoice }) {
  const { pace, change, unsaved } = choice;
  const id = useId();
  return (
    <details className="group rounded-md border border-line bg-raised">
      <summary className="target flex items-center justify-between gap-3 rounded-md px-4 py-2.5">
        <span>
          <span className="block font-semibold">{say("pace.title")}</span>
          <span className="block text-small text-quiet">{inWords(pace)}</span>
        </span>
        <Icon name="chevron" className="size-5 transition-transform group-open:rotate-180" />
      </summary>
      <div className="flex flex-col gap-5 px-4 pt-1 pb-4">
        <label className="flex cursor-pointer items-start justify-between gap-4">
          <span>
            <span className="block font-semibold">{say("pace.pushToTalk")}</span>
            <span id={`${id}-hand`} className="mt-0.5 block text-small text-quiet">
              {say("pace.pushToTalkText")}
            </span>
          </span>
          <input
            type="checkbox"
            role="switch"
            aria-label={say("pace.pushToTalk")}
            aria-describedby={`${id}-hand`}
            checked={pace.push_to_talk}
            onChange={(event) => change({ push_to_talk: event.target.checked })}
            className="mt-0.5 size-6 shrink-0 accent-accent"
          />
        </label>
        {pace.push_to_talk ? null : (
          <fieldset>
            <legend className="mb-1.5 text-small font-semibold text-quiet">{say("pace.patienceLabel")}</legend>
            <div className="grid gap-1">
              {patiences.map((patience) => (
                <label key={patience} className="target flex cursor-pointer items-center gap-3">
                  <input
                    type="radio"
                    name={`${id}-patience`}
                    value={patience}
                    checked={pace.patience === patience}
                    onChange={() => change({ patience })}
                    className="size-5 shrink-0 accent-accent"
                  />
                  {say(`pace.patience.${patience}`)}
                </label>
              ))}
            </div>
          </fieldset>
        )}
        <fieldset>
          <legend className="mb-1.5 text-small font-semibold text-quiet">{say("pace.speedLabel")}</legend>
          <div className="flex flex-wrap gap-2">
            {speeds.map(({ speed, name }) => (
              <label
                key={name}
                className={classes(
                  "target flex cursor-pointer items-center rounded-full border px-3.5 font-medium has-focus-visible:outline-3 has-focus-visible:outline-offset-2 has-focus-visible:outline-accent",
                  offered(pace.coach_speed).name === name
                    ? "border-accent bg-accent-soft text-accent-deep"
                    : "border-line bg-raised hover:border-edge",
                )}
              >
                <input
                  type="radio"
                  name={`${id}-speed`}
                  value={name}
                  checked={offered(pace.coach_speed).name === name}
                  onChange={() => change({ coach_speed: speed })}
                  className="sr-only"
                />
                {say(`pace.speed.${name}`)}
              </label>
            ))}
          </div>
        </fieldset>
        <p role="status" className="text-small text-quiet empty:hidden">
          {unsaved ? say("pace.unsaved") : ""}
        </p>
      </div>
    </details>
  );
}
