import type { ReactNode } from "react";
import { paths } from "../paths";
import { failureOf, wordsFor } from "../words/failure";
import type { FailureCode } from "../words/failure-codes";
import { say } from "../words/say";
import { Button, buttonClasses } from "./button";
import { classes } from "./classes";
import { Icon } from "./icon";
import { Link } from "./link";
import { useCopy } from "./use-copy";

/** Where the way forward leads, for the failures that asking again would not heal. */
function placeAfter(code: FailureCode): string | null {
  switch (code) {
    case "SIGNED_OUT":
      return paths.signIn(window.location.pathname + window.location.search);
    case "NOT_FOUND":
    case "TOPIC_GONE":
      return paths.topics();
    case "QUOTA_REACHED":
    case "ALREADY_ENDED":
    case "RECORDING_REFUSED":
    case "REFUSED_ONLY_HERE":
      return paths.history();
    default:
      return null;
  }
}

interface FailureNoticeProps {
  failure: unknown;
  /** How much of a running practice is safe. */
  savedMs?: number;
  /** What is safe, where the failure itself cannot know it. */
  saved?: string | undefined;
  /** The one way forward, where it is not a place to go to. */
  onWay?: (() => void) | undefined;
  /** Set when the way forward leads to a place, and this page is still needed. */
  newTab?: boolean;
  /** A quiet way out beside it. */
  aside?: ReactNode;
  busy?: boolean;
  /** Set when this is all there is on the page. */
  page?: boolean;
  /** Set when it stands inside a card already. */
  inside?: boolean;
  className?: string;
}

/** What went wrong, what is safe, what to do next, and what to quote when asking for help. */
export function FailureNotice({ failure, savedMs, saved, onWay, newTab, aside, busy, page, inside, className }: FailureNoticeProps) {
  const { code, reference } = failureOf(failure);
  const words = wordsFor(code, savedMs);
  const place = placeAfter(code);
  const Heading = page === true ? "h1" : "h2";
  // Nothing broke: the time is up.
  const timeIsUp = code === "QUOTA_REACHED";
  return (
    <section
      role="alert"
      data-failure={code}
      className={classes(
        "animate-arrive text-left",
        inside !== true && "rounded-lg border border-line bg-raised p-6 sm:p-8",
        page === true && "mx-auto w-full max-w-xl",
        className,
      )}
    >
      <div className="flex items-start gap-4">
        <span className={classes("mt-0.5 rounded-full p-2.5", timeIsUp ? "bg-sunken" : "bg-danger-soft text-danger")}>
          <Icon name={timeIsUp ? "clock" : "alert"} />
        </span>
        <div className="min-w-0 flex-1">
          <Heading className={page === true ? "text-title" : "text-lead font-bold"}>{words.title}</Heading>
          <p className="mt-1.5 text-quiet">{words.text}</p>
          <p className="mt-3 flex items-start gap-2 font-medium">
            <Icon name="check" className="mt-1 size-4 text-accent" />
            {saved ?? words.saved}
          </p>
          <div className="mt-6 flex flex-wrap items-center gap-3 empty:hidden">
            {place === null ? null : (
              <Link to={place} className={buttonClasses()} {...(newTab === true && { target: "_blank" })}>
                {words.way}
                {newTab === true ? <span className="sr-only"> {say("general.newTab")}</span> : null}
              </Link>
            )}
            {place !== null || onWay === undefined ? null : (
              <Button onClick={onWay} disabled={busy === true}>
                {words.way}
              </Button>
            )}
            {aside}
          </div>
        </div>
      </div>
      {reference === null ? null : <Reference value={reference} />}
    </section>
  );
}

/** The trace id, ready to be copied. */
export function Reference({ value, bare = false }: { value: string; bare?: boolean }) {
  const { copying, copy } = useCopy(value);
  const copied = copying === "copied";
  return (
    <div
      className={classes(
        "flex flex-wrap items-center gap-x-2 text-small text-quiet",
        !bare && "mt-5 border-t border-line pt-3",
      )}
    >
      <span>{say("failure.reference")}</span>
      <code className="font-sans break-all select-all tabular">{value}</code>
      <button
        type="button"
        onClick={copy}
        className="target inline-flex items-center gap-1.5 rounded-full px-3 font-semibold text-ink hover:bg-sunken max-sm:-ml-3"
      >
        <Icon name={copied ? "check" : "copy"} className="size-4" />
        <span aria-live="polite">{copied ? say("failure.copied") : say("failure.copy")}</span>
      </button>
    </div>
  );
}
