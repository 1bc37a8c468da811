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

type Step = "here" | "looking" | "sending" | "asking-in-browser" | "asking-in-tab" | "leaving" | "failed";

interface Leaving {
  step: Step;
  begin: () => void;
  stay: () => void;
  go: () => void;
}

/**
 * The way out: first what is unsent is sent, and what cannot be sent is asked about. Nobody is out before the server
 * says so.
 */
export function useLeaving(unsent: UnsentWork, onSignedOut: () => void): Leaving {
  const [step, setStep] = useState<Step>("here");
  const attempt = useRef(0);

  const go = () => {
    attempt.current += 1;
    setStep("leaving");
    signOut().then(
      () => {
        unsent.leave();
        setStep("here");
        onSignedOut();
      },
      // Only the server can end a login: until it has, whoever comes next would be this learner.
      () => setStep("failed"),
    );
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

const words = {
  sending: { title: "signOut.sendingTitle", text: "signOut.sendingText" },
  "asking-in-browser": { title: "signOut.title", text: "signOut.inBrowserText" },
  "asking-in-tab": { title: "signOut.title", text: "signOut.inTabText" },
  failed: { title: "signOut.failedTitle", text: "signOut.failedText" },
} as const satisfies Partial<Record<Step, unknown>>;

function hasWords(step: Step): step is keyof typeof words {
  return step in words;
}

/** Says that something is still being sent, asks what to do when it cannot be, and says when signing out did not work. */
export function SignOutQuestion({ leaving }: { leaving: Leaving }) {
  const { step, stay, go } = leaving;
  const open = hasWords(step);
  const { title, text } = words[open ? step : "sending"];
  return (
    <Dialog open={open} title={say(title)} text={say(text)} onClose={() => (open ? stay() : undefined)}>
      <div className="mt-7 flex flex-wrap justify-end gap-3">
        {step === "sending" || step === "failed" ? (
          <>
            <Button look="plain" onClick={stay}>
              {say("signOut.stay")}
            </Button>
            {step === "failed" ? <Button onClick={go}>{say("signOut.again")}</Button> : null}
          </>
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
