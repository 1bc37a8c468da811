import { useId } from "react";
import { Button } from "@/ui/button";
import { FailureNotice } from "@/ui/failure-notice";
import { Icon } from "@/ui/icon";
import { Select } from "@/ui/select";
import { Waiting } from "@/ui/waiting";
import { say } from "@/words/say";
import { LevelMeter } from "./level-meter";
import type { Microphone } from "./use-microphone";

/** Does the microphone work? Asked on a click, shown live, changed here. */
export function DeviceCheck({ microphone }: { microphone: Microphone }) {
  const { current, devices, ask } = microphone;
  const pickerId = useId();
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
          <div>
            <label htmlFor={pickerId} className="mb-1.5 block text-small font-semibold text-quiet">
              {say("check.micChoose")}
            </label>
            <Select
              id={pickerId}
              value={current.deviceId ?? ""}
              onChange={(event) => ask(event.target.value)}
              className="rounded-md border-edge pl-3.5 hover:border-ink"
            >
              {devices.map((device, index) => (
                <option key={device.deviceId} value={device.deviceId}>
                  {device.label === "" ? say("check.micDefault", { number: index + 1 }) : device.label}
                </option>
              ))}
            </Select>
          </div>
          <LevelMeter levels={() => current.studio.levels()} />
          <p className="flex items-start gap-2 text-small text-quiet">
            <Icon name="headphones" className="size-5" />
            {say("check.headphones")}
          </p>
        </div>
      );
  }
}
