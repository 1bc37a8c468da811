import type { Minutes } from "@/api/contract";
import { FailureNotice } from "@/ui/failure-notice";
import { Icon } from "@/ui/icon";
import { Failure } from "@/words/failure";
import { say } from "@/words/say";
import { timeOfDay } from "@/words/time";

/** Whether the day has room for a practice: `few` when it would end before its time, `none` when it cannot begin. */
export type DayLeft = "enough" | "few" | "none";

/** `planned` is what the learner is told that the practice takes. One that is under way may use up the last minute. */
export function dayLeft({ minutes_left_today }: Minutes, planned: number, comesBack: boolean): DayLeft {
  if (minutes_left_today === 0 && !comesBack) return "none";
  return minutes_left_today < planned ? "few" : "enough";
}

/** Said in passing: there is time. */
export function EnoughMinutes({ minutes }: { minutes: Minutes }) {
  return <p className="mt-2 text-center text-small text-quiet">{say("minutes.left", { count: minutes.minutes_left_today })}</p>;
}

/** The practice can be begun, and will end before its time: the learner decides knowing that. */
export function FewMinutes({ id, minutes, planned }: { id: string; minutes: Minutes; planned: number }) {
  return (
    <div id={id} role="status" className="mb-5 flex items-start gap-3 rounded-md bg-sunken px-4 py-3">
      <Icon name="clock" className="mt-0.5 size-5 shrink-0" />
      <div>
        <p className="font-semibold">{say("minutes.left", { count: minutes.minutes_left_today })}</p>
        <p className="mt-0.5 text-small text-quiet">{say("minutes.fewText", { count: planned, time: timeOfDay(minutes.new_minutes_at) })}</p>
      </div>
    </div>
  );
}

/** No practice can be begun today. */
export function NoMinutes({ minutes }: { minutes: Minutes }) {
  return <FailureNotice inside failure={new Failure("QUOTA_REACHED")} saved={say("minutes.noneText", { time: timeOfDay(minutes.new_minutes_at) })} />;
}
