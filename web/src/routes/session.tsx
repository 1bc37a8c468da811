import { useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, useRouter } from "@tanstack/react-router";
import { useCallback, useEffect, useState } from "react";
import type { Session } from "@/api/contract";
import { historyKey, sessionKey, sessionQuery } from "@/api/sessions";
import { traceIdOf } from "@/api/trace";
import { meQuery } from "@/api/users";
import { useEndLeftOpen } from "@/features/practice/open-session";
import { RatingView } from "@/features/rating/rating-view";
import { forgetTurns, keptTurns } from "@/features/recording/kept-turns";
import { UploadStatus, useUpload } from "@/features/recording/upload-status";
import { finishUploads, forgetUpload } from "@/features/recording/uploads";
import { BrokenOff, Linked } from "@/features/session/came-about";
import { DeleteSession } from "@/features/session/delete-session";
import { gapsBetween } from "@/features/session/gaps";
import { LateWords } from "@/features/session/late-words";
import { Playback } from "@/features/session/playback";
import { RecordingPlayer } from "@/features/session/player";
import { useSessionEvents } from "@/features/session/session-events";
import { TranscriptView } from "@/features/session/transcript-view";
import { paths } from "@/paths";
import { Button, buttonClasses } from "@/ui/button";
import { Chip } from "@/ui/chip";
import { FailureNotice, Reference } from "@/ui/failure-notice";
import { Icon } from "@/ui/icon";
import { Link } from "@/ui/link";
import { Waiting } from "@/ui/waiting";
import { Failure } from "@/words/failure";
import { say } from "@/words/say";
import { dateInWords, lengthInWords } from "@/words/time";
import { Frame } from "./frame";

const route = getRouteApi("/sessions/$sessionId");

export function SessionPage() {
  const { sessionId } = route.useParams();
  const session = useQuery(sessionQuery(sessionId));
  const queries = useQueryClient();
  const { history } = useRouter();
  const [deletedElsewhere, setDeletedElsewhere] = useState(false);

  const clear = useCallback(() => {
    forgetUpload(sessionId);
    queries.removeQueries({ queryKey: sessionKey(sessionId) });
    void queries.invalidateQueries({ queryKey: historyKey });
  }, [queries, sessionId]);
  const onDeletedElsewhere = useCallback(() => {
    setDeletedElsewhere(true);
    clear();
  }, [clear]);
  useSessionEvents(sessionId, onDeletedElsewhere);

  const failure = deletedElsewhere ? new Failure("NOT_FOUND") : session.error;
  if (session.data === undefined || deletedElsewhere) {
    return (
      <Frame title={say("session.titleLoading")} sessionId={sessionId}>
        <div className="mx-auto max-w-6xl px-4 py-14 sm:px-6">
          {failure === null ? (
            <Waiting text={say("general.loading")} />
          ) : (
            <FailureNotice page failure={failure} onWay={() => void session.refetch()} />
          )}
        </div>
      </Frame>
    );
  }
  return (
    <SessionView
      session={session.data}
      onChanged={(changed) => queries.setQueryData(sessionKey(sessionId), changed)}
      onEnded={(ended) => {
        queries.setQueryData(sessionKey(sessionId), ended);
        // What the tab that was lost recorded lies here still.
        const learner = queries.getQueryData(meQuery().queryKey);
        if (learner) void finishUploads(learner.id).catch(() => undefined);
      }}
      onDeleted={() => {
        clear();
        history.push(paths.history());
      }}
    />
  );
}

interface SessionViewProps {
  session: Session;
  onChanged: (session: Session) => void;
  onEnded: (session: Session) => void;
  onDeleted: () => void;
}

