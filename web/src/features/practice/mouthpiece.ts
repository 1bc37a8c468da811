/** Why the coach does not hear the learner: muted, the key is up, or the coach would hear itself. */
export type Closed = "muted" | "key-up" | "echo";

/**
 * What of the microphone goes to the coach. The recording has the microphone itself; this is a second track of the
 * same sound, so that the coach can be kept from hearing what is still recorded.
 */
export class Mouthpiece {
  private readonly closed = new Set<Closed>();
  private branch: MediaStreamTrack | null = null;

  constructor(private microphone: MediaStream) {}

  /** The track to send; asked for anew whenever there is a new line or another microphone. */
  get track(): MediaStreamTrack | null {
    if (this.branch?.readyState === "ended") this.branch = null;
    this.branch ??= this.microphone.getAudioTracks()[0]?.clone() ?? null;
    this.apply();
    return this.branch;
  }

  /** Speaks through another microphone from now on. */
  use(microphone: MediaStream): void {
    this.release();
    this.microphone = microphone;
    this.apply();
  }

  close(why: Closed): void {
    this.closed.add(why);
    this.apply();
  }

  open(why: Closed): void {
    this.closed.delete(why);
    this.apply();
  }

  /** Whether the coach hears what is said. */
  get isOpen(): boolean {
    return this.closed.size === 0;
  }

  release(): void {
    this.branch?.stop();
    this.branch = null;
  }

  private apply(): void {
    if (this.branch !== null) this.branch.enabled = this.isOpen;
    // Only who is muted is kept out of the recording too.
    for (const track of this.microphone.getAudioTracks()) track.enabled = !this.closed.has("muted");
  }
}
