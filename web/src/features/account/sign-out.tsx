import { useRef, useState } from "react";
import { signOut } from "@/api/users";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { say } from "@/words/say";

/** Where something lies that is not on the server. */
type Left = "nothing" | "in-browser" | "in-tab";

/** What a learner who signs out may leave behind. */
export interface UnsentWork {
  look: () => Promise<Left>;
  /** Tries for a moment to send it, and says what is left. */
  send: () => Promise<Left>;
  /** Sends nothing more in this tab. */
  leave: () => void;
}

type Step = "here" | "looking" | "sending" | "asking-in-browser" | "asking-in-tab" | "leaving";

interface Leaving {
  step: Step;
  begin: () => void;
  stay: () => void;
  go: () => void;
}

/** The way out: first what is unsent is sent, and what cannot be sent is asked about. */
export function useLeaving(unsent: UnsentWork, onSignedOut: () => void): Leaving {
  const [step, setStep] = useState<Step>("here");
  const attempt = useRef(0);

  const go = () => {
    attempt.current += 1;
    setStep("leaving");
    unsent.leave();
    // Signed out here even when the server could not be told: the cookies end by themselves.
    void signOut()
      .catch(() => undefined)
      .then(() => {
        setStep("here");
        onSignedOut();
      });
  };
  const begin = () => {
    attempt.current += 1;
    const mine = attempt.current;
    const run = async () => {
      setStep("looking");
      let left = await unsent.look();
      if (left !== "nothing" && attempt.current === mine) {
        setStep("sending");
        left = await unsent.send();
      }
      if (attempt.current !== mine) return;
      if (left === "nothing") go();
      else setStep(left === "in-tab" ? "asking-in-tab" : "asking-in-browser");
    };
    void run();
  };
  const stay = () => {
    attempt.current += 1;
    setStep("here");
  };
  return { step, begin, stay, go };
}

/** Says that something is still being sent, and asks what to do when it cannot be. */
export function SignOutQuestion({ leaving }: { leaving: Leaving }) {
  const { step, stay, go } = leaving;
  const sending = step === "sending";
  const asking = step === "asking-in-browser" || step === "asking-in-tab";
  return (
    <Dialog
      open={sending || asking}
      title={sending ? say("signOut.sendingTitle") : say("signOut.title")}
      text={sending ? say("signOut.sendingText") : step === "asking-in-tab" ? say("signOut.inTabText") : say("signOut.inBrowserText")}
      onClose={() => (sending || asking ? stay() : undefined)}
    >
      <div className="mt-7 flex flex-wrap justify-end gap-3">
        {sending ? (
          <Button look="plain" onClick={stay}>
            {say("signOut.stay")}
          </Button>
        ) : (
          <>
            <Button look="plain" onClick={go}>
              {say("signOut.go")}
            </Button>
            <Button onClick={stay}>{say("signOut.stayAndSend")}</Button>
          </>
        )}
      </div>
    </Dialog>
  );
}
