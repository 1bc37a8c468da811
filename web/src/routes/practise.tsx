import { useMutation, useQuery, useQueryClient, useSuspenseQuery } from "@tanstack/react-query";
import { getRouteApi, useBlocker, useRouter } from "@tanstack/react-router";
import { useCallback, useEffect, useState } from "react";
import type { RecordingPolicy } from "@/api/contract";
import { minutesQuery } from "@/api/minutes";
import { Problem } from "@/api/problem";
import { deleteSession, historyKey, sessionKey, sessionQuery } from "@/api/sessions";
import { measured } from "@/api/telemetry";
import { topicQuery } from "@/api/topics";
import { meQuery } from "@/api/users";
import { BeforeCall } from "@/features/practice/before-call";
import { continuationOf } from "@/features/practice/continuation";
import { Earlier } from "@/features/practice/earlier";
import { enter, type Entered } from "@/features/practice/enter";
import { OpenSession } from "@/features/practice/open-session";
import { type Continuation, PracticeCall } from "@/features/practice/practice-call";
import { PracticeRoom } from "@/features/practice/practice-room";
import type { Keeper } from "@/features/practice/saving";
import { useMicrophone } from "@/features/practice/use-microphone";
import { usePace } from "@/features/practice/use-pace";
import { Waits } from "@/features/practice/waits";
import { openStudio } from "@/features/recording/recorder";
import { zeroOf } from "@/features/recording/kept";
import { forgetTurns, keepTurns, keptTurns } from "@/features/recording/kept-turns";
import { claim, practiceIn, type Release } from "@/features/recording/locks";
import { UploadStatus, useUpload } from "@/features/recording/upload-status";
import { forgetUpload } from "@/features/recording/uploads";
import { paths } from "@/paths";
import { FailureNotice } from "@/ui/failure-notice";
import { Waiting } from "@/ui/waiting";
import { say } from "@/words/say";
import { Frame } from "./frame";

const route = getRouteApi("/practise/$topicId");

/**
 * From "what is this about" to "saved". Once a practice has begun the address names it, so that a page that is loaded
 * anew goes on with it; a running call does not depend on the address.
 */
