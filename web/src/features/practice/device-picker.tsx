import { useId } from "react";
import { Select } from "@/ui/select";
import { say } from "@/words/say";
import type { Device } from "./devices";

interface DevicePickerProps {
  label: string;
  devices: readonly Device[];
  deviceId: string | null;
  onChoose: (device: Device) => void;
}

/** One of the devices there are, by the names the browser gives them. */
export function DevicePicker({ label, devices, deviceId, onChoose }: DevicePickerProps) {
  const id = useId();
  return (
    <div>
      <label htmlFor={id} className="mb-1.5 block text-small font-semibold text-quiet">
        {label}
      </label>
      <Select
        id={id}
        value={deviceId ?? devices[0]?.deviceId ?? ""}
        onChange={(event) => {
          const chosen = devices.find((device) => device.deviceId === event.target.value);
          if (chosen !== undefined) onChoose(chosen);
        }}
        className="rounded-md border-edge pl-3.5 hover:border-ink"
      >
        {devices.map((device, index) => (
          <option key={device.deviceId} value={device.deviceId}>
            {nameOf(device, index)}
          </option>
        ))}
      </Select>
    </div>
  );
}

export function nameOf(device: Device, index: number): string {
  return device.label === "" ? say("check.deviceNumber", { number: index + 1 }) : device.label;
}
