import { useMutation } from "@tanstack/react-query";
import type { Feedback } from "@/api/contract";
import { sendFeedback } from "@/api/sessions";
import { Button } from "@/ui/button";
import { FailureNotice } from "@/ui/failure-notice";
import { say } from "@/words/say";

const answers = ["good", "fair", "poor"] as const satisfies readonly Feedback[];

/** Asks once how the practice was. Nobody has to answer, and the first answer counts. */
export function HowWasIt({ sessionId }: { sessionId: string }) {
  const given = useMutation({ mutationFn: (feedback: Feedback) => sendFeedback(sessionId, feedback) });
  const closed = given.isPending || given.isSuccess;
  return (
    <section className="mt-8 border-t border-line pt-6">
      <h3 id="how-was-it" className="font-semibold">
        {say("feedback.question")}
      </h3>
      <div role="group" aria-labelledby="how-was-it" className="mt-3 flex flex-wrap justify-center gap-2">
        {answers.map((feedback) => {
          const chosen = given.variables === feedback && closed;
          return (
            <Button
              key={feedback}
              look="plain"
              aria-pressed={chosen}
              // What is disabled loses the focus, and with it whoever moves by keyboard loses their place.
              aria-disabled={closed && !chosen}
              onClick={() => {
                if (!closed) given.mutate(feedback);
              }}
              className="aria-pressed:border-accent aria-pressed:bg-accent-soft aria-pressed:text-accent-deep"
            >
              {say(`feedback.${feedback}`)}
            </Button>
          );
        })}
      </div>
      <p role="status" className="mt-3 text-small text-quiet empty:hidden">
        {given.isSuccess ? say("feedback.thanks") : null}
      </p>
      {given.isError ? (
        <FailureNotice inside failure={given.error} onWay={() => given.mutate(given.variables)} className="mt-5 text-left" />
      ) : null}
    </section>
  );
}
