import { Failure } from "@/words/failure";

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

/** The microphones there are. Their names are known only after the permission was given. */
export async function microphones(): Promise<MediaDeviceInfo[]> {
  const devices = await navigator.mediaDevices.enumerateDevices();
  return devices.filter((device) => device.kind === "audioinput" && device.deviceId !== "");
}
