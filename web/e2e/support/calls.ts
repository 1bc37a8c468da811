//! Calls that last, of learners who say nothing.

import { type Browser, chromium } from "@playwright/test";
import { stack } from "./stack.ts";
import { Visitor } from "./visitor.ts";

interface Line {
  connection: RTCPeerConnection;
  channel: RTCDataChannel;
}

declare global {
  var lines: Line[];
  var silence: MediaStream;
}

export class Calls {
  private constructor(
    readonly browser: Browser,
    private readonly ask: (question: () => number | Promise<number>) => Promise<number>,
  ) {}

  /** So many learners call, each from a connection of one page. Resolves when the coach has answered everybody. */
  static async begin(count: number): Promise<Calls> {
    const browser = await chromium.launch({ executablePath: stack.chromium, args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--allow-loopback-in-peer-connection", "--autoplay-policy=no-user-gesture-required"] });
    const page = await browser.newPage({ baseURL: stack.url });
    await page.goto("/");
    await page.evaluate(() => {
      globalThis.lines = [];
      globalThis.silence = new AudioContext().createMediaStreamDestination().stream;
    });
    for (let call = 0; call < count; call++) {
      const { cookies, secret } = await permission();
      await page.context().addCookies(cookies);
      await page.evaluate(dials, secret);
    }
    return new Calls(browser, async (question) => page.evaluate(question));
  }

  /** On how many lines something is heard. */
  async live(): Promise<number> {
    return this.ask(async () => {
      const heard = async ({ connection }: Line) => {
        let bytes = 0;
        for (const report of (await connection.getStats()).values()) if (report.type === "inbound-rtp") bytes += report.bytesReceived as number;
        return bytes;
      };
      const before = await Promise.all(globalThis.lines.map(heard));
      await new Promise((over) => setTimeout(over, 500));
      const after = await Promise.all(globalThis.lines.map(heard));
      return after.filter((bytes, line) => bytes > before[line]!).length;
    });
  }

  /** How many were told that it is over. */
  async ended(): Promise<number> {
    return this.ask(() => globalThis.lines.filter(({ channel }) => channel.readyState === "closed").length);
  }

  async leave(): Promise<void> {
    await this.browser.close();
  }
}

/** Of another learner each time: nobody has two calls at once. */
async function permission() {
  const learner = await Visitor.arrives();
  const session = await learner.starts();
  const minted = await learner.mints(session);
  const { client_secret: secret } = (await minted.json()) as { client_secret: string };
  return { secret, cookies: (await learner.requests.storageState()).cookies };
}

/** In the page: one call with a silent microphone. Resolves when the line for events is open. */
async function dials(secret: string): Promise<void> {
  const connection = new RTCPeerConnection();
  connection.addTrack(globalThis.silence.getAudioTracks()[0]!, globalThis.silence);
  const channel = connection.createDataChannel("oai-events");
  const open = new Promise((opened) => channel.addEventListener("open", opened, { once: true }));
  await connection.setLocalDescription();
  const answered = await fetch("/api/realtime/calls", {
    method: "POST",
    body: connection.localDescription!.sdp,
    headers: { "content-type": "application/sdp", authorization: `Bearer ${secret}` },
  });
  if (answered.status !== 201) throw new Error(`a call was answered with ${answered.status}: ${await answered.text()}`);
  await connection.setRemoteDescription({ type: "answer", sdp: await answered.text() });
  await open;
  globalThis.lines.push({ connection, channel });
}
