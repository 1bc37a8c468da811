import { refreshOnce } from "@/api/refresh";
import { measured } from "@/api/telemetry";
import { sessionIn } from "@/api/trace";

export const speeds = [0.75, 1, 1.25, 1.5] as const;

export interface PlaybackState {
  playing: boolean;
  positionMs: number;
  speed: number;
  broken: boolean;
}

/** A recording being played: one media element, steered from the player, the words and the rating alike. */
export class Playback {
  /** Belongs into the page, where the browser's own tools find it; it shows nothing by itself. */
  readonly element = new Audio();
  private state: PlaybackState = { playing: false, positionMs: 0, speed: 1, broken: false };
  private readonly listeners = new Set<() => void>();
  private frame = 0;
  private refreshed = false;
  private url: string | null = null;
  private revision = 0;
  /** When it was first asked to play. */
  private asked: number | null = null;
  private heard = false;

  constructor() {
    this.element.preload = "metadata";
    const follow = () => this.update({ positionMs: this.element.currentTime * 1000 });
    this.element.addEventListener("timeupdate", follow);
    this.element.addEventListener("seeked", follow);
    this.element.addEventListener("play", () => {
      this.asked ??= performance.now();
      this.update({ playing: true });
      this.run();
    });
    this.element.addEventListener("playing", () => {
      if (this.asked !== null && !this.heard) measured("playback_start", performance.now() - this.asked, sessionIn(this.url ?? ""));
      this.heard = true;
    });
    this.element.addEventListener("pause", () => this.update({ playing: false }));
    this.element.addEventListener("ended", () => this.update({ playing: false }));
    this.element.addEventListener("error", () => void this.recover());
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly read = (): PlaybackState => this.state;

  /** Loads a recording. One that was built anew goes on where the one before stood. */
  load(url: string | null, revision = 0): void {
    if (url === this.url) {
      if (revision === this.revision) return;
      this.revision = revision;
      this.again();
      return;
    }
    this.url = url;
    this.revision = revision;
    this.refreshed = false;
    this.asked = null;
    this.heard = false;
    this.element.pause();
    if (url === null) this.element.removeAttribute("src");
    else this.element.src = url;
    this.update({ playing: false, positionMs: 0, broken: false });
  }

  toggle(): void {
    if (this.state.playing) this.element.pause();
    else this.play();
  }

  /** Moves to a place; with `play` it starts there. */
  seek(ms: number, play = false): void {
    if (this.url === null) return;
    this.element.currentTime = Math.max(0, ms) / 1000;
    this.update({ positionMs: Math.max(0, ms) });
    if (play) this.play();
  }

  setSpeed(speed: number): void {
    this.element.playbackRate = speed;
    this.update({ speed });
  }

  close(): void {
    cancelAnimationFrame(this.frame);
    this.load(null);
    this.listeners.clear();
  }

  private play(): void {
    // A refusal to play shows as not playing; a source that cannot be read shows as broken.
    this.element.play().catch(() => this.update({ playing: false }));
  }

  /** The element sends no second request by itself when the login was stale. */
  private async recover(): Promise<void> {
    if (this.url === null) return;
    if (!this.refreshed && (await refreshOnce().catch(() => false))) {
      this.refreshed = true;
      this.again();
      return;
    }
    this.update({ broken: true, playing: false });
  }

  /** Asks for the same address again and goes on where it was. */
  private again(): void {
    const at = this.element.currentTime;
    const wasPlaying = this.state.playing;
    this.element.load();
    this.element.currentTime = at;
    this.element.playbackRate = this.state.speed;
    if (wasPlaying) this.play();
  }

  private run(): void {
    cancelAnimationFrame(this.frame);
    const step = () => {
      if (this.element.paused) return;
      this.update({ positionMs: this.element.currentTime * 1000 });
      this.frame = requestAnimationFrame(step);
    };
    this.frame = requestAnimationFrame(step);
  }

  private update(change: Partial<PlaybackState>): void {
    this.state = { ...this.state, ...change };
    for (const listener of this.listeners) listener();
  }
}
