import { type RefObject, useEffect, useRef } from "react";
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

/** A click leaves the focus on the button of the key itself: there the space bar means the same as anywhere. */
function isFree(target: EventTarget | null, key: HTMLElement | null): boolean {
  if (!(target instanceof Element)) return true;
  return target.closest(controls) === null || key?.contains(target) === true;
}

/** Held or tapped, with a finger, a mouse or the space bar; pressed by a keyboard or a screen reader it stays down. */
export function TalkButton({ talk, speaking, disabled }: TalkButtonProps) {
  const button = useRef<HTMLButtonElement>(null);
  useSpaceBar(talk, disabled, button);
  return (
    <Button
      ref={button}
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

function useSpaceBar(talk: TalkKey, disabled: boolean, button: RefObject<HTMLButtonElement | null>): void {
  useEffect(() => {
    if (disabled) return;
    let held = false;
    const down = (event: KeyboardEvent) => {
      if (event.key !== " " || !isFree(event.target, button.current)) return;
      // The page would scroll, and a button be clicked.
      event.preventDefault();
      if (event.repeat) return;
      held = true;
      talk.down();
    };
    // Wherever the focus is by then: what went down here comes up here.
    const up = (event: KeyboardEvent) => {
      if (event.key !== " " || !held) return;
      event.preventDefault();
      held = false;
      talk.up();
    };
    window.addEventListener("keydown", down);
    window.addEventListener("keyup", up);
    window.addEventListener("blur", talk.lose);
    return () => {
      window.removeEventListener("keydown", down);
      window.removeEventListener("keyup", up);
      window.removeEventListener("blur", talk.lose);
      // Nobody would hear it come up any more.
      talk.lose();
    };
  }, [talk, disabled, button]);
}
