import { useState } from "react";
import { Button } from "@/ui/button";
import { FailureNotice } from "@/ui/failure-notice";
import { Icon } from "@/ui/icon";
import { Failure } from "@/words/failure";
import { say } from "@/words/say";
import type { VoiceState } from "./learners-voice";

interface VoiceNoticeProps {
  voice: VoiceState;
  savedMs: number;
  onAgain: () => void;
  onEnd: () => void;
}

/** What is the matter with the microphone, while the call goes on. */
export function VoiceNotice({ voice, savedMs, onAgain, onEnd }: VoiceNoticeProps) {
  const { microphone } = voice;
  const [understood, setUnderstood] = useState(false);
  return (
    <div className="w-full max-w-md space-y-3 empty:hidden">
      {microphone.state === "looking" ? <p role="status">{say("microphone.looking")}</p> : null}
      {microphone.state === "replaced" && microphone.label !== "" ? (
        <p role="status" className="text-small text-quiet">
          {say("microphone.replaced", { label: microphone.label })}
        </p>
      ) : null}
      {microphone.state === "lost" || microphone.state === "silent" ? (
        <FailureNotice
          failure={new Failure(microphone.state === "lost" ? microphone.code : "MIC_SILENT")}
          savedMs={savedMs}
          onWay={onAgain}
          aside={
            microphone.state === "lost" ? (
              <Button look="plain" onClick={onEnd}>
                {say("room.endYes")}
              </Button>
            ) : undefined
          }
          className="text-left"
        />
      ) : null}
      {voice.echo && !understood ? (
        <section role="alert" className="animate-arrive rounded-lg border border-line bg-raised p-5 text-left">
          <h2 className="flex items-center gap-3 text-lead font-bold">
            <Icon name="headphones" />
            {say("microphone.headphones")}
          </h2>
          <p className="mt-1.5 text-quiet">{say("microphone.headphonesText")}</p>
          <Button look="plain" className="mt-4" onClick={() => setUnderstood(true)}>
            {say("microphone.understood")}
          </Button>
        </section>
      ) : null}
    </div>
  );
}
