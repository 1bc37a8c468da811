import { Failure, failureOf } from "@/words/failure";
import type { FailureCode } from "@/words/failure-codes";
import { type Device, devicesOf } from "./devices";
import { askForMeant, deviceIn } from "./microphone";

/** How the microphone of a call is. */
export type MicrophoneNews =
  | { state: "well" }
  /** It could not be had any more, or was chosen: the learner is heard through this one now. */
  | { state: "replaced"; label: string }
  | { state: "looking" }
  /** It is there, and nothing at all comes from it. */
  | { state: "silent" }
  | { state: "lost"; code: FailureCode };

/** What the watch asks of the browser. */
export interface MicrophoneWorld {
  ask: (wanted: Device | null) => Promise<MediaStream>;
  devices: () => Promise<readonly Device[]>;
  permission: () => Promise<PermissionState | null>;
  /** A page that nobody sees is given no microphone. */
  visible: () => boolean;
}

interface Hearers {
  onNews: (news: MicrophoneNews) => void;
  /** Another stream is to be used from now on. The one before it is stopped by the watch afterwards. */
  onMicrophone: (stream: MediaStream) => void;
}

/** One look at the call. */
export interface Look {
  /** How loud the microphone is, 1 at most. */
  level: number;
  /** Whether silence is wanted. */
  muted: boolean;
  /** Whether the learner would be heard now: who listens may be silent. */
  learnersTurn: boolean;
  /** Milliseconds on any clock. */
  now: number;
}

/** Less than half a step of 24-bit sound is what no room sounds like. It is not 0: a browser's filters fade for seconds. */
const nothingAtAll = 2 ** -25;
/** So long a silence without any noise, and it is doubtful whether the microphone is there. */
const suspiciousMs = 2_000;
/** Some browsers notice that a device is gone only when they are asked; and from another one there may be sound. */
const lookEveryMs = 5_000;
const lookInDoubtEveryMs = 1_000;
/** So long a silence in the learner's turn, and it is said. */
const saidAfterMs = 15_000;
/** A track that the browser muted may come back by itself for so long. */
const mutedMs = 3_000;

/** Minds the microphone of a call: gets it back, or another, by itself, and says what only the learner can do. */
export class MicrophoneWatch {
  private news: MicrophoneNews = { state: "well" };
  private wanted: Device | null;
  private recovering = false;
  private missed = false;
  private stopped = false;
  private soundWas = false;
  private lastLook: number | null = null;
  private silentMs = 0;
  private silentInTurnMs = 0;
  private trackMutedMs = 0;
  private sinceListMs = 0;
  /** Attempts of its own that failed, one after the other. */
  private failures = 0;
  /** It was taken anew because it was muted: another time would not help. */
  private takenAsMuted = false;

  constructor(
    private microphone: MediaStream,
    private readonly world: MicrophoneWorld,
    private readonly hearers: Hearers,
  ) {
    this.wanted = deviceIn(microphone);
    this.mind(microphone);
  }

  /** Uses this device from now on. */
  choose(device: Device): Promise<void> {
    this.wanted = device;
    return this.recover(true);
  }

  /** The learner asks to try again. */
  again(): Promise<void> {
    return this.recover(true);
  }

  /** To be called a few times a second. */
  look({ level, muted, learnersTurn, now }: Look): void {
    const passed = this.lastLook === null ? 0 : now - this.lastLook;
    this.lastLook = now;
    this.sinceListMs += passed;
    this.trackMutedMs = this.track?.muted === true ? this.trackMutedMs + passed : 0;
    if (level > nothingAtAll) [this.soundWas, this.takenAsMuted] = [true, false];
    const silent = level <= nothingAtAll && !muted && this.soundWas;
    this.silentMs = silent ? this.silentMs + passed : 0;
    this.silentInTurnMs = !silent ? 0 : this.silentInTurnMs + (learnersTurn ? passed : 0);
    if (level > nothingAtAll && this.news.state === "silent") this.tell({ state: "well" });

    if (this.trackMutedMs >= mutedMs && this.news.state !== "lost") this.mindMuted();
    if (this.silentInTurnMs >= saidAfterMs && this.news.state === "well") this.tell({ state: "silent" });
    const inDoubt = this.silentMs >= suspiciousMs || this.mayComeBack();
    if (this.sinceListMs >= (inDoubt ? this.inDoubtEveryMs : lookEveryMs)) void this.devicesChanged();
  }

  /** The browser keeps it muted. */
  private mindMuted(): void {
    if (!this.takenAsMuted) {
      this.takenAsMuted = this.world.visible();
      void this.recover();
    } else if (this.news.state !== "silent") this.tell({ state: "silent" });
  }

  /** What refuses again and again is asked less and less often. */
  private get inDoubtEveryMs(): number {
    return Math.min(lookEveryMs, lookInDoubtEveryMs * 2 ** Math.max(0, this.failures - 1));
  }

