import { useEffect } from "react";
import { Button } from "@/ui/button";
import { say } from "@/words/say";
import type { TalkKey } from "./talk-key";

interface TalkButtonProps {
  talk: TalkKey;
  speaking: boolean;
  disabled: boolean;
}

/** What has a use for the space bar of its own. */
const controls = "a, button, input, select, summary, textarea, dialog, [contenteditable], [role=menu]";

function isFree(target: EventTarget | null): boolean {
  return !(target instanceof Element) || target.closest(controls) === null;
}

/** Held or tapped, with a finger, a mouse or the space bar; pressed by a keyboard or a screen reader it stays down. */
export function TalkButton({ talk, speaking, disabled }: TalkButtonProps) {
  useSpaceBar(talk, disabled);
  return (
    <Button
      icon="voice"
      aria-pressed={speaking}
      aria-describedby="talk-hint"
      disabled={disabled}
      onPointerDown={(event) => {
        if (event.button !== 0) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        talk.down();
      }}
      onPointerUp={talk.up}
      onPointerCancel={talk.lose}
      onClick={(event) => {
        // The click that follows a pointer was the pointer's already.
        if (event.detail === 0) talk.toggle();
      }}
      onContextMenu={(event) => event.preventDefault()}
      className="min-w-24 touch-none py-3 text-lead select-none aria-pressed:bg-accent-deep aria-pressed:ring-4 aria-pressed:ring-accent/40 sm:min-w-32"
    >
      {say("talk.button")}
    </Button>
  );
}

function useSpaceBar(talk: TalkKey, disabled: boolean): void {
  useEffect(() => {
    if (disabled) return;
    const down = (event: KeyboardEvent) => {
      if (event.key !== " " || !isFree(event.target)) return;
      // The page would scroll.
      event.preventDefault();
      if (!event.repeat) talk.down();
    };
    const up = (event: KeyboardEvent) => {
      if (event.key === " " && isFree(event.target)) talk.up();
    };
    window.addEventListener("keydown", down);
    window.addEventListener("keyup", up);
    window.addEventListener("blur", talk.lose);
    return () => {
      window.removeEventListener("keydown", down);
      window.removeEventListener("keyup", up);
      window.removeEventListener("blur", talk.lose);
    };
  }, [talk, disabled]);
}
