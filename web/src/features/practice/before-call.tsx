import type { ReactNode } from "react";
import type { Minutes, RecordingPolicy, Topic } from "@/api/contract";
import { paths } from "@/paths";
import { Button } from "@/ui/button";
import { Chip } from "@/ui/chip";
import { Icon } from "@/ui/icon";
import { Link } from "@/ui/link";
import { say } from "@/words/say";
import { DeviceCheck } from "./device-check";
import { dayLeft, EnoughMinutes, FewMinutes, NoMinutes } from "./minutes-left";
import { PaceSettings } from "./pace-settings";
import { RecordingChoice } from "./recording-choice";
import type { Microphone } from "./use-microphone";
import type { PaceChoice } from "./use-pace";

interface BeforeCallProps {
  topic: Topic;
  /** What there is to know of a practice that this one goes on with, or of this one itself. */
  earlier: ReactNode;
  /** Whether the learner comes back into a practice that is open: what it is, is settled. */
  comesBack: boolean;
  policy: RecordingPolicy;
  onPolicy: (policy: RecordingPolicy) => void;
  microphone: Microphone;
  pace: PaceChoice;
  /** What is left of the day; undefined while nobody knows. */
  minutes: Minutes | undefined;
  starting: boolean;
  onStart: () => void;
  /** What stands in the way of starting, with its way forward. */
  obstacle: ReactNode;
}

/** What will be talked about, what happens with it, and whether the microphone works. */
export function BeforeCall(props: BeforeCallProps) {
  const { topic, comesBack, microphone, obstacle } = props;
  return (
    <div className="mx-auto w-full max-w-6xl px-4 py-6 sm:px-6 sm:py-8">
      <Link
        to={paths.topics()}
        className="target -ml-3 inline-flex items-center gap-2 rounded-full px-3 font-semibold text-quiet hover:text-ink"
      >
        <Icon name="arrowLeft" />
        {say("check.back")}
      </Link>
      <div className="mt-3 grid gap-10 lg:grid-cols-[minmax(0,1fr)_26rem] lg:gap-16">
        <div>
          <div className="flex flex-wrap items-center gap-x-4 gap-y-2 text-small text-quiet">
            <Chip tone="accent">{topic.level}</Chip>
            <span>{say(`topics.kinds.${topic.kind}`)}</span>
            <span>{say("topics.minutes", { count: topic.minutes })}</span>
          </div>
          <h1 className="mt-3 text-display">{topic.title}</h1>
          <section className="mt-8">
            <h2 className="text-small font-semibold text-quiet">{say("check.situation")}</h2>
            <p className="mt-1.5 max-w-prose text-lead">{topic.situation}</p>
          </section>
          <section className="mt-7">
            <h2 className="text-small font-semibold text-quiet">{say("check.goal")}</h2>
            <p className="mt-1.5 max-w-prose text-lead">{topic.goal}</p>
          </section>
          {topic.phrases.length === 0 ? null : (
            <section className="mt-7">
              <h2 className="text-small font-semibold text-quiet">{say("check.phrases")}</h2>
              <ul className="mt-2.5 flex flex-wrap gap-2">
                {topic.phrases.map((phrase) => (
                  <li key={phrase} className="rounded-lg bg-sunken px-4 py-2">
                    {phrase}
                  </li>
                ))}
              </ul>
            </section>
          )}
        </div>
        <section
          aria-labelledby="before-you-start"
          className="h-fit space-y-6 rounded-lg border border-line bg-raised p-5 shadow-float sm:p-6"
        >
          <h2 id="before-you-start" className="text-title">
            {say(comesBack ? "check.backTitle" : "check.readyTitle")}
          </h2>
          {props.earlier}
          {comesBack ? null : <RecordingChoice value={props.policy} onChange={props.onPolicy} />}
          <div>
            <h3 className="mb-2 text-lead font-bold">{say("check.micLabel")}</h3>
            <DeviceCheck microphone={microphone} />
          </div>
          <PaceSettings choice={props.pace} />
          {obstacle ?? <Start {...props} />}
        </section>
      </div>
    </div>
  );
}

/** The click that calls, beside what the learner should know before it. */
function Start({ topic, comesBack, microphone, minutes, starting, onStart }: BeforeCallProps) {
  const ready = microphone.current.state === "ready";
  const day = minutes === undefined ? null : { minutes, left: dayLeft(minutes, topic.minutes, comesBack) };
  if (day?.left === "none") return <NoMinutes minutes={day.minutes} />;
  return (
    <div>
      {day?.left === "few" ? <FewMinutes id="few-minutes" minutes={day.minutes} planned={topic.minutes} /> : null}
      <Button
        className="w-full py-3 text-lead"
        disabled={!ready || starting}
        aria-describedby={day?.left === "few" ? "few-minutes start-hint" : "start-hint"}
        onClick={onStart}
      >
        {starting ? say("check.starting") : say(comesBack ? "open.continue" : "check.start")}
      </Button>
      <p id="start-hint" className="mt-2 text-center text-small text-quiet empty:hidden">
        {ready ? "" : say("check.startHint")}
      </p>
      {day?.left === "enough" ? <EnoughMinutes minutes={day.minutes} /> : null}
    </div>
  );
}
