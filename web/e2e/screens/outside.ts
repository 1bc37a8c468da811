//! What the world outside the product does to it: the network, the browser, the devices. Nothing here touches the product.

import type { Page, Request, Route } from "@playwright/test";

/** A trace id as our services give one. */
const REFERENCE = "4bf92f3577b34da6a3ce929d0e0e4736";

type Verb = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/** Stands between the page and one path of ours: `POST /api/sessions`, with `*` for an id. */
export async function between(page: Page, what: `${Verb} ${string}`, does: (route: Route, request: Request) => unknown): Promise<void> {
  const [verb, path] = what.split(" ") as [Verb, string];
  const wanted = new RegExp(`^${path.replaceAll("*", "[^/]+")}$`);
  await page.route(
    (url) => wanted.test(url.pathname),
    (route, request) => (request.method() === verb ? does(route, request) : route.fallback()),
  );
}

/** A path answers with a problem that our services answer with: see specs/problems.md. */
export async function refuses(page: Page, what: `${Verb} ${string}`, status: number, slug: string, more: object = {}, headers: Record<string, string> = {}): Promise<void> {
  await between(page, what, (route) =>
    route.fulfill({
      status,
      headers,
      contentType: "application/problem+json",
      body: JSON.stringify({ type: `/problems/${slug}`, status, instance: REFERENCE, ...more }),
    }),
  );
}

/** Requests do not get through. */
export async function loses(page: Page, what: `${Verb} ${string}`): Promise<void> {
  await between(page, what, (route) => route.abort());
}

/** Requests for a path stay under way until they are let go, and the page waits for as long. */
export async function holds(page: Page, what: `${Verb} ${string}`): Promise<{ arrived: Promise<void>; letGo: () => void }> {
  const waits = () => {
    AbortSignal.timeout = () => new AbortController().signal;
  };
  await page.addInitScript(waits);
  await page.evaluate(waits);
  let letGo = () => {};
  const free = new Promise<void>((resolve) => (letGo = resolve));
  const arrived = new Promise<void>((resolve) => {
    void between(page, what, async (route) => {
      resolve();
      await free;
      await route.fallback();
    });
  });
  return { arrived, letGo };
}

/** A page of somebody else's in the place of ours, as the network of a hotel shows one. */
export async function isCaptured(page: Page, what: `${Verb} ${string}`): Promise<void> {
  await between(page, what, (route) => route.fulfill({ contentType: "text/html", body: "<h1>Welcome to our free Wi-Fi</h1>" }));
}

/** The browser says no to a question about the microphone, or why it has none. */
export async function refusesMicrophone(page: Page, name: "NotAllowedError" | "NotReadableError" | "NotFoundError"): Promise<void> {
  await page.addInitScript((reason) => {
    MediaDevices.prototype.getUserMedia = () => Promise.reject(new DOMException("", reason));
  }, name);
}

/** The browser waits for an answer about the microphone. */
export async function asksForMicrophone(page: Page): Promise<void> {
  await page.addInitScript(() => {
    MediaDevices.prototype.getUserMedia = () => new Promise(() => undefined);
  });
}

/** The part of the page that hears does not get through: its request is one that nobody can stand between. */
export async function losesTheWorklet(page: Page): Promise<void> {
  await page.addInitScript(() => {
    AudioWorklet.prototype.addModule = () => Promise.reject(new DOMException("", "AbortError"));
  });
}

/** The microphone can be taken away: see {@link takesMicrophone}. */
export async function lendsMicrophone(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const ask = MediaDevices.prototype.getUserMedia;
    MediaDevices.prototype.getUserMedia = async function (constraints) {
      const stream = await ask.call(this, constraints);
      window.addEventListener("microphone-gone", () => {
        for (const track of stream.getAudioTracks()) {
          track.stop();
          track.dispatchEvent(new Event("ended"));
        }
      });
      return stream;
    };
  });
}

