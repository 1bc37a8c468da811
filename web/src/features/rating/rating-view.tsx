import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import type { Finding, Rating, Session } from "@/api/contract";
import { rateAgain } from "@/api/sessions";
import { Button } from "@/ui/button";
import { FailureNotice } from "@/ui/failure-notice";
import { Icon } from "@/ui/icon";
import { Waiting } from "@/ui/waiting";
import { say } from "@/words/say";
import { clockTime, dateInWords } from "@/words/time";
import { nameOf, sourceOf, valueOf } from "./finding-words";

/** So many places are shown before the rest is asked for. */
const placesShown = 4;

interface RatingViewProps {
  sessionId: string;
  rating: Rating;
  onRated: (session: Session) => void;
  /** Plays a place in the recording; null when there is none. */
  onPlay: ((ms: number) => void) | null;
}

/** How the session went, as far as it could be measured, with the places every number comes from. */
export function RatingView({ sessionId, rating, onRated, onPlay }: RatingViewProps) {
  switch (rating.state) {
    case "none":
      return <p className="text-quiet">{say("rating.none")}</p>;
    case "waiting":
      return (
        <>
          <Waiting text={say("rating.waiting")} />
          {rating.findings.length === 0 ? null : <Findings findings={rating.findings} onPlay={onPlay} />}
        </>
      );
    case "failed":
      return <RateAgain sessionId={sessionId} onRated={onRated} />;
    case "ready":
      return (
        <>
          <p className="text-quiet">{say("rating.measured")}</p>
          <Findings findings={rating.findings} onPlay={onPlay} />
          {rating.rated_at === null ? null : (
            <p className="mt-5 text-small text-quiet">
              {say("rating.revision", { revision: rating.revision, date: dateInWords(rating.rated_at) })}
            </p>
          )}
        </>
      );
  }
}

function RateAgain({ sessionId, onRated }: { sessionId: string; onRated: (session: Session) => void }) {
  const [key, setKey] = useState(() => crypto.randomUUID());
  const again = useMutation({
    mutationFn: () => rateAgain(sessionId, key),
    onSuccess: (session) => {
      setKey(crypto.randomUUID());
      onRated(session);
    },
  });
  if (again.isError) return <FailureNotice failure={again.error} onWay={() => again.mutate()} />;
  return (
    <div role="alert" className="rounded-md bg-sunken p-5">
      <h3 className="text-lead font-bold">{say("rating.failedTitle")}</h3>
      <p className="mt-1 text-quiet">{say("rating.failedText")}</p>
      <Button icon="again" className="mt-4" disabled={again.isPending} onClick={() => again.mutate()}>
        {again.isPending ? say("rating.asking") : say("rating.again")}
      </Button>
    </div>
  );
}

function Findings({ findings, onPlay }: { findings: readonly Finding[]; onPlay: ((ms: number) => void) | null }) {
  const measured = findings.filter((finding) => finding.value !== null);
  const missing = findings.filter((finding) => finding.value === null);
  const groups = (["learner", "session", "coach"] as const).map((subject) => {
    const own = measured.filter((finding) => finding.subject === subject);
    if (own.length === 0) return null;
    return (
      <section key={subject} className="mt-6">
        <h3 className="mb-3 text-small font-semibold text-quiet">
          {say(subject === "learner" ? "rating.you" : subject === "coach" ? "rating.coach" : "rating.session")}
        </h3>
        <ul className="grid gap-3 sm:grid-cols-2">
          {own.map((finding) => (
            <li key={finding.metric}>
              <FindingCard finding={finding} onPlay={onPlay} />
            </li>
          ))}
        </ul>
      </section>
    );
  });
  return (
    <>
      {groups}
      {missing.length === 0 ? null : <NotMeasured findings={missing} />}
    </>
  );
}

/** What has no number says so, with the reason: never a zero. A reason that several share is said once. */
function NotMeasured({ findings }: { findings: readonly Finding[] }) {
  const named = new Map<string, string[]>();
  for (const finding of findings) {
    const reason = finding.not_measured ?? say("rating.notMeasured");
    named.set(reason, [...(named.get(reason) ?? []), nameOf(finding)]);
  }
  return (
    <section className="mt-6">
      <h3 className="mb-2 text-small font-semibold text-quiet">{say("rating.notMeasuredWhy")}</h3>
      <dl className="divide-y divide-line rounded-md border border-line px-4">
        {[...named].map(([reason, names]) => (
          <div key={reason} className="py-3">
            <dt className="font-semibold">{names.join(", ")}</dt>
            <dd className="text-small text-quiet">{reason}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function FindingCard({ finding, onPlay }: { finding: Finding; onPlay: ((ms: number) => void) | null }) {
  const source = sourceOf(finding);
  return (
    <article className="flex h-full flex-col rounded-md border border-line p-4">
      <h4 className="font-semibold">{nameOf(finding)}</h4>
      <p className="mt-0.5 text-title font-bold tabular">{valueOf(finding)}</p>
      {finding.evidence.length === 0 ? null : <Places finding={finding} onPlay={onPlay} />}
      <details className="group mt-auto pt-2">
        <summary className="-mx-2 flex min-h-11 list-none items-center gap-1 rounded-sm px-2 text-small font-medium text-quiet hover:text-ink">
          <Icon name="chevron" className="size-4 transition-transform group-open:rotate-180" />
          {say("rating.definition")}
        </summary>
        <p className="pb-1 text-small">
          {finding.definition}
          {source === null ? null : <span className="text-quiet"> ({source})</span>}
        </p>
      </details>
    </article>
  );
}

/** Where in the recording a number comes from; each place plays. */
function Places({ finding, onPlay }: { finding: Finding; onPlay: ((ms: number) => void) | null }) {
  const [all, setAll] = useState(false);
  const shown = all ? finding.evidence : finding.evidence.slice(0, placesShown);
  const rest = finding.evidence.length - placesShown;
  return (
    <ul aria-label={say("rating.evidence")} className="mt-3 flex flex-wrap gap-1.5">
      {shown.map(({ start_ms: start, end_ms: end }) => (
        <li key={`${start}-${end}`}>
          {onPlay === null ? (
            <span className="inline-flex min-h-11 items-center rounded-full bg-sunken px-3 text-small tabular">{clockTime(start)}</span>
          ) : (
            <button
              type="button"
              aria-label={say("rating.playFrom", { start: clockTime(start), end: clockTime(end) })}
              onClick={() => onPlay(start)}
              className="inline-flex min-h-11 items-center gap-1 rounded-full bg-accent-soft px-3 text-small font-semibold text-accent-deep tabular hover:bg-sunken"
            >
              <Icon name="play" className="size-3.5" />
              {clockTime(start)}
            </button>
          )}
        </li>
      ))}
      {rest > 0 ? (
        <li>
          <button
            type="button"
            onClick={() => setAll(!all)}
            className="inline-flex min-h-11 items-center rounded-full px-3 text-small font-semibold hover:bg-sunken"
          >
            {all ? say("rating.evidenceLess") : say("rating.evidenceMore", { count: rest })}
          </button>
        </li>
      ) : null}
    </ul>
  );
}
