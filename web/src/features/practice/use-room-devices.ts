import { useQuery } from "@tanstack/react-query";
import { useCallback, useState } from "react";
import { meQuery } from "@/api/users";
import { choosesLoudspeakers, type Device, devicesOf, rememberDevice, rememberedDevice } from "./devices";
import type { LearnersVoice } from "./learners-voice";

/** The devices that can be chosen while a call runs. */
export interface RoomDevices {
  microphones: readonly Device[];
  loudspeakers: readonly Device[];
  loudspeakerId: string | null;
  /** Looks again which there are. */
  look: () => void;
  speakInto: (microphone: Device) => void;
  hearFrom: (loudspeaker: Device) => void;
}

/** Another device in the middle of a call, and remembered for the next. */
export function useRoomDevices(voice: LearnersVoice): RoomDevices {
  const learnerId = useQuery(meQuery()).data?.id ?? "";
  const [microphones, setMicrophones] = useState<readonly Device[]>([]);
  const [loudspeakers, setLoudspeakers] = useState<readonly Device[]>([]);
  const [loudspeakerId, setLoudspeakerId] = useState(() => rememberedDevice("loudspeaker", learnerId)?.deviceId ?? null);

  const look = useCallback(() => {
    void devicesOf("microphone").then(setMicrophones);
    if (choosesLoudspeakers) void devicesOf("loudspeaker").then(setLoudspeakers);
  }, []);

  const speakInto = (microphone: Device) => {
    rememberDevice("microphone", learnerId, microphone);
    voice.choose(microphone);
  };

  const hearFrom = (loudspeaker: Device) => {
    voice.hearFrom(loudspeaker).then(
      () => {
        rememberDevice("loudspeaker", learnerId, loudspeaker);
        setLoudspeakerId(loudspeaker.deviceId);
      },
      // It went away between the list and the choice.
      look,
    );
  };

  return { microphones, loudspeakers, loudspeakerId, look, speakInto, hearFrom };
}
