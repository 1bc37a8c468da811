import { Failure } from "@/words/failure";
import { type Device, devicesOf, meant } from "./devices";

/**
 * Echo cancellation keeps the coach out of the learner's channel. Noise suppression and gain control stay off:
 * they change the very pauses and levels that are measured afterwards.
 */
function wanted(deviceId: string | null): MediaStreamConstraints {
  return {
    audio: {
      echoCancellation: true,
      noiseSuppression: false,
      autoGainControl: false,
      ...(deviceId === null ? {} : { deviceId: { exact: deviceId } }),
    },
  };
}

/** Asks the browser for the microphone. Throws a `Failure` that says what stands in the way. */
export async function askForMicrophone(deviceId: string | null = null): Promise<MediaStream> {
  const devices = (navigator as { mediaDevices?: MediaDevices }).mediaDevices;
  if (devices === undefined) throw new Failure("NO_DEVICE");
  try {
    return await devices.getUserMedia(wanted(deviceId));
  } catch (thrown) {
    throw new Failure(await meaningOf(thrown), null, thrown);
  }
}

async function meaningOf(thrown: unknown) {
  switch (thrown instanceof DOMException ? thrown.name : "") {
    case "NotAllowedError":
    case "SecurityError":
      return (await isDenied()) ? "MIC_DENIED" : "MIC_DISMISSED";
    case "NotFoundError":
    case "OverconstrainedError":
      return "NO_DEVICE";
    case "NotReadableError":
    case "AbortError":
      return "MIC_BUSY";
    default:
      return "UNKNOWN";
  }
}

/** Tells "no" from "not now". A browser that cannot say counts as "no": its words help in both cases. */
async function isDenied(): Promise<boolean> {
  try {
    const permission = await navigator.permissions.query({ name: "microphone" });
    return permission.state === "denied";
  } catch {
    return true;
  }
}

/** Asks for the microphone that was meant; when that one is gone, for whichever the browser would take. */
export async function askForMeant(wanted: Device | null): Promise<MediaStream> {
  if (wanted === null) return askForMicrophone(null);
  try {
    return await askForMicrophone(wanted.deviceId);
  } catch (thrown) {
    if (!isAway(thrown)) throw thrown;
  }
  const same = meant(await devicesOf("microphone"), wanted);
  if (same !== null && same.deviceId !== wanted.deviceId) {
    try {
      return await askForMicrophone(same.deviceId);
    } catch (thrown) {
      if (!isAway(thrown)) throw thrown;
    }
  }
  return askForMicrophone(null);
}

/** Whether only this one microphone cannot be had: another may. */
function isAway(thrown: unknown): boolean {
  return thrown instanceof Failure && (thrown.code === "NO_DEVICE" || thrown.code === "MIC_BUSY");
}

/** Which device a stream comes from. */
export function deviceIn(stream: MediaStream): Device | null {
  const [track] = stream.getAudioTracks();
  if (track === undefined) return null;
  const { deviceId = "", groupId = "" } = track.getSettings();
  return { deviceId, groupId, label: track.label };
}
