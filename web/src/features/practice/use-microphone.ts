import { useCallback, useEffect, useRef, useState } from "react";
import { Failure, failureOf } from "@/words/failure";
import { askForMicrophone, microphones } from "./microphone";
import type { Studio } from "./studio";

export type MicrophoneState =
  | { state: "unasked" }
  | { state: "asking" }
  | { state: "ready"; studio: Studio; deviceId: string | null }
  | { state: "failed"; failure: Failure };

export interface Microphone {
  current: MicrophoneState;
  devices: readonly MediaDeviceInfo[];
  ask: (deviceId?: string) => void;
  /** Hands the open studio to the call, which closes it from then on. */
  take: () => Studio | null;
}

/** The microphone before the call: asked for on a click, let go of when the learner leaves. */
export function useMicrophone(open: (microphone: MediaStream) => Promise<Studio>): Microphone {
  const [current, setCurrent] = useState<MicrophoneState>({ state: "unasked" });
  const [devices, setDevices] = useState<readonly MediaDeviceInfo[]>([]);
  const held = useRef<Studio | null>(null);
  const attempt = useRef(0);

  const letGo = useCallback(() => {
    attempt.current += 1;
    held.current?.close();
    held.current = null;
  }, []);
  useEffect(() => letGo, [letGo]);

  const ask = useCallback(
    (deviceId?: string) => {
      letGo();
      const mine = attempt.current;
      setCurrent({ state: "asking" });
      const run = async () => {
        try {
          const stream = await askForMicrophone(deviceId ?? null);
          const studio = await open(stream);
          if (attempt.current !== mine) {
            studio.close();
            return;
          }
          held.current = studio;
          for (const track of stream.getAudioTracks()) {
            track.addEventListener("ended", () => {
              if (held.current === studio) {
                letGo();
                setCurrent({ state: "failed", failure: new Failure("NO_DEVICE") });
              }
            });
          }
          setDevices(await microphones());
          const settings = stream.getAudioTracks()[0]?.getSettings();
          setCurrent({ state: "ready", studio, deviceId: settings?.deviceId ?? null });
        } catch (thrown) {
          if (attempt.current === mine) setCurrent({ state: "failed", failure: failureOf(thrown) });
        }
      };
      void run();
    },
    [letGo, open],
  );

  const take = useCallback(() => {
    const studio = held.current;
    held.current = null;
    attempt.current += 1;
    setCurrent({ state: "unasked" });
    return studio;
  }, []);

  const missing = current.state === "failed" && current.failure.code === "NO_DEVICE";
  useEffect(() => {
    const media = (navigator as { mediaDevices?: MediaDevices }).mediaDevices;
    if (media === undefined) return;
    const changed = () => {
      // The permission was asked for already: what is plugged in now is what was looked for.
      if (missing) ask();
      else if (held.current !== null) void microphones().then(setDevices);
    };
    media.addEventListener("devicechange", changed);
    return () => media.removeEventListener("devicechange", changed);
  }, [missing, ask]);

  return { current, devices, ask, take };
}
