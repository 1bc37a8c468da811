import { type ReactNode, useCallback, useEffect, useState } from "react";
import type { EndReason, Session } from "@/api/contract";
import { paths } from "@/paths";
import type { Levels, StorageState } from "@/sound/studio";
import { Button, buttonClasses } from "@/ui/button";
import { Chip } from "@/ui/chip";
import { classes } from "@/ui/classes";
import { Dialog } from "@/ui/dialog";
import { FailureNotice } from "@/ui/failure-notice";
import { Icon } from "@/ui/icon";
import { Link } from "@/ui/link";
import { Failure, wordsFor } from "@/words/failure";
import { say } from "@/words/say";
import { clockTime, lengthInWords } from "@/words/time";
import { isLive, isPrecious, isUnderWay, mayEnd } from "./call";
import { Captions } from "./captions";
import { DeviceMenu } from "./device-menu";
import { HowWasIt } from "./how-was-it";
import { hintFor, SearchNews, TimeLeft } from "./line-news";
import type { PracticeCall, Snapshot } from "./practice-call";
import { TalkButton } from "./talk-button";
import type { TalkKey } from "./talk-key";
import { useCall, useElapsed } from "./use-call";
import { type RoomDevices, useRoomDevices } from "./use-room-devices";
import { useWakeLock } from "./use-wake-lock";
import { VoiceLine } from "./voice-line";
import { VoiceNotice } from "./voice-notice";

interface PracticeRoomProps {
  practice: PracticeCall;
  /** Set when the learner tries to leave otherwise: the room asks first. */
  leaving: boolean;
  onStay: () => void;
  /** Goes where the learner tried to go. */
  onGo: () => void;
  /** Whether leaving now would lose something. */
  onPrecious: (precious: boolean) => void;
  /** Leaves a practice that never began. */
  onLeave: () => void;
  /** How the recording fares on its way. */
  upload: ReactNode;
  /** Whether it failed, so that the way forward is there. */
  unsent: boolean;
}

export function PracticeRoom(props: PracticeRoomProps) {
  const { practice, onPrecious } = props;
  const snapshot = useCall(practice);
  const precious = isPrecious(snapshot.call, snapshot.wordsKept);
  useEffect(() => onPrecious(precious), [precious, onPrecious]);
  useWakeLock(isUnderWay(snapshot.call));
  const now = useCallback(() => practice.now(), [practice]);
  const levels = useCallback(() => practice.levels(), [practice]);
  const elapsed = useElapsed(now);
  const wall = useElapsed(Date.now);
  const devices = useRoomDevices(practice.voice);
  return (
    <RoomView
      session={practice.session}
      snapshot={snapshot}
      elapsedMs={elapsed}
      wallMs={wall}
      levels={levels}
      // Read with every tick of the clock.
      storage={practice.storage()}
      asksToEnd={props.leaving}
      onStay={props.onStay}
      onGo={props.onGo}
      onMute={practice.setMuted}
      onEnd={practice.end}
      onRetry={practice.retry}
      onPlay={practice.playSound}
      onLeave={props.onLeave}
      devices={devices}
      talk={practice.voice.talk}
      onMicrophoneAgain={practice.voice.again}
      upload={props.upload}
      unsent={props.unsent}
    />
  );
}

export interface RoomViewProps {
  session: Pick<Session, "id" | "topic" | "recording_policy">;
  snapshot: Snapshot;
  elapsedMs: number;
  /** Now, on the wall clock. */
  wallMs: number;
  levels: () => Levels;
  /** How safely the browser keeps what is recorded. */
  storage: StorageState;
  asksToEnd: boolean;
  onStay: () => void;
  onGo: () => void;
  onMute: (muted: boolean) => void;
  onEnd: (reason: EndReason) => void;
  onRetry: () => void;
  onPlay: () => void;
  onLeave: () => void;
  devices: RoomDevices;
  talk: TalkKey;
  onMicrophoneAgain: () => void;
  upload: ReactNode;
  unsent: boolean;
}

