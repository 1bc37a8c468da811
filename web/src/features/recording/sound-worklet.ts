import { OnsetDetector } from "./onsets";
import type { SoundNews } from "./sound-news";

/** Fine enough for an onset, coarse enough to be steady. */
const windowSeconds = 0.01;
/** How many windows pass between two reports of the levels. */
const windowsPerReport = 5;
/** The microphone has a room around it; the coach's line is silent between its words. */
const faintest = { learner: 0.0025, coach: 0.0015 };

/** Listens to both sides on the recording's own clock and reports where sound begins and ends. */
class SoundProcessor extends AudioWorkletProcessor {
  private readonly detectors = {
    learner: new OnsetDetector(faintest.learner),
    coach: new OnsetDetector(faintest.coach),
  };
  private readonly windowFrames = Math.round(sampleRate * windowSeconds);
  private readonly energy = { learner: 0, coach: 0 };
  private frames = 0;
  private windowStart = currentTime;
  private windows = 0;
  private readonly peak = { learner: 0, coach: 0 };

  process(inputs: Float32Array[][]): boolean {
    const learner = inputs[0]?.[0];
    const coach = inputs[1]?.[0];
    const length = learner?.length ?? coach?.length ?? 128;
    for (let frame = 0; frame < length; frame += 1) {
      const left = learner?.[frame] ?? 0;
      const right = coach?.[frame] ?? 0;
      this.energy.learner += left * left;
      this.energy.coach += right * right;
      this.frames += 1;
      if (this.frames === this.windowFrames) this.endWindow(currentTime + (frame + 1) / sampleRate);
    }
    return true;
  }

  private endWindow(end: number): void {
    for (const channel of ["learner", "coach"] as const) {
      const loudness = Math.sqrt(this.energy[channel] / this.windowFrames);
      this.energy[channel] = 0;
      this.peak[channel] = Math.max(this.peak[channel], loudness);
      const edge = this.detectors[channel].push(loudness, this.windowStart, end);
      if (edge !== null) this.tell({ kind: "edge", channel, ...edge });
    }
    this.frames = 0;
    this.windowStart = end;
    this.windows += 1;
    if (this.windows % windowsPerReport === 0) {
      this.tell({ kind: "levels", learner: this.peak.learner, coach: this.peak.coach });
      this.peak.learner = 0;
      this.peak.coach = 0;
    }
  }

  private tell(news: SoundNews): void {
    this.port.postMessage(news);
  }
}

registerProcessor("sound", SoundProcessor);