function SessionView({ session, onChanged, onEnded, onDeleted }: SessionViewProps) {
  const [playback] = useState(() => new Playback());
  useEffect(() => () => playback.load(null), [playback]);
  const playable = session.recording.state === "ready";
  const upload = useUpload(session.id);
  const sending = upload !== undefined && upload.state !== "sent";
  return (
    <Frame title={session.topic.title} sessionId={session.id}>
      <div className="mx-auto max-w-6xl px-4 py-8 sm:px-6 sm:py-12">
        <Link
          to={paths.history()}
          className="target -ml-3 inline-flex items-center gap-2 rounded-full px-3 font-semibold text-quiet hover:text-ink"
        >
          <Icon name="arrowLeft" />
          {say("session.back")}
        </Link>
        <div className="mt-3 flex flex-wrap items-center gap-x-4 gap-y-2 text-small text-quiet">
          <Chip tone="accent">{session.topic.level}</Chip>
          <span>{dateInWords(session.started_at)}</span>
          {session.duration_ms === null ? null : <span>{lengthInWords(session.duration_ms)}</span>}
          {session.end_reason === "interrupted" ? <Chip tone="danger">{say("session.interrupted")}</Chip> : null}
        </div>
        <h1 className="mt-3 text-display">{session.topic.title}</h1>
        <Linked session={session} />

        {session.state === "open" ? <StillOpen session={session} onEnded={onEnded} /> : <BrokenOff session={session} />}
        {session.state === "open" ? null : (
          <LateWords
            session={session}
            kept={async () => (await keptTurns(session.id))?.turns ?? []}
            letGo={() => forgetTurns(session.id)}
          />
        )}

        {session.state === "open" ? null : (
          <section aria-labelledby="recording" className="mt-8 rounded-lg border border-line bg-raised p-5 sm:p-7">
            <h2 id="recording" className="sr-only">
              {say("session.recording")}
            </h2>
            {sending ? (
              <UploadStatus sessionId={session.id} />
            ) : (
              <RecordingPlayer
                recording={session.recording}
                playback={playback}
                gaps={gapsBetween(session.transcript.calls)}
              />
            )}
          </section>
        )}

        <div className="mt-10 grid gap-12 lg:grid-cols-2 lg:gap-14">
          <section aria-labelledby="transcript">
            <h2 id="transcript" className="mb-4 text-title">
              {say("session.transcript")}
            </h2>
            <TranscriptView transcript={session.transcript} playback={playback} playable={playable} />
          </section>
          {session.state === "open" ? null : (
            <section aria-labelledby="rating">
              <h2 id="rating" className="mb-4 text-title">
                {say("session.rating")}
              </h2>
              <RatingView
                sessionId={session.id}
                rating={session.rating}
                onRated={onChanged}
                onPlay={playable ? (ms) => playback.seek(ms, true) : null}
              />
            </section>
          )}
        </div>

        <div className="mt-14 flex flex-wrap items-center justify-between gap-4 border-t border-line pt-6">
          <ReferenceLine sessionId={session.id} />
          <DeleteSession sessionId={session.id} onDeleted={onDeleted} />
        </div>
      </div>
    </Frame>
  );
}

function ReferenceLine({ sessionId }: { sessionId: string }) {
  const reference = traceIdOf(sessionId);
  return reference === null ? <span /> : <Reference value={reference} bare />;
}

function StillOpen({ session, onEnded }: { session: Session; onEnded: (session: Session) => void }) {
  const end = useEndLeftOpen(session.id, keptTurns, onEnded);
  return (
    <section className="mt-8 max-w-2xl rounded-lg border border-accent bg-accent-soft p-6 sm:p-7">
      <h2 className="text-title">{say("session.stillOpenTitle")}</h2>
      <p className="mt-1.5">{say("session.stillOpenText")}</p>
      {end.isError ? <FailureNotice inside failure={end.error} onWay={() => end.mutate()} className="mt-5" /> : null}
      {end.isError ? null : (
        <div className="mt-5 flex flex-wrap gap-3">
          <Link to={paths.comeBack(session.topic.id, session.id)} className={buttonClasses()}>
            {say("open.continue")}
          </Link>
          <Button look="plain" disabled={end.isPending} onClick={() => end.mutate()}>
            {end.isPending ? say("open.ending") : say("session.endAndSave")}
          </Button>
        </div>
      )}
    </section>
  );
}