/** The practice room in any of its states. */
export function RoomView(props: RoomViewProps) {
  const { snapshot } = props;
  const { call } = snapshot;
  const [asking, setAsking] = useState(false);
  const over = call.phase === "saved" || call.phase === "failed";
  return (
    <div className="grid h-dvh grid-rows-[auto_minmax(0,1fr)_auto] bg-page" data-phase={call.phase}>
      <RoomHeader {...props} />
      <main id="content" tabIndex={-1} className="min-h-0">
        {call.phase === "saved" ? (
          <Saved {...props} />
        ) : call.phase === "failed" ? (
          <Failed {...props} />
        ) : (
          <Talking {...props} />
        )}
      </main>
      {over ? <div /> : <Controls {...props} onAsk={() => setAsking(true)} />}
      <EndQuestion
        open={(asking || props.asksToEnd) && mayEnd(call)}
        elapsedMs={props.elapsedMs}
        onEnd={() => props.onEnd("learner")}
        onClose={() => {
          setAsking(false);
          props.onStay();
        }}
      />
      <LeaveQuestion
        open={props.asksToEnd && !mayEnd(call) && isPrecious(call, snapshot.wordsKept)}
        wordsKept={snapshot.wordsKept}
        onStay={props.onStay}
        onGo={props.onGo}
      />
    </div>
  );
}

function RoomHeader({ session, snapshot, storage, elapsedMs, wallMs }: RoomViewProps) {
  const { call, endsAt } = snapshot;
  const runs = isUnderWay(call) || (call.broke === "calling" && call.lineSince !== null);
  const shown = runs || (call.phase !== "saved" && call.phase !== "failed");
  return (
    <header className="flex min-h-16 items-center gap-x-4 border-b border-line bg-raised px-4 py-2 sm:px-6">
      <div className="flex min-w-0 flex-1 items-center gap-3">
        <Chip>{session.topic.level}</Chip>
        <h1 className="truncate text-base font-bold sm:text-lead">{session.topic.title}</h1>
      </div>
      {shown ? (
        <>
          {storage === "stopped" || (storage === "resuming" && runs) ? (
            <p className="text-small font-semibold text-quiet">
              {say(storage === "stopped" ? "room.recordingStopped" : "room.recordingPaused")}
            </p>
          ) : session.recording_policy === "keep" ? (
            runs ? (
              <p className="flex items-center gap-2 text-small font-semibold text-danger">
                <span aria-hidden="true" className="size-2.5 animate-blink rounded-full bg-danger" />
                <span className="max-sm:sr-only">{say("room.recording")}</span>
              </p>
            ) : null
          ) : (
            <p className="text-small font-semibold text-quiet">{say("room.notRecording")}</p>
          )}
          {runs && endsAt !== null ? <TimeLeft leftMs={endsAt - wallMs} /> : null}
          <p className="text-base font-bold tabular">
            <span className="sr-only">{say("room.elapsed")} </span>
            <time role="timer" aria-live="off">
              {clockTime(elapsedMs)}
            </time>
            <span className="font-normal text-quiet max-sm:hidden"> / {say("topics.minutes", { count: session.topic.minutes })}</span>
          </p>
        </>
      ) : null}
    </header>
  );
}

function Talking(props: RoomViewProps) {
  const { session, snapshot } = props;
  const { call } = snapshot;
  return (
    <div className="grid h-full min-h-0 grid-rows-[auto_minmax(0,1fr)] lg:grid-cols-[minmax(0,1fr)_30rem] lg:grid-rows-1">
      <section className="flex min-h-0 flex-col items-center justify-center gap-3 overflow-y-auto px-5 py-5 text-center sm:gap-5 sm:py-8">
        <VoiceLine phase={call.phase} levels={props.levels} />
        <div role="status" className="min-h-16">
          <p className="text-title font-bold">{say(`phase.${call.phase}`)}</p>
          <p className="mx-auto max-w-md text-quiet">{hintFor(call)}</p>
        </div>
        {call.search === null ? null : (
          <SearchNews call={call} search={call.search} wallMs={props.wallMs} records={session.recording_policy === "keep" && props.storage !== "resuming" && props.storage !== "stopped"} />
        )}
        {isUnderWay(call) || call.phase === "connecting" ? (
          <VoiceNotice
            voice={snapshot.voice}
            savedMs={snapshot.savedMs}
            onAgain={props.onMicrophoneAgain}
            onEnd={mayEnd(call) ? () => props.onEnd("microphone_lost") : props.onLeave}
          />
        ) : null}
        {snapshot.soundHeld ? (
          <div className="rounded-lg border border-line bg-raised p-5">
            <p className="mb-3">{say("room.playBlocked")}</p>
            <Button icon="play" onClick={props.onPlay}>
              {say("room.play")}
            </Button>
          </div>
        ) : null}
        <StorageNotice storage={props.storage} />
        {snapshot.voice.byHand === null ? null : (
          <p id="talk-hint" className="max-w-md text-small text-quiet">
            {say("talk.hint")}
          </p>
        )}
        {session.topic.phrases.length === 0 ? null : <Phrases phrases={session.topic.phrases} />}
        {snapshot.provider === "coach" ? (
          <p className="max-w-md text-small text-quiet max-sm:hidden">{say("room.practicePartner")}</p>
        ) : null}
      </section>
      <section className="flex min-h-0 flex-col border-line bg-raised max-lg:border-t lg:border-l">
        <h2 className="sr-only">{say("room.captions")}</h2>
        <Captions captions={snapshot.captions} />
        {snapshot.provider === "coach" ? (
          <p className="border-t border-line px-5 py-2 text-small text-quiet sm:hidden">{say("room.practicePartner")}</p>
        ) : null}
      </section>
    </div>
  );
}

