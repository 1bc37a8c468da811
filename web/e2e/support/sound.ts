//! A headset that tests can talk into and listen to: a PulseAudio server with a microphone and a loudspeaker.

import { type ChildProcess, execFile, spawn } from "node:child_process";
import { mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { eventually } from "./eventually.ts";

const run = promisify(execFile);

/** Samples a second of everything recorded here. */
export const RATE = 16_000;

export class Headset {
  readonly #folder: string;
  readonly #server: ChildProcess;
  readonly #recorders: ChildProcess[] = [];

  private constructor(folder: string, server: ChildProcess) {
    this.#folder = folder;
    this.#server = server;
  }

  /** Starts a server of its own, so that tests do not hear each other. */
  static async plugIn(): Promise<Headset> {
    const folder = mkdtempSync(join(tmpdir(), "headset-"));
    const modules = [
      `module-native-protocol-unix auth-anonymous=1 socket=${folder}/socket`,
      "module-null-sink sink_name=speaker rate=48000",
      "module-null-sink sink_name=mouth rate=48000 channels=1",
      `module-remap-source master=mouth.monitor ${named("microphone").join(" ")}`,
    ];
    const server = spawn(
      "pulseaudio",
      ["-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no", "--disallow-exit", ...modules.flatMap((module) => ["-L", module])],
      { env: { ...process.env, XDG_RUNTIME_DIR: folder, HOME: folder }, stdio: "ignore" },
    );
    const headset = new Headset(folder, server);
    await eventually("the microphone is there", async () => {
      const { stdout } = await run("pactl", ["list", "short", "sources"], { env: headset.environment() });
      return stdout.includes("microphone") || undefined;
    });
    await headset.#control("set-default-source", "microphone");
    await headset.#control("set-default-sink", "speaker");
    return headset;
  }

  /** What a browser must be started with to use this headset. */
  environment(): NodeJS.ProcessEnv {
    return { ...process.env, PULSE_SERVER: `unix:${this.#folder}/socket` };
  }

  /** Starts to write down what is said into the microphone and what comes out of the loudspeaker. */
  async record(): Promise<void> {
    for (const device of ["mouth", "speaker"]) {
      const file = openSync(join(this.#folder, `${device}.raw`), "w");
      this.#recorders.push(
        // A recorder with room for half a second loses nothing while the machine is busy.
        spawn("parec", [`--device=${device}.monitor`, "--format=s16le", `--rate=${RATE}`, "--channels=1", "--latency-msec=500"], {
          env: this.environment(),
          stdio: ["ignore", file, "ignore"],
        }),
      );
    }
    await eventually("both recorders run", async () => {
      const { stdout } = await run("pactl", ["list", "short", "source-outputs"], { env: this.environment() });
      return stdout.trim().split("\n").length >= 2 || undefined;
    });
  }

  /** What was written down so far. */
  recorded(device: "mouth" | "speaker"): Float32Array {
    const bytes = readFileSync(join(this.#folder, `${device}.raw`));
    const samples = new Float32Array(bytes.length >> 1);
    for (let at = 0; at < samples.length; at++) samples[at] = bytes.readInt16LE(2 * at) / 32_768;
    return samples;
  }

  /** Says a WAV file into a microphone; resolves when the last of it is said. */
  async say(wav: string, microphone = "microphone"): Promise<void> {
    await run("paplay", [`--device=${mouthOf(microphone)}`, wav], { env: this.environment() });
  }

  /** Plugs in a microphone: another one, or one that was pulled out. Browsers show it under its name. */
  async plugsIn(microphone: string): Promise<void> {
    const mouth = mouthOf(microphone);
    if (!(await this.#control("list", "short", "sinks")).includes(mouth)) {
      await this.#control("load-module", "module-null-sink", `sink_name=${mouth}`, "rate=48000", "channels=1");
    }
    await this.#control("load-module", "module-remap-source", `master=${mouth}.monitor`, ...named(microphone));
  }

  /** Pulls out one microphone and no other. */
  async pullsOut(microphone: string): Promise<void> {
    const modules = (await this.#control("list", "short", "modules")).split("\n");
    const [module] = modules.find((line) => line.includes(`source_name=${microphone} `))?.split("\t") ?? [];
    if (module === undefined) throw new Error(`${microphone} is not plugged in`);
    await this.#control("unload-module", module);
  }

  /** What comes out of the loudspeaker is heard by the microphone, as without headphones. */
  async hearsItself(): Promise<void> {
    await this.#control("load-module", "module-loopback", "source=speaker.monitor", "sink=mouth", "latency_msec=60");
  }

  unplug(): void {
    for (const recorder of this.#recorders) recorder.kill("SIGKILL");
    this.#server.kill("SIGKILL");
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #control(...words: string[]): Promise<string> {
    return (await run("pactl", words, { env: this.environment() })).stdout;
  }
}

/** Where one speaks into a microphone. */
function mouthOf(microphone: string): string {
  return microphone === "microphone" ? "mouth" : `mouth-of-${microphone}`;
}

function named(microphone: string): string[] {
  return [`source_name=${microphone}`, `source_properties=device.description=${microphone}`];
}