export function PractisePage() {
  const { topicId } = route.useParams();
  const { session: begunId, continues } = route.useSearch();
  const earlierId = begunId ?? continues;
  const { data: topic } = useSuspenseQuery(topicQuery(topicId));
  const queries = useQueryClient();
  const { history } = useRouter();
  const learnerId = useQuery(meQuery()).data?.id ?? "";
  const microphone = useMicrophone(useCallback((stream) => openStudio(stream, learnerId), [learnerId]), learnerId);
  const pace = usePace();
  const [policy, setPolicy] = useState<RecordingPolicy>("keep");
  const [key, setKey] = useState(() => crypto.randomUUID());
  const [practice, setPractice] = useState<PracticeCall | null>(null);
  const [precious, setPrecious] = useState(false);
  const blocker = useBlocker({ shouldBlockFn: () => precious, enableBeforeUnload: () => precious, withResolver: true });

  const earlier = useQuery({ ...sessionQuery(earlierId ?? ""), enabled: earlierId !== undefined && practice === null });
  // What is over cannot be come back into; its page says what became of it, and how to go on.
  const isOver = practice === null && begunId !== undefined && earlier.data?.state === "finalized";
  useEffect(() => {
    if (isOver) history.replace(paths.session(begunId));
  }, [isOver, begunId, history]);

  const minutes = useQuery({ ...minutesQuery(), enabled: practice === null }).data;
  const upload = useUpload(practice?.session.id);

  useEffect(() => () => practice?.close(), [practice]);

  const start = useMutation({
    mutationFn: async () => {
      const clicked = performance.now();
      const entered = await enter(key, { topicId, policy, session: begunId, continues }, (id) => claim(practiceIn(id)));
      return { ...entered, clicked, from: await whereItGoesOn(entered) };
    },
    onSuccess: ({ session, clicked, from, release }) => {
      setKey(crypto.randomUUID());
      const studio = microphone.take();
      if (studio === null) {
        release();
        return;
      }
      const call = new PracticeCall(session, studio, keeperOf(learnerId, session.id, release), () => {
        void queries.invalidateQueries({ queryKey: historyKey });
        queries.removeQueries({ queryKey: sessionKey(session.id) });
      }, from, pace.pace);
      history.replace(paths.comeBack(topicId, session.id), undefined, { ignoreBlocker: true });
      setPractice(call);
      const waits = new Waits(clicked, call.read().call, (measure, ms) => measured(measure, ms, session.id));
      call.subscribe(() => waits.see(call.read().call));
      call.dial();
    },
    // A lost answer is asked for again with the same key; a refusal is an answer, and the next start is a new one.
    onError: (thrown) => {
      if (thrown instanceof Problem && thrown.status !== 0) setKey(crypto.randomUUID());
    },
  });

  /** A practice in which nobody was heard leaves nothing behind; one that was begun before waits. */
  const giveUp = useCallback(() => {
    if (practice === null) return;
    practice.close();
    setPractice(null);
    if (practice.read().call.held) return;
    history.replace(paths.practise(topicId), undefined, { ignoreBlocker: true });
    forgetUpload(practice.session.id);
    // If this fails the session stays open, and the next start offers to end it.
    deleteSession(practice.session.id).catch(() => undefined);
  }, [practice, history, topicId]);

  if (practice !== null) {
    return (
      <>
        <title>{say("app.titled", { page: say("room.title", { topic: topic.title }) })}</title>
        <PracticeRoom
          practice={practice}
          leaving={blocker.status === "blocked"}
          onStay={() => blocker.reset?.()}
          onGo={() => blocker.proceed?.()}
          onPrecious={setPrecious}
          onLeave={() => {
            giveUp();
            history.push(paths.topics());
          }}
          upload={<UploadStatus sessionId={practice.session.id} />}
          unsent={upload?.state === "failed"}
        />
      </>
    );
  }

  if (earlierId !== undefined && (earlier.data === undefined || isOver)) {
    return (
      <Frame title={topic.title}>
        <div className="mx-auto max-w-6xl px-4 py-14 sm:px-6">
          {earlier.error === null ? (
            <Waiting text={say("general.loading")} />
          ) : (
            <FailureNotice page failure={earlier.error} onWay={() => void earlier.refetch()} />
          )}
        </div>
      </Frame>
    );
  }

  const openId = alreadyOpen(start.error);
  return (
    <Frame title={topic.title}>
      <BeforeCall
        topic={topic}
        comesBack={begunId !== undefined}
        earlier={earlier.data === undefined ? null : <Earlier session={earlier.data} comesBack={begunId !== undefined} />}
        policy={policy}
        onPolicy={(next) => {
          setPolicy(next);
          setKey(crypto.randomUUID());
        }}
        microphone={microphone}
        pace={pace}
        minutes={minutes}
        starting={start.isPending}
        onStart={() => start.mutate()}
        obstacle={
          !start.isError ? null : openId === null ? (
            <FailureNotice inside failure={start.error} onWay={() => start.mutate()} />
          ) : (
            <OpenSession
              failure={start.error}
              sessionId={openId}
              draftOf={keptTurns}
              onContinue={(path) => {
                start.reset();
                history.push(path);
              }}
              onEnded={() => start.mutate()}
            />
          )
        }
      />
    </Frame>
  );
}

function alreadyOpen(error: unknown): string | null {
  if (!(error instanceof Problem) || error.slug !== "session-already-open") return null;
  const id = error.extension["session_id"];
  return typeof id === "string" ? id : null;
}

/** Where a practice goes on: what was said in it, and in the one it continues. */
async function whereItGoesOn({ session, before }: Entered): Promise<Continuation> {
  const [draft, zero] = await Promise.all([keptTurns(session.id), zeroOf(session.id)]);
  return continuationOf(session, { draft, zero }, before, Date.now());
}

function keeperOf(learnerId: string, sessionId: string, release: Release): Keeper {
  return {
    keep: (draft) => keepTurns(learnerId, sessionId, draft),
    forget: () => forgetTurns(sessionId),
    release,
  };
}