const storageWords = {
  low: "room.storageLow",
  "memory-only": "room.storageMemory",
  resuming: "room.storageResuming",
  stopped: "room.storageStopped",
} as const;

function StorageNotice({ storage }: { storage: StorageState }) {
  return (
    <div role="status" className="max-w-md empty:hidden">
      {storage === "fine" ? null : (
        <p className="rounded-md bg-sunken px-4 py-3 text-left text-small" data-storage={storage}>
          {say(storageWords[storage])}
        </p>
      )}
    </div>
  );
}

function Phrases({ phrases }: { phrases: readonly string[] }) {
  return (
    <details className="group w-full max-w-md rounded-md border border-line bg-raised text-left">
      <summary className="target flex items-center justify-between gap-3 rounded-md px-4 font-semibold">
        {say("room.phrases")}
        <Icon name="chevron" className="size-5 transition-transform group-open:rotate-180" />
      </summary>
      <ul className="space-y-1.5 px-4 pb-4">
        {phrases.map((phrase) => (
          <li key={phrase} className="text-quiet">
            “{phrase}”
          </li>
        ))}
      </ul>
    </details>
  );
}

function Controls({ snapshot, devices, talk, onMute, onAsk, onLeave }: RoomViewProps & { onAsk: () => void }) {
  const { call, voice } = snapshot;
  const muteable = isUnderWay(call) || call.phase === "connecting";
  return (
    <footer className="flex items-center justify-between gap-3 border-t border-line bg-raised px-4 pt-3 pb-[max(0.75rem,env(safe-area-inset-bottom))] sm:px-6">
      <div className="flex">
        <Button
          look={call.muted ? "primary" : "plain"}
          icon={call.muted ? "micOff" : "mic"}
          aria-label={call.muted ? say("room.unmute") : say("room.mute")}
          disabled={!muteable}
          onClick={() => onMute(!call.muted)}
          className="rounded-r-none pr-3"
        >
          {/* On a phone there is no room for three words beside each other. */}
          <span className={classes(voice.byHand !== null && "max-sm:sr-only")}>{call.muted ? say("room.unmuteShort") : say("room.muteShort")}</span>
        </Button>
        <DeviceMenu devices={devices} microphoneId={voice.device?.deviceId ?? null} disabled={!muteable} />
      </div>
      {voice.byHand === null ? null : (
        <TalkButton talk={talk} speaking={voice.byHand.speaking} disabled={!isLive(call.phase) || call.muted} />
      )}
      {call.phase === "connecting" && !call.held ? (
        <Button look="plain" onClick={onLeave}>
          {say("room.leave")}
        </Button>
      ) : (
        <Button look="danger" icon="phoneOff" disabled={!mayEnd(call)} onClick={onAsk}>
          {say("room.end")}
        </Button>
      )}
    </footer>
  );
}

function EndQuestion({ open, elapsedMs, onEnd, onClose }: { open: boolean; elapsedMs: number; onEnd: () => void; onClose: () => void }) {
  return (
    <Dialog open={open} title={say("room.endTitle")} text={say("room.endText", { elapsed: lengthInWords(elapsedMs) })} onClose={onClose}>
      <div className="mt-7 flex flex-wrap justify-end gap-3">
        <Button look="plain" onClick={onClose}>
          {say("room.endNo")}
        </Button>
        <Button
          look="danger"
          onClick={() => {
            onClose();
            onEnd();
          }}
        >
          {say("room.endYes")}
        </Button>
      </div>
    </Dialog>
  );
}

