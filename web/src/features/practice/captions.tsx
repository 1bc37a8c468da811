import { useEffect, useRef, useState } from "react";
import { Button } from "@/ui/button";
import { classes } from "@/ui/classes";
import { say } from "@/words/say";
import { gapInWords } from "@/words/time";
import type { Gap } from "./session-words";
import type { Caption } from "./transcript";

/** So near the end counts as reading along. */
const nearEndPx = 64;

/**
 * What is being said, as it is said. Focusable and scrollable, but not a live region: a screen reader would talk
 * over the very voices that are being captioned.
 */
export function Captions({ captions }: { captions: readonly (Caption | Gap)[] }) {
  const log = useRef<HTMLDivElement>(null);
  const [following, setFollowing] = useState(true);

  useEffect(() => {
    const element = log.current;
    if (!following || element === null) return;
    // Called at once, and again when the window is turned or resized: the end stays in sight.
    const resized = new ResizeObserver(() => {
      element.scrollTop = element.scrollHeight;
    });
    resized.observe(element);
    return () => resized.disconnect();
  }, [captions, following]);

  const onScroll = () => {
    const element = log.current;
    if (element === null) return;
    setFollowing(element.scrollHeight - element.scrollTop - element.clientHeight < nearEndPx);
  };

  return (
    <div className="relative min-h-0 flex-1">
      <div
        ref={log}
        role="log"
        aria-live="off"
        aria-label={say("room.captions")}
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a scrolling region must be reachable by keyboard
        tabIndex={0}
        onScroll={onScroll}
        className="flex h-full flex-col gap-4 overflow-y-auto overscroll-contain px-5 py-6 sm:px-7"
      >
        {captions.length === 0 ? (
          <p className="m-auto max-w-64 text-center text-quiet">{say("room.captionsEmpty")}</p>
        ) : (
          captions.map((caption) =>
            "gapMs" in caption ? <LineLost key={caption.id} gapMs={caption.gapMs} /> : <Line key={caption.id} caption={caption} />,
          )
        )}
      </div>
      {following ? null : (
        <div className="absolute inset-x-0 bottom-3 flex justify-center">
          <Button look="plain" icon="arrowDown" className="shadow-float" onClick={() => setFollowing(true)}>
            {say("room.latest")}
          </Button>
        </div>
      )}
    </div>
  );
}

/** Where one call of the practice ended and the next began. */
function LineLost({ gapMs }: { gapMs: number }) {
  return (
    <p className="flex items-center gap-3 text-small text-quiet before:h-px before:flex-1 before:bg-line after:h-px after:flex-1 after:bg-line">
      {gapInWords(gapMs)}
    </p>
  );
}

function Line({ caption }: { caption: Caption }) {
  const mine = caption.speaker === "learner";
  const text =
    caption.text !== ""
      ? caption.text + (caption.state === "truncated" ? " —" : "")
      : caption.state === "under-way"
        ? say("room.writing")
        : say("room.notTranscribed");
  return (
    <div className={classes("max-w-[88%] animate-arrive", mine ? "self-end" : "self-start")}>
      <p className={classes("mb-1 text-small font-semibold text-quiet", mine && "text-right")}>
        {mine ? say("room.you") : say("room.coach")}
      </p>
      <p
        data-speaker={caption.speaker}
        className={classes(
          "rounded-lg px-4 py-2.5 text-lead",
          mine ? "rounded-tr-sm bg-accent-soft" : "rounded-tl-sm bg-sunken",
          caption.text === "" && "text-quiet italic",
        )}
      >
        {text}
      </p>
    </div>
  );
}
