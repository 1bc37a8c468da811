import { isPassing } from "@/api/client";
import type { EndReason, Session } from "@/api/contract";
import type { Draft, KeptDraft } from "@/api/draft";
import { missingTurns } from "@/api/missing-turns";
import { Problem, unreachable } from "@/api/problem";
import { finalizeSession, readSession, saveTranscript } from "@/api/sessions";
import { Failure, failureOf } from "@/words/failure";
import type { FailureCode } from "@/words/failure-codes";

/** Turns that end close together are saved together. */
const saveAfterMs = 400;
/** What did not get through is sent again by itself, even when nobody says anything more. */
const saveAgainAfterMs = 5_000;
/** An answer that takes longer is not waited for: the next attempt is given the same one. */
const answerWithinMs = 15_000;

/** All that was said, and how it ended. */
export interface Whole extends Draft {
  duration_ms: number;
  end_reason: EndReason;
}

/** What became of an ending. */
export interface Sealed {
  session: Session;
  /** Turns that are not in it: it was ended elsewhere before they came. */
  lostTurns: number;
}

/** Where words wait that the server may not have. One tab at a time minds those of a practice. */
export interface Keeper {
  /** Resolves to false where this browser keeps nothing. */
  keep: (draft: KeptDraft) => Promise<boolean>;
  forget: () => Promise<void>;
  /** Lets another tab mind them. */
  release: () => void;
}

interface SavingNews {
  /** The words up to here are on the server. */
  onSaved: (untilMs: number) => void;
  /** The session was ended or deleted elsewhere. */
  onElsewhere: (problem: Problem) => void;
}

/** Brings the words to the server: in part while they are said, and whole at the end. */
export class Saving {
  private revision: number;
  private saved = "";
  private timer: ReturnType<typeof setTimeout> | undefined;
  private running: Promise<void> = Promise.resolve();
  private stopped = false;
  private readonly finalizeKey = crypto.randomUUID();

  constructor(
    private readonly session: Session,
    private readonly keeper: Keeper,
    private readonly draft: () => Draft,
    private readonly news: SavingNews,
  ) {
    this.revision = session.transcript.revision;
  }

  /** Something changed that is worth saving. */
  soon(afterMs = saveAfterMs): void {
    if (this.stopped) return;
    this.keep();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.running = this.running.then(() => this.savePart());
    }, afterMs);
  }

  /** No more parts: what is under way is waited for. */
  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.running;
  }

  /** What is not on the server waits in this browser, also when this tab does not live to send it. */
  private keep(): void {
    const draft = this.draft();
    if (draft.turns.length === 0 || JSON.stringify(draft) === this.saved) return;
    void this.keeper.keep({ revision: this.revision + 1, ...draft });
  }

  /** A failure is no trouble to the learner: it is tried again, and the end saves everything. */
  private async savePart(): Promise<void> {
    if (this.stopped) return;
    const draft = this.draft();
    const content = JSON.stringify(draft);
    if (draft.turns.length === 0 || content === this.saved) return;
    this.revision += 1;
    try {
      await saveTranscript(this.session.id, this.revision, draft.turns, draft.calls);
      this.saved = content;
      // What was said meanwhile still waits.
      if (JSON.stringify(this.draft()) === content) await this.keeper.forget();
      this.news.onSaved(Math.max(...draft.turns.map((turn) => turn.end_ms)));
    } catch (thrown) {
      if (!(thrown instanceof Problem)) return;
      if (thrown.slug === "stale-revision") {
        const known = Number(thrown.extension["revision"]);
        if (Number.isFinite(known)) this.revision = Math.max(this.revision, known);
        this.soon();
      } else if (thrown.slug === "transcript-finalized" || thrown.status === 404) {
        this.news.onElsewhere(thrown);
      } else if (isPassing(thrown)) {
        this.soon(saveAgainAfterMs);
      }
    }
  }

  /** Keeps all of it in this browser until it is sealed. Resolves to false where that cannot be. */
  async keepWhole({ turns, calls }: Draft): Promise<boolean> {
    return this.keeper.keep({ revision: this.revision + 1, turns, calls });
  }

  /** Tries once to seal the session. Throws a `Failure` that says what the learner may do: `SAVE_PENDING` may pass by itself. */
  async finalize(ending: Whole): Promise<Sealed> {
    const { turns } = ending;
    try {
      const session = await answered(this.seal(ending));
      const lostTurns = missingTurns(turns, session.transcript.turns).length;
      // What is sealed stays as it is: then nobody has these words but this browser.
      if (lostTurns === 0) await this.keeper.forget();
      return { session, lostTurns };
    } catch (thrown) {
      const failure = failureOf(thrown);
      const code = isPassing(thrown) || mayPass.has(failure.code) ? "SAVE_PENDING" : failure.code;
      throw new Failure(code, failure.reference, thrown);
    }
  }

  private async seal(ending: Whole): Promise<Session> {
    try {
      return await finalizeSession(this.session.id, this.finalizeKey, ending);
    } catch (thrown) {
      // It was ended elsewhere: that ending stands, whatever it has of ours.
      if (thrown instanceof Problem && thrown.slug === "already-finalized") return readSession(this.session.id);
      throw thrown;
    }
  }
}

async function answered<Answer>(asked: Promise<Answer>): Promise<Answer> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(unreachable()), answerWithinMs);
  });
  try {
    return await Promise.race([asked, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Failures of saving that time may heal while the tab stays open. */
const mayPass: ReadonlySet<FailureCode> = new Set(["UNKNOWN", "TOO_MANY"]);
