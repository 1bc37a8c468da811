/** Whether the key is down, and why it is. */
type Key = "up" | "held" | "locked" | "rising";

/** What speaking by hand does to the call. */
export interface ByHand {
  /** The coach is heard, or about to be. */
  coachHasTheFloor: () => boolean;
  /** The coach falls silent. */
  interrupt: () => void;
  /** What was heard before is forgotten, and the coach hears the learner from now on. */
  open: () => void;
  /** The coach hears the learner no longer. */
  close: () => void;
  /** What was heard is a turn, and the coach replies. */
  finish: () => void;
  /** What was heard was nothing. */
  forget: () => void;
  /** Whether the learner is speaking. */
  onSpeaking: (speaking: boolean) => void;
}

/** A shorter press locks the key: who cannot hold it taps to begin and taps to end. */
const tapMs = 350;
/** Sound needs so long to the coach: what was said until the key went up still counts. */
const tailMs = 250;
/** A shorter turn is a slip of the finger. */
const shortestMs = 300;

/** Speaking by hand: a key that is held, or tapped to begin and to end. */
export class PushToTalk {
  private key: Key = "up";
  private downAt = 0;
  private openedAt = 0;
  private tail: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly call: ByHand,
    private readonly now: () => number = () => performance.now(),
  ) {}

  get isSpeaking(): boolean {
    return this.key === "held" || this.key === "locked";
  }

  /** The key or the button goes down. */
  down(): void {
    this.downAt = this.now();
    if (this.key === "up" || this.key === "rising") this.begin("held");
  }

  /** It comes up: the end of a held turn, the beginning or the end of one that is locked. */
  up(): void {
    if (this.key === "held" && this.now() - this.downAt < tapMs && this.openedAt === this.downAt) this.key = "locked";
    else if (this.isSpeaking) this.rise();
  }

  /** A press that has no length, as of a switch or a screen reader. */
  toggle(): void {
    if (this.isSpeaking) this.rise();
    else {
      this.downAt = this.now();
      this.begin("locked");
    }
  }

  /** The key is out of sight: whatever holds it, holds it no longer. */
  lose(): void {
    if (this.key === "held") this.rise();
  }

  /** The line is gone, or the practice has ended. Answers whether something was being said that nobody has taken. */
  stop(): boolean {
    clearTimeout(this.tail);
    if (this.key === "up") return false;
    if (this.isSpeaking) this.call.onSpeaking(false);
    this.key = "up";
    this.call.close();
    return true;
  }

  private begin(key: "held" | "locked"): void {
    const goesOn = this.key === "rising";
    clearTimeout(this.tail);
    this.key = key;
    if (!goesOn) {
      this.openedAt = this.downAt;
      if (this.call.coachHasTheFloor()) this.call.interrupt();
      this.call.open();
    }
    this.call.onSpeaking(true);
  }

  private rise(): void {
    this.key = "rising";
    const spokenMs = this.now() - this.openedAt;
    this.call.onSpeaking(false);
    this.tail = setTimeout(() => {
      this.key = "up";
      this.call.close();
      if (spokenMs < shortestMs) this.call.forget();
      else this.call.finish();
    }, tailMs);
  }
}