  /** The devices are others, or may be. */
  async devicesChanged(): Promise<void> {
    this.sinceListMs = 0;
    const devices = await this.world.devices().catch(() => []);
    if (this.mayComeBack() ? devices.length > 0 : this.isGone(devices)) await this.recover();
  }

  /** The page can be seen again, as after a phone's lock. */
  async shown(): Promise<void> {
    if (this.missed || this.track?.muted === true || this.track?.readyState === "ended") await this.recover();
  }

  permissionChanged(state: PermissionState): void {
    if (state === "denied") this.lose("MIC_REVOKED");
    else if (this.news.state === "lost") void this.recover();
  }

  stop(): void {
    this.stopped = true;
  }

  private get track(): MediaStreamTrack | null {
    return this.microphone.getAudioTracks()[0] ?? null;
  }

  private mind(stream: MediaStream): void {
    for (const track of stream.getAudioTracks()) {
      track.addEventListener("ended", () => {
        if (this.microphone === stream) void this.recover();
      });
    }
  }

  /** Whether what is missing could be plugged in or let go of by another program. */
  private mayComeBack(): boolean {
    return this.news.state === "lost" && this.news.code !== "MIC_REVOKED";
  }

  private isGone(devices: readonly Device[]): boolean {
    const used = deviceIn(this.microphone);
    if (used === null || used.deviceId === "") return false;
    const listed = devices.find(({ deviceId }) => deviceId === used.deviceId);
    // "Default" stays in the list when another device takes its place; then nothing comes from the one before.
    return listed === undefined || (listed.groupId !== used.groupId && this.silentMs >= suspiciousMs);
  }

  private async recover(asked = false): Promise<void> {
    if (this.stopped || this.recovering) return;
    if (!asked && !this.world.visible()) {
      this.missed = true;
      return;
    }
    this.missed = false;
    this.recovering = true;
    this.trackMutedMs = 0;
    // What is being read, and perhaps clicked, does not give way to an attempt that nobody asked for.
    if (asked || this.news.state !== "lost") this.tell({ state: "looking" });
    try {
      // Without being asked nobody is bothered with a question that was just answered with no.
      if (!asked && (await this.world.permission()) === "denied") throw new Failure("MIC_DENIED");
      this.take(await this.world.ask(this.wanted));
      this.failures = 0;
    } catch (thrown) {
      this.failures += 1;
      this.lose(meaningOf(failureOf(thrown).code));
    } finally {
      this.recovering = false;
    }
  }

  private take(stream: MediaStream): void {
    if (this.stopped) {
      stopTracks(stream);
      return;
    }
    const [before, after] = [this.microphone, stream];
    const another = deviceIn(before)?.deviceId !== deviceIn(after)?.deviceId;
    this.microphone = after;
    this.mind(after);
    this.hearers.onMicrophone(after);
    stopTracks(before);
    [this.silentMs, this.silentInTurnMs, this.trackMutedMs, this.soundWas] = [0, 0, 0, false];
    this.tell(another ? { state: "replaced", label: deviceIn(after)?.label ?? "" } : { state: "well" });
  }

  private lose(code: FailureCode): void {
    if (!this.stopped) this.tell({ state: "lost", code });
  }

  private tell(news: MicrophoneNews): void {
    this.news = news;
    this.hearers.onNews(news);
  }
}

function meaningOf(code: FailureCode): FailureCode {
  if (code === "MIC_DENIED" || code === "MIC_DISMISSED") return "MIC_REVOKED";
  return code === "MIC_BUSY" ? code : "MIC_GONE";
}

function stopTracks(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}

const lookMs = 250;

/** Minds a microphone until the signal says that nobody needs it any more. */
export function watchMicrophone(
  microphone: MediaStream,
  call: () => Omit<Look, "now">,
  hearers: Hearers,
  signal: AbortSignal,
): MicrophoneWatch {
  const watch = new MicrophoneWatch(
    microphone,
    {
      ask: askForMeant,
      devices: () => devicesOf("microphone"),
      permission: () => permission().then((status) => status?.state ?? null),
      visible: () => document.visibilityState === "visible",
    },
    hearers,
  );
  const timer = setInterval(() => watch.look({ ...call(), now: performance.now() }), lookMs);
  navigator.mediaDevices.addEventListener("devicechange", () => void watch.devicesChanged(), { signal });
  document.addEventListener(
    "visibilitychange",
    () => {
      if (document.visibilityState === "visible") void watch.shown();
    },
    { signal },
  );
  void permission().then((status) => status?.addEventListener("change", () => watch.permissionChanged(status.state), { signal }));
  signal.addEventListener("abort", () => {
    clearInterval(timer);
    watch.stop();
  });
  return watch;
}

/** Null where the browser does not tell. */
async function permission(): Promise<PermissionStatus | null> {
  try {
    return await navigator.permissions.query({ name: "microphone" });
  } catch {
    return null;
  }
}
