import { useMutation, useQuery, useQueryClient, useSuspenseQuery } from "@tanstack/react-query";
import { getRouteApi, useBlocker, useRouter } from "@tanstack/react-router";
import { useCallback, useEffect, useState } from "react";
import type { RecordingPolicy } from "@/api/contract";
import { Problem } from "@/api/problem";
import { createSession, deleteSession, historyKey, sessionKey } from "@/api/sessions";
import { topicQuery } from "@/api/topics";
import { meQuery } from "@/api/users";
import { BeforeCall } from "@/features/practice/before-call";
import { OpenSession } from "@/features/practice/open-session";
import { PracticeCall } from "@/features/practice/practice-call";
import { PracticeRoom } from "@/features/practice/practice-room";
import type { Keeper } from "@/features/practice/saving";
import { useMicrophone } from "@/features/practice/use-microphone";
import { openStudio } from "@/features/recording/recorder";
import { forgetTurns, keepTurns } from "@/features/recording/kept-turns";
import { UploadStatus, useUpload } from "@/features/recording/upload-status";
import { forgetUpload } from "@/features/recording/uploads";
import { paths } from "@/paths";
import { FailureNotice } from "@/ui/failure-notice";
import { say } from "@/words/say";
import { Frame } from "./frame";

const route = getRouteApi("/practise/$topicId");

/** From "what is this about" to "saved". The address stays the same; a running call must not depend on it. */
export function PractisePage() {
  const { topicId } = route.useParams();
  const { data: topic } = useSuspenseQuery(topicQuery(topicId));
  const queries = useQueryClient();
  const { history } = useRouter();
  const learnerId = useQuery(meQuery()).data?.id ?? "";
  const microphone = useMicrophone(useCallback((stream) => openStudio(stream, learnerId), [learnerId]));
  const [policy, setPolicy] = useState<RecordingPolicy>("keep");
  const [key, setKey] = useState(() => crypto.randomUUID());
  const [practice, setPractice] = useState<PracticeCall | null>(null);
  const [precious, setPrecious] = useState(false);
  const blocker = useBlocker({ shouldBlockFn: () => precious, enableBeforeUnload: () => precious, withResolver: true });

  const upload = useUpload(practice?.session.id);

  useEffect(() => () => practice?.close(), [practice]);

  const start = useMutation({
    mutationFn: () => createSession(key, { topic_id: topicId, recording_policy: policy }),
    onSuccess: (session) => {
      setKey(crypto.randomUUID());
      const studio = microphone.take();
      if (studio === null) return;
      const call = new PracticeCall(session, studio, keeperOf(learnerId, session.id), () => {
        void queries.invalidateQueries({ queryKey: historyKey });
        queries.removeQueries({ queryKey: sessionKey(session.id) });
      });
      setPractice(call);
      call.dial();
    },
    // A lost answer is asked for again with the same key; a refusal is an answer, and the next start is a new one.
    onError: (thrown) => {
      if (thrown instanceof Problem && thrown.status !== 0) setKey(crypto.randomUUID());
    },
  });

  /** A practice in which nobody was heard leaves nothing behind. */
  const giveUp = useCallback(() => {
    if (practice === null) return;
    practice.close();
    setPractice(null);
    forgetUpload(practice.session.id);
    // If this fails the session stays open, and the next start offers to end it.
    deleteSession(practice.session.id).catch(() => undefined);
  }, [practice]);

  if (practice !== null) {
    return (
      <>
        <title>{say("app.titled", { page: say("room.title", { topic: topic.title }) })}</title>
        <PracticeRoom
          practice={practice}
          leaving={blocker.status === "blocked"}
          onStay={() => blocker.reset?.()}
          onPrecious={setPrecious}
          onLeave={() => {
            giveUp();
            history.push(paths.topics());
          }}
          onCheckAgain={giveUp}
          upload={<UploadStatus sessionId={practice.session.id} />}
          unsent={upload?.state === "failed"}
        />
      </>
    );
  }

  const openId = alreadyOpen(start.error);
  return (
    <Frame title={topic.title}>
      <BeforeCall
        topic={topic}
        policy={policy}
        onPolicy={(next) => {
          setPolicy(next);
          setKey(crypto.randomUUID());
        }}
        microphone={microphone}
        starting={start.isPending}
        onStart={() => start.mutate()}
        obstacle={
          !start.isError ? null : openId === null ? (
            <FailureNotice inside failure={start.error} onWay={() => start.mutate()} />
          ) : (
            <OpenSession failure={start.error} sessionId={openId} onEnded={() => start.mutate()} />
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

function keeperOf(learnerId: string, sessionId: string): Keeper {
  return {
    keep: (draft) => keepTurns(learnerId, sessionId, draft),
    forget: () => forgetTurns(sessionId),
  };
}
