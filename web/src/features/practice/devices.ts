/** One microphone or loudspeaker, as far as a browser tells them apart. */
export interface Device {
  deviceId: string;
  groupId: string;
  label: string;
}

/** What a learner speaks into and hears with. */
export type DeviceKind = "microphone" | "loudspeaker";

/** Whether this browser lets a page say where it is heard. */
export const choosesLoudspeakers = "setSinkId" in HTMLMediaElement.prototype;

const kinds = { microphone: "audioinput", loudspeaker: "audiooutput" } as const;

/** The devices of a kind that can be chosen. Their names are known only after the permission was given. */
export async function devicesOf(kind: DeviceKind): Promise<MediaDeviceInfo[]> {
  const media = (navigator as { mediaDevices?: MediaDevices }).mediaDevices;
  const devices = (await media?.enumerateDevices()) ?? [];
  return devices.filter((device) => device.kind === kinds[kind] && device.deviceId !== "");
}

/** The device that was meant: the very same, or else one that looks like it. A browser may name a device anew. */
export function meant<D extends Device>(devices: readonly D[], wanted: Device | null): D | null {
  if (wanted === null) return null;
  return (
    devices.find(({ deviceId }) => deviceId === wanted.deviceId) ??
    devices.find(({ label }) => label !== "" && label === wanted.label) ??
    devices.find(({ groupId }) => groupId !== "" && groupId === wanted.groupId) ??
    null
  );
}

/** Device names are no secrets; still each account on this browser has its own choice. */
function keyOf(kind: DeviceKind, learnerId: string): string {
  return `vivavoce.${kind}.${learnerId}`;
}

/** The device this learner chose on this browser, if it is known. */
export function rememberedDevice(kind: DeviceKind, learnerId: string): Device | null {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(keyOf(kind, learnerId)) ?? "null");
    return isDevice(kept) ? kept : null;
  } catch {
    return null;
  }
}

export function rememberDevice(kind: DeviceKind, learnerId: string, device: Device): void {
  const { deviceId, groupId, label } = device;
  try {
    localStorage.setItem(keyOf(kind, learnerId), JSON.stringify({ deviceId, groupId, label }));
  } catch {
    // A browser that keeps nothing asks again next time.
  }
}

function isDevice(value: unknown): value is Device {
  if (typeof value !== "object" || value === null) return false;
  const fields = value as Record<string, unknown>;
  return ["deviceId", "groupId", "label"].every((name) => typeof fields[name] === "string");
}
