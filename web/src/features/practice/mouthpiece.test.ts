import { describe, expect, it } from "vitest";
import { Mouthpiece } from "./mouthpiece";

class Track {
  enabled = true;
  readyState = "live";
  readonly clones: Track[] = [];

  clone(): Track {
    const clone = new Track();
    this.clones.push(clone);
    return clone;
  }

  stop(): void {
    this.readyState = "ended";
  }
}

function microphone() {
  const track = new Track();
  return { track, stream: { getAudioTracks: () => [track] } as unknown as MediaStream };
}

describe("what the coach hears of the microphone", () => {
  it("is nothing while the key is up or the coach would hear itself, and all of it is recorded", () => {
    const { track, stream } = microphone();
    const mouthpiece = new Mouthpiece(stream);
    const sent = mouthpiece.track;
    for (const why of ["key-up", "echo"] as const) {
      mouthpiece.close(why);
      expect([sent?.enabled, track.enabled]).toEqual([false, true]);
      mouthpiece.open(why);
      expect([sent?.enabled, track.enabled]).toEqual([true, true]);
    }
  });

  it("is nothing while muted, and then nothing is recorded either", () => {
    const { track, stream } = microphone();
    const mouthpiece = new Mouthpiece(stream);
    mouthpiece.close("key-up");
    mouthpiece.close("muted");
    expect([mouthpiece.track?.enabled, track.enabled]).toEqual([false, false]);
    mouthpiece.open("key-up");
    expect(mouthpiece.isOpen).toBe(false);
  });

  it("comes from another microphone without opening what was closed", () => {
    const [old, other] = [microphone(), microphone()];
    const mouthpiece = new Mouthpiece(old.stream);
    const before = mouthpiece.track;
    mouthpiece.close("muted");
    mouthpiece.use(other.stream);
    expect(before?.readyState).toBe("ended");
    expect([mouthpiece.track?.enabled, other.track.enabled]).toEqual([false, false]);
    expect(mouthpiece.track).toBe(other.track.clones[0]);
  });
});
