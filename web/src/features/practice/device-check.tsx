import { Button } from "@/ui/button";
import { FailureNotice } from "@/ui/failure-notice";
import { Icon } from "@/ui/icon";
import { Waiting } from "@/ui/waiting";
import { say } from "@/words/say";
import { DevicePicker } from "./device-picker";
import { LevelMeter } from "./level-meter";
import type { Microphone } from "./use-microphone";

/** Does the microphone work? Asked on a click, shown live, changed here. */
export function DeviceCheck({ microphone }: { microphone: Microphone }) {
  const { current, devices, loudspeakers, ask, hearFrom } = microphone;
  switch (current.state) {
    case "unasked":
      return (
        <div>
          <p className="mb-4 text-quiet">{say("check.micAskText")}</p>
          <Button look="plain" icon="mic" onClick={() => ask()}>
            {say("check.micAsk")}
          </Button>
        </div>
      );
    case "asking":
      return <Waiting text={say("check.micAsking")} className="min-h-11" />;
    case "failed":
      return <FailureNotice inside failure={current.failure} onWay={() => ask()} />;
    case "ready":
      return (
        <div className="space-y-5">
          <DevicePicker label={say("check.micChoose")} devices={devices} deviceId={current.deviceId} onChoose={ask} />
          <LevelMeter levels={() => current.studio.levels()} />
          {loudspeakers.length < 2 ? null : (
            <DevicePicker
              label={say("check.loudspeakerChoose")}
              devices={loudspeakers}
              deviceId={current.loudspeakerId}
              onChoose={hearFrom}
            />
          )}
          <p className="flex items-start gap-2 text-small text-quiet">
            <Icon name="headphones" className="size-5" />
            {say("check.headphones")}
          </p>
        </div>
      );
  }
}
