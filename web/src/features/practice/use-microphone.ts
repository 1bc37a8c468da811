import { useCallback, useEffect, useRef, useState } from "react";
import type { Studio } from "@/sound/studio";
import { Failure, failureOf } from "@/words/failure";
import { choosesLoudspeakers, type Device, devicesOf, meant, rememberDevice, rememberedDevice } from "./devices";
import { askForMeant, deviceIn } from "./microphone";

export type MicrophoneState =
  | { state: "unasked" }
  | { state: "asking" }
  | { state: "ready"; studio: Studio; deviceId: string | null; loudspeakerId: string | null }
  | { state: "failed"; failure: Failure };

export interface Microphone {
  current: MicrophoneState;
  devices: readonly Device[];
  /** Empty where the browser does not let a page choose. */
  loudspeakers: readonly Device[];
  /** Asks for the microphone of last time, or for this one from now on. */
  ask: (chosen?: Device) => void;
  /** Lets the coach be heard from here from now on. */
  hearFrom: (loudspeaker: Device) => void;
  /** Hands the open studio to the call, which closes it from then on. */
  take: () => Studio | null;
}

/** The microphone before the call: asked for on a click, let go of when the learner leaves. */
export function useMicrophone(open: (microphone: MediaStream) => Promise<Studio>, learnerId: string): Microphone {
  const [current, setCurrent] = useState<MicrophoneState>({ state: "unasked" });
  const [devices, setDevices] = useState<readonly Device[]>([]);
  const [loudspeakers, setLoudspeakers] = useState<readonly Device[]>([]);
  const held = useRef<Studio | null>(null);
  const attempt = useRef(0);

  const letGo = useCallback(() => {
    attempt.current += 1;
    held.current?.close();
    held.current = null;
  }, []);
  useEffect(() => letGo, [letGo]);

  const look = useCallback(async () => {
    setDevices(await devicesOf("microphone"));
    const heardFrom = choosesLoudspeakers ? await devicesOf("loudspeaker") : [];
    setLoudspeakers(heardFrom);
    return heardFrom;
  }, []);

  const ask = useCallback(
    (chosen?: Device) => {
      letGo();
      const mine = attempt.current;
      setCurrent({ state: "asking" });
      if (chosen !== undefined) rememberDevice("microphone", learnerId, chosen);
      const run = async () => {
        try {
          const stream = await askForMeant(chosen ?? rememberedDevice("microphone", learnerId));
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
          const loudspeaker = meant(await look(), rememberedDevice("loudspeaker", learnerId));
          // A loudspeaker that cannot be had is no obstacle: the usual one speaks.
          const speaks = loudspeaker !== null && (await studio.useLoudspeaker(loudspeaker.deviceId).then(() => true, () => false));
          if (held.current !== studio) return;
          setCurrent({
            state: "ready",
            studio,
            deviceId: deviceIn(stream)?.deviceId ?? null,
            loudspeakerId: speaks ? loudspeaker.deviceId : null,
          });
        } catch (thrown) {
          if (attempt.current === mine) setCurrent({ state: "failed", failure: failureOf(thrown) });
        }
      };
      void run();
    },
    [letGo, open, look, learnerId],
  );

  const hearFrom = useCallback(
    (loudspeaker: Device) => {
      const studio = held.current;
      if (studio === null) return;
      void studio.useLoudspeaker(loudspeaker.deviceId).then(
        () => {
          rememberDevice("loudspeaker", learnerId, loudspeaker);
          setCurrent((now) => (now.state === "ready" ? { ...now, loudspeakerId: loudspeaker.deviceId } : now));
        },
        // It went away between the list and the choice.
        () => look(),
      );
    },
    [learnerId, look],
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
      else if (held.current !== null) void look();
    };
    media.addEventListener("devicechange", changed);
    return () => media.removeEventListener("devicechange", changed);
  }, [missing, ask, look]);

  return { current, devices, loudspeakers, ask, hearFrom, take };
}