/** Another program takes it, and does not give it back. */
export async function takesMicrophone(page: Page): Promise<void> {
  await page.evaluate(() => {
    MediaDevices.prototype.getUserMedia = () => Promise.reject(new DOMException("", "NotReadableError"));
    window.dispatchEvent(new Event("microphone-gone"));
  });
}

/** The browser takes nothing out of what the microphone hears, as some cannot. */
export async function hearsItself(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const ask = MediaDevices.prototype.getUserMedia;
    MediaDevices.prototype.getUserMedia = function (constraints) {
      const audio = typeof constraints?.audio === "object" ? constraints.audio : {};
      return ask.call(this, { ...constraints, audio: { ...audio, echoCancellation: false } });
    };
  });
}

/** From this event of the coach on, nothing of the call's data arrives any more. */
export async function stalls(page: Page, from: string): Promise<void> {
  await page.addInitScript((first) => {
    let stalled = false;
    const listen = RTCDataChannel.prototype.addEventListener;
    RTCDataChannel.prototype.addEventListener = function (this: RTCDataChannel, kind: string, heard: EventListener) {
      listen.call(this, kind, (event: Event) => {
        if (event instanceof MessageEvent) stalled ||= (JSON.parse(event.data as string) as { type: string }).type === first;
        if (!stalled) heard.call(this, event);
      });
    } as typeof listen;
  }, from);
}

/** The call's connection can be cut: see {@link cuts}. */
export async function connectsLoosely(page: Page): Promise<void> {
  await page.addInitScript(() => {
    window.RTCPeerConnection = class extends RTCPeerConnection {
      constructor(configuration?: RTCConfiguration) {
        super(configuration);
        window.addEventListener("connection-cut", () => {
          Object.defineProperty(this, "connectionState", { value: "failed" });
          this.dispatchEvent(new Event("connectionstatechange"));
        });
      }
    };
  });
}

/** It is cut. */
export async function cuts(page: Page): Promise<void> {
  await page.evaluate(() => window.dispatchEvent(new Event("connection-cut")));
}

/** A policy of the browser's or a VPN leaves a call no way out. */
export async function leavesNoWayOut(page: Page): Promise<void> {
  await page.addInitScript(() => {
    window.RTCPeerConnection = class extends RTCPeerConnection {
      constructor(configuration?: RTCConfiguration) {
        super({ ...configuration, iceTransportPolicy: "relay" });
      }
    };
  });
}

/** The browser plays nothing without a click. */
export async function holdsSoundBack(page: Page): Promise<void> {
  await page.addInitScript(() => {
    HTMLMediaElement.prototype.play = () => Promise.reject(new DOMException("", "NotAllowedError"));
  });
}

/** The browser keeps nothing for a page, as a private window may not. */
export async function keepsNothing(page: Page): Promise<void> {
  await page.addInitScript(() => {
    indexedDB.open = () => {
      throw new DOMException("The user denied permission to access the database.", "UnknownError");
    };
  });
}

/** The browser's recorder does not begin: not now, or not at all. */
export async function recordsNothing(page: Page, name: "UnknownError" | "NotSupportedError"): Promise<void> {
  await page.addInitScript((reason) => {
    MediaRecorder.prototype.start = () => {
      throw new DOMException("", reason);
    };
  }, name);
}

/** The device has hardly any room left. */
export async function isAlmostFull(page: Page): Promise<void> {
  await page.addInitScript(() => {
    StorageManager.prototype.estimate = () => Promise.resolve({ quota: 60_000_000, usage: 59_000_000 });
  });
}

/** A connection over which an upload moves by a byte at a time. */
export async function crawls(page: Page): Promise<void> {
  await between(page, "PATCH /api/uploads/*", async (route, request) => {
    const offset = Number((await request.allHeaders())["upload-offset"]) + 1;
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    await route.fulfill({ status: 204, headers: { "tus-resumable": "1.0.0", "upload-offset": String(offset) } });
  });
}

/** The clock on the wall stands still. */
export async function stopsTime(page: Page): Promise<void> {
  await page.clock.setFixedTime(new Date());
}