/** There is nothing left to end, and it is not saved yet. */
function LeaveQuestion({ open, wordsKept, onStay, onGo }: { open: boolean; wordsKept: boolean; onStay: () => void; onGo: () => void }) {
  return (
    <Dialog open={open} title={say("room.leaveTitle")} text={say(wordsKept ? "room.leaveText" : "room.leaveNotYetText")} onClose={onStay}>
      <div className="mt-7 flex flex-wrap justify-end gap-3">
        {wordsKept ? (
          <Button look="plain" onClick={onGo}>
            {say("room.leaveYes")}
          </Button>
        ) : null}
        <Button onClick={onStay}>{say("room.leaveNo")}</Button>
      </div>
    </Dialog>
  );
}

function Failed({ snapshot, onEnd, onRetry, onLeave }: RoomViewProps) {
  const { trouble, broke, held } = snapshot.call;
  const code = trouble?.code ?? "UNKNOWN";
  const unsavedSignedOut = broke === "saving" && code === "SIGNED_OUT";
  return (
    <div className="flex h-full overflow-y-auto px-4 py-8">
      <p className="sr-only" role="status">
        {say("phase.failed")}
      </p>
      <FailureNotice
        failure={new Failure(code, trouble?.reference ?? null)}
        savedMs={snapshot.savedMs}
        saved={held && (broke === "calling" || unsavedSignedOut) ? say("room.keptSoFar") : undefined}
        // This page has what is to be saved.
        newTab={unsavedSignedOut}
        onWay={onRetry}
        className="m-auto w-full max-w-xl"
        aside={
          unsavedSignedOut ? (
            <Button look="plain" onClick={onRetry}>
              {wordsFor("SAVE_PENDING").way}
            </Button>
          ) : broke === "saving" || code === "SIGNED_OUT" ? null : held ? (
            <Button look="plain" onClick={() => onEnd("connection_lost")}>
              {say("room.endYes")}
            </Button>
          ) : (
            <Button look="plain" onClick={onLeave}>
              {say("room.leave")}
            </Button>
          )
        }
      />
    </div>
  );
}

function Saved({ session, snapshot, upload, unsent }: RoomViewProps) {
  const { durationMs, endReason, trouble, lostTurns } = snapshot.call;
  const words = trouble === null ? null : wordsFor(trouble.code);
  const timeUp = endReason === "time_limit" && trouble === null;
  return (
    <div className="flex h-full overflow-y-auto px-4 py-8">
      <div className="m-auto w-full max-w-xl animate-arrive rounded-lg border border-line bg-raised p-6 text-center sm:p-10">
        {words === null ? null : (
          <div className="mb-8 rounded-md bg-sunken px-4 py-3 text-left" data-failure={trouble?.code}>
            <p className="font-semibold">{words.title}</p>
            <p className="text-quiet">{words.text}</p>
          </div>
        )}
        <span className={classes("inline-flex rounded-full p-4", lostTurns === 0 ? "bg-accent-soft text-accent" : "bg-danger-soft text-danger")}>
          <Icon name={lostTurns === 0 ? "check" : "alert"} className="size-8" />
        </span>
        <div role="status">
          <h2 className="mt-4 text-title">{lostTurns === 0 ? say("room.savedTitle") : say("room.partlySavedTitle")}</h2>
          <p className="mt-1 text-lead">
            {durationMs === null || durationMs < 1000
              ? say("room.savedTextZero")
              : say("room.savedText", { duration: lengthInWords(durationMs) })}
          </p>
          {timeUp ? <p className="mt-1 text-quiet">{say("room.savedTimeUp")}</p> : null}
          <p className="mt-1 text-quiet">
            {lostTurns > 0
              ? say("room.turnsTooLate", { count: lostTurns })
              : session.recording_policy === "keep"
                ? say("room.savedRecordingText")
                : say("room.savedWordsText")}
          </p>
        </div>
        <div className="mx-auto mt-7 max-w-md empty:hidden">{upload}</div>
        <div className="mt-8 flex flex-wrap justify-center gap-3">
          <Link to={paths.session(session.id)} className={buttonClasses(unsent ? "plain" : "primary")}>
            {say("room.seeSession")}
          </Link>
          <Link to={paths.topics()} className={buttonClasses("plain")}>
            {say("room.another")}
          </Link>
        </div>
        {durationMs === null || durationMs < 1000 ? null : <HowWasIt sessionId={session.id} />}
      </div>
    </div>
  );
}
