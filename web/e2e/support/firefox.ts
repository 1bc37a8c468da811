//! A learner in front of Firefox, in the same words as one in front of Chromium.
//!
//! Debian's Firefox speaks WebDriver BiDi, of which Playwright asks more than it has.

import { type APIRequestContext, expect, request } from "@playwright/test";
import { randomUUID } from "node:crypto";
import { type Browser, launch, type Page } from "puppeteer-core";
import { eventually } from "./eventually.ts";
import { lastClick, notesClicks, recordsSince } from "./page-clock.ts";
import type { Session } from "./learner.ts";
import { Headset } from "./sound.ts";
import { stack } from "./stack.ts";

export class FirefoxLearner {
  readonly email = `learner-${randomUUID()}@example.test`;
  readonly password = `correct horse ${randomUUID()}`;
  /** Violations of the page's own security policy, and uncaught errors: must stay empty. */
  readonly complaints: string[] = [];

  private constructor(
    readonly headset: Headset,
    private readonly browser: Browser,
    private readonly page: Page,
  ) {}

  /** Opens a browser with a headset of its own. */
  static async arrives(): Promise<FirefoxLearner> {
    const headset = await Headset.plugIn();
    const browser = await launch({
      browser: "firefox",
      executablePath: stack.firefox,
      env: headset.environment() as Record<string, string>,
      extraPrefsFirefox: {
        // The permission is given without a question, as Chromium's is.
        "media.navigator.permission.disabled": true,
        "media.autoplay.default": 0,
        // Firefox reaches nothing on the loopback address by itself, which is where the coach of this stack is.
        "media.peerconnection.ice.loopback": true,
      },
    });
    const page = await browser.newPage();
    await page.setViewport({ width: 1280, height: 720 });
    const learner = new FirefoxLearner(headset, browser, page);
    page.on("pageerror", (error) => learner.complaints.push(String(error)));
    page.on("console", (message) => {
      if (/content security policy|trusted type/i.test(message.text())) learner.complaints.push(message.text());
    });
    return learner;
  }

  async leaves(): Promise<void> {
    await this.browser.close();
    this.headset.unplug();
  }

  async signsUp(): Promise<void> {
    await this.page.goto(`${stack.url}/sign-up`);
    await this.fills("Your name", "Maya");
    await this.fills("E-mail", this.email);
    // A field for passwords has no role.
    await this.page.locator("input[type=password]").fill(this.password);
    await this.clicks("button", "Create account");
    await this.sees("heading", "What would you like to talk about?");
  }

  /** From the topics to the practice room, with the microphone checked; resolves when the call is dialled. */
  async starts(topic: string): Promise<string> {
    await this.clicks("link", `Practise: ${topic}`);
    await this.clicks("button", "Check my microphone");
    const created = this.page.waitForResponse((response) => response.url().endsWith("/api/sessions") && response.request().method() === "POST");
    await this.clicks("button", "Start");
    expect((await created).status()).toBe(201);
    // The newest in the history is the one just begun.
    const { sessions } = (await (await (await this.requests()).get("/api/sessions")).json()) as { sessions: Session[] };
    return sessions[0]!.id;
  }

  /** Waits until the page says that it records; answers since when. */
  async isRecorded(): Promise<number> {
    return Number(await (await this.page.waitForFunction(recordsSince, { timeout: 20_000 })).jsonValue());
  }

  /** Waits until the coach has said so many turns, and listens. */
  async hearsTheCoach(turns: number): Promise<void> {
    await eventually(`the coach's turn ${turns}, and then its ear`, async () => {
      const said = await this.page.$$("[role=log] [data-speaker=coach]");
      const listens = await this.page.$("[data-phase=listening]");
      return (said.length === turns && listens !== null) || undefined;
    });
  }

  /** Ends the practice and waits until it is saved; answers when it was ended. */
  async ends(): Promise<number> {
    await this.clicks("button", "End");
    await this.page.evaluate(notesClicks);
    await this.clicks("button", "End and save");
    await this.sees("heading", "Saved");
    return this.page.evaluate(lastClick);
  }

  /** Plays the session's recording in the page until it has come some way. */
  async hearsItAgain(): Promise<void> {
    await this.clicks("link", "See your session");
    await this.clicks("button", "Play");
    await eventually("the recording plays", async () => {
      const at = await this.page.$eval("audio", (audio) => audio.currentTime);
      return at > 1 || undefined;
    });
  }

  async sessionOnce(id: string, what: string, wanted: (session: Session) => boolean): Promise<Session> {
    const requests = await this.requests();
    return eventually(what, async () => {
      const session = (await (await requests.get(`/api/sessions/${id}`)).json()) as Session;
      return wanted(session) ? session : undefined;
    });
  }

  /** Requests with this browser's cookies. */
  async requests(): Promise<APIRequestContext> {
    const cookies = await this.browser.cookies();
    const cookie = cookies.map(({ name, value }) => `${name}=${value}`).join("; ");
    return request.newContext({ baseURL: stack.url, extraHTTPHeaders: { cookie } });
  }

  private async clicks(role: string, name: string): Promise<void> {
    await this.named(role, name).click();
  }

  private async fills(name: string, text: string): Promise<void> {
    await this.named("textbox", name).fill(text);
  }

  private async sees(role: string, name: string): Promise<void> {
    await this.named(role, name).setTimeout(60_000).wait();
  }

  private named(role: string, name: string) {
    return this.page.locator(`::-p-aria([name="${name}"][role="${role}"])`).setTimeout(20_000);
  }
}
