import { useRouter } from "@tanstack/react-router";
import { FailureNotice } from "@/ui/failure-notice";
import { Failure, failureOf, wordsFor } from "@/words/failure";
import { Frame } from "./frame";

/** Any page that could not be shown: what happened, and the way on. */
export function FailedPage({ error }: { error: unknown }) {
  const router = useRouter();
  const failure = failureOf(error);
  return (
    <Frame title={wordsFor(failure.code).title}>
      <div className="px-4 py-14 sm:py-24">
        <FailureNotice page failure={failure} onWay={() => void router.invalidate()} />
      </div>
    </Frame>
  );
}

export function NotFoundPage() {
  return <FailedPage error={new Failure("NOT_FOUND")} />;
}
