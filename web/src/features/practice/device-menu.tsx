import { DropdownMenu } from "radix-ui";
import { Icon } from "@/ui/icon";
import { say } from "@/words/say";
import { nameOf } from "./device-picker";
import type { Device } from "./devices";
import type { RoomDevices } from "./use-room-devices";

const item = "target flex cursor-pointer items-center gap-3 rounded-md px-3 outline-none data-[highlighted]:bg-sunken";

/** Another microphone or loudspeaker, beside the button that mutes. */
export function DeviceMenu({ devices, microphoneId, disabled }: { devices: RoomDevices; microphoneId: string | null; disabled: boolean }) {
  const label = say("microphone.choose");
  return (
    <DropdownMenu.Root
      modal={false}
      onOpenChange={(open) => {
        if (open) devices.look();
      }}
    >
      <DropdownMenu.Trigger
        aria-label={label}
        title={label}
        disabled={disabled}
        className="target inline-flex items-center justify-center rounded-r-full border border-l-0 border-edge bg-raised pr-3 pl-2 hover:bg-sunken disabled:opacity-50"
      >
        <Icon name="chevron" className="size-4 rotate-180" />
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          align="start"
          side="top"
          sideOffset={8}
          className="z-20 max-h-[70dvh] w-80 max-w-[calc(100vw-2rem)] animate-arrive overflow-y-auto rounded-lg border border-line bg-raised p-2 shadow-float"
        >
          <Devices
            label={say("microphone.microphones")}
            devices={devices.microphones}
            deviceId={microphoneId}
            onChoose={devices.speakInto}
          />
          {devices.microphones.length === 0 ? <p className="px-3 py-2 text-quiet">{say("microphone.none")}</p> : null}
          {devices.loudspeakers.length < 2 ? null : (
            <Devices
              label={say("microphone.loudspeakers")}
              devices={devices.loudspeakers}
              deviceId={devices.loudspeakerId ?? devices.loudspeakers[0]?.deviceId ?? null}
              onChoose={devices.hearFrom}
            />
          )}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

interface DevicesProps {
  label: string;
  devices: readonly Device[];
  deviceId: string | null;
  onChoose: (device: Device) => void;
}

function Devices({ label, devices, deviceId, onChoose }: DevicesProps) {
  return (
    <DropdownMenu.Group>
      <DropdownMenu.Label className="px-3 pt-2 pb-1 text-small font-semibold text-quiet">{label}</DropdownMenu.Label>
      <DropdownMenu.RadioGroup value={deviceId ?? ""}>
        {devices.map((device, index) => (
          <DropdownMenu.RadioItem key={device.deviceId} value={device.deviceId} className={item} onSelect={() => onChoose(device)}>
            <span className="flex size-5 shrink-0 items-center justify-center">
              <DropdownMenu.ItemIndicator>
                <Icon name="check" />
              </DropdownMenu.ItemIndicator>
            </span>
            <span className="min-w-0 truncate">{nameOf(device, index)}</span>
          </DropdownMenu.RadioItem>
        ))}
      </DropdownMenu.RadioGroup>
    </DropdownMenu.Group>
  );
}
