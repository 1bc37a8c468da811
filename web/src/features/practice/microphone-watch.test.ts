import { beforeEach, describe, expect, it } from "vitest";
import { Failure } from "@/words/failure";
import type { Device } from "./devices";
import { type MicrophoneNews, MicrophoneWatch } from "./microphone-watch";

const desk: Device = { deviceId: "desk", groupId: "g1", label: "Desk" };
const headset: Device = { deviceId: "headset", groupId: "g2", label: "Headset" };

class Track extends EventTarget {
  readyState = "live";
  muted = false;

  constructor(private readonly device: Device) {
    super();
  }

  get label(): string {
    return this.device.label;
  }

  getSettings() {
    return { deviceId: this.device.deviceId, groupId: this.device.groupId };
  }

  stop(): void {
    this.readyState = "ended";
  }

  end(): void {
    this.readyState = "ended";
    this.dispatchEvent(new Event("ended"));
  }
}

function opened(device: Device): { track: Track; stream: MediaStream } {
  const track = new Track(device);
  return { track, stream: { getAudioTracks: () => [track], getTracks: () => [track] } as unknown as MediaStream };
}

/** A desk with devices on it, and a learner who talks into one. */
class Room {
  plugged: Device[] = [desk, headset];
  allowed: PermissionState = "granted";
  seen = true;
  busy = false;
  /** The browser gives nothing but muted tracks. */
  mutes = false;
  readonly asked: (string | null)[] = [];
  readonly news: MicrophoneNews[] = [];
  readonly used: Track[] = [];
  readonly watch: MicrophoneWatch;
  private now = 0;

  constructor() {
    const first = opened(desk);
    this.used.push(first.track);
    this.watch = new MicrophoneWatch(
      first.stream,
      {
        ask: (wanted) => this.open(wanted),
        devices: () => Promise.resolve(this.plugged),
        permission: () => Promise.resolve(this.allowed),
        visible: () => this.seen,
      },
      {
        onNews: (news) => this.news.push(news),
        onMicrophone: (stream) => this.used.push(stream.getAudioTracks()[0] as unknown as Track),
      },
    );
  }

  private open(wanted: Device | null): Promise<MediaStream> {
    this.asked.push(wanted?.deviceId ?? null);
    if (this.allowed === "denied") return Promise.reject(new Failure("MIC_DENIED"));
    if (this.busy) return Promise.reject(new Failure("MIC_BUSY"));
    const device = this.plugged.find(({ deviceId }) => deviceId === wanted?.deviceId) ?? this.plugged[0];
    if (device === undefined) return Promise.reject(new Failure("NO_DEVICE"));
    const { stream, track } = opened(device);
    track.muted = this.mutes;
    return Promise.resolve(stream);
  }

  get track(): Track {
    const last = this.used.at(-1);
    if (last === undefined) throw new Error("nothing is used");
    return last;
  }

  get state(): MicrophoneNews | undefined {
    return this.news.at(-1);
  }

  /** Time passes in which it is so loud. */
  async passes(seconds: number, level: number, more: { muted?: boolean; learnersTurn?: boolean } = {}): Promise<void> {
    for (let step = 0; step < seconds * 4; step += 1) {
      this.now += 250;
      this.watch.look({ level, muted: false, learnersTurn: true, now: this.now, ...more });
      await settled();
    }
  }
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < 8; turn += 1) await Promise.resolve();
}

let room: Room;

beforeEach(() => {
  room = new Room();
});

