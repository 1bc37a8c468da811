//! What took sound away before the page had it: a machine that is taken from us, and a browser that is too late to its microphone.

import type { BrowserContext, Page } from "@playwright/test";
import { readFileSync } from "node:fs";

/** A microphone's sound as Chromium counts it (`MediaStreamTrackAudioStats`, milliseconds). */
interface Heard {
  deliveredFramesDuration: number;
  totalFramesDuration: number;
}

export class Disturbance {
  /** What each page that was open missed, by when it was opened. */
  readonly #dropped = new Map<number, number>();
  readonly #before = processors();

  /** Counts in every page that this browser opens from now on. */
  static async of(context: BrowserContext): Promise<Disturbance> {
    await context.addInitScript(() => {
      const devices = navigator.mediaDevices as MediaDevices | undefined;
      if (!devices) return;
      const opens = devices.getUserMedia.bind(devices);
      const microphones: MediaStreamTrack[] = [];
      devices.getUserMedia = async (wanted) => {
        const stream = await opens(wanted);
        microphones.push(...stream.getAudioTracks());
        return stream;
      };
      Object.assign(globalThis, { microphones });
    });
    return new Disturbance();
  }

  /** Reads what the page counted so far; to be done before it goes. */
  async looksAt(page: Page): Promise<void> {
    const [opened, dropped] = await page.evaluate(() => {
      const { microphones } = globalThis as unknown as { microphones: { stats?: Heard }[] };
      const counted = microphones.flatMap(({ stats }) => stats ?? []);
      const sum = counted.reduce((all, { totalFramesDuration, deliveredFramesDuration }) => all + totalFramesDuration - deliveredFramesDuration, 0);
      return [performance.timeOrigin, sum] as const;
    });
    this.#dropped.set(opened, dropped);
  }

  /** The sound that the browser had and the page never got, and the share of this machine's time that others used. */
  figures(): { dropped_ms: number; robbed: number } {
    const now = processors();
    const [total, stolen] = [now.total - this.#before.total, now.stolen - this.#before.stolen];
    const dropped_ms = [...this.#dropped.values()].reduce((sum, ms) => sum + ms, 0);
    return { dropped_ms: Math.round(dropped_ms), robbed: Number((stolen / Math.max(1, total)).toFixed(4)) };
  }
}

/** Ticks of all processors since the start, and those in which the hypervisor ran somebody else (proc_stat(5)). */
function processors(): { total: number; stolen: number } {
  const ticks = readFileSync("/proc/stat", "utf8").split("\n")[0]!.trim().split(/\s+/).slice(1, 9).map(Number);
  return { total: ticks.reduce((sum, one) => sum + one, 0), stolen: ticks[7] ?? 0 };
}