describe("a microphone during a call", () => {
  it("is left alone while it works", async () => {
    await room.passes(60, 0.001);
    expect(room.asked).toEqual([]);
    expect(room.news).toEqual([]);
  });

  it("is taken back by itself when the browser ended it", async () => {
    const before = room.track;
    before.end();
    await settled();
    expect(room.asked).toEqual(["desk"]);
    expect(room.news).toEqual([{ state: "looking" }, { state: "well" }]);
    expect(room.track).not.toBe(before);
  });

  it("gives way to another when it is unplugged", async () => {
    room.plugged = [headset];
    room.track.end();
    await settled();
    expect(room.state).toEqual({ state: "replaced", label: "Headset" });
    expect(room.used.at(-2)?.readyState).toBe("ended");
  });

  it("gives way also when nobody says that it is gone: it stays live and falls silent", async () => {
    await room.passes(1, 0.01);
    room.plugged = [headset];
    await room.passes(2.5, 0);
    expect(room.state).toEqual({ state: "replaced", label: "Headset" });
    expect(room.used.map(({ readyState }) => readyState)).toEqual(["ended", "live"]);
  });

  it("is missed although its last sound takes long to fade", async () => {
    await room.passes(1, 0.01);
    room.plugged = [headset];
    await room.passes(3, 1e-24);
    expect(room.state).toEqual({ state: "replaced", label: "Headset" });
  });

  it("is missed although the system lets something else be heard in its place", async () => {
    room.plugged = [];
    await room.passes(6, 0.01);
    expect(room.state).toEqual({ state: "lost", code: "MIC_GONE" });
  });

  it("is another behind the same name when the default has changed and nothing comes from it", async () => {
    const old = { deviceId: "default", groupId: "g1", label: "Default" };
    const next = { deviceId: "default", groupId: "g2", label: "Default" };
    room.plugged = [old];
    await room.watch.choose(old);
    room.plugged = [next];
    await room.passes(4, 0.01);
    expect(room.asked).toEqual(["default"]);
    await room.passes(2.5, 0);
    expect(room.asked).toEqual(["default", "default"]);
  });

  it("is lost when there is none, and found when one is plugged in", async () => {
    room.plugged = [];
    room.track.end();
    await settled();
    expect(room.state).toEqual({ state: "lost", code: "MIC_GONE" });
    await room.passes(5, 0);
    expect(room.state).toEqual({ state: "lost", code: "MIC_GONE" });
    room.plugged = [headset];
    await room.passes(2.5, 0);
    expect(room.state).toEqual({ state: "replaced", label: "Headset" });
  });

  it("is tried for as long as another program holds it", async () => {
    room.busy = true;
    room.track.end();
    await settled();
    expect(room.state).toEqual({ state: "lost", code: "MIC_BUSY" });
    room.busy = false;
    await room.passes(2.5, 0);
    expect(room.state).toEqual({ state: "well" });
  });

  it("is tried ever less often by itself, and what the learner reads meanwhile stays", async () => {
    room.busy = true;
    room.track.end();
    await settled();
    const [news, asked] = [room.news.length, room.asked.length];
    await room.passes(60, 0);
    expect(room.asked.length - asked).toBeLessThanOrEqual(15);
    expect(room.news.slice(news).map(({ state }) => state)).not.toContain("looking");
    room.busy = false;
    await room.passes(5, 0);
    expect(room.state).toEqual({ state: "well" });
  });

  it("is said to be looked for when the learner asks", async () => {
    room.busy = true;
    room.track.end();
    await settled();
    const again = room.watch.again();
    expect(room.state).toEqual({ state: "looking" });
    await again;
  });

  it("is not asked for again by itself when the learner took the permission back", async () => {
    room.allowed = "denied";
    room.watch.permissionChanged("denied");
    room.track.end();
    await room.passes(10, 0);
    expect(room.state).toEqual({ state: "lost", code: "MIC_REVOKED" });
    expect(room.asked).toEqual([]);
  });

  it("is taken again when the permission is given again, or the learner asks", async () => {
    room.allowed = "denied";
    room.track.end();
    await settled();
    await room.watch.again();
    expect(room.state).toEqual({ state: "lost", code: "MIC_REVOKED" });
    room.allowed = "granted";
    room.watch.permissionChanged("granted");
    await settled();
    expect(room.state).toEqual({ state: "well" });
  });

  it("waits until the page is seen again, as after a phone's lock", async () => {
    room.seen = false;
    room.track.end();
    await room.passes(5, 0);
    expect(room.asked).toEqual([]);
    room.seen = true;
    await room.watch.shown();
    expect(room.state).toEqual({ state: "well" });
  });

  it("is taken anew when the browser keeps it muted", async () => {
    room.track.muted = true;
    await room.passes(2, 0);
    expect(room.asked).toEqual([]);
    await room.passes(1.5, 0);
    expect(room.asked).toEqual(["desk"]);
  });

  it("is silent when another that is taken in its place is muted as well", async () => {
    room.mutes = true;
    room.track.muted = true;
    await room.passes(3.5, 0);
    expect(room.asked).toHaveLength(1);
    await room.passes(60, 0);
    expect(room.asked).toHaveLength(1);
    expect(room.state).toEqual({ state: "silent" });
    room.track.muted = false;
    await room.passes(1, 0.01);
    expect(room.state).toEqual({ state: "well" });
  });

  it("that is muted and cannot be had is asked for no more often than any other", async () => {
    room.busy = true;
    room.track.muted = true;
    await room.passes(30, 0);
    expect(room.asked.length).toBeGreaterThan(2);
    expect(room.asked.length).toBeLessThanOrEqual(10);
  });

  it("is said to be silent in the learner's turn only, once anything was heard at all", async () => {
    await room.passes(20, 0);
    expect(room.news).toEqual([]);
    await room.passes(1, 0.01);
    await room.passes(30, 0, { learnersTurn: false });
    await room.passes(30, 0, { muted: true });
    expect(room.news).toEqual([]);
    await room.passes(16, 0);
    expect(room.state).toEqual({ state: "silent" });
    await room.passes(1, 0.01);
    expect(room.state).toEqual({ state: "well" });
  });

  it("is changed when the learner chooses another, and back again", async () => {
    await room.watch.choose(headset);
    expect(room.state).toEqual({ state: "replaced", label: "Headset" });
    await room.watch.choose(desk);
    expect(room.state).toEqual({ state: "replaced", label: "Desk" });
    expect(room.used.map(({ readyState }) => readyState)).toEqual(["ended", "ended", "live"]);
  });

  it("is let go of when it comes after the end", async () => {
    const coming = room.watch.choose(headset);
    room.watch.stop();
    await coming;
    expect(room.used).toHaveLength(1);
  });
});
