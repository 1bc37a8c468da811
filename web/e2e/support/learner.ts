//! A learner in front of a browser, in the words a learner would use.

import { type APIRequestContext, type Browser, type BrowserContext, chromium, expect, type Page } from "@playwright/test";
import { randomUUID } from "node:crypto";
import { eventually } from "./eventually.ts";
import { lastClick, notesClicks, recordsSince } from "./page-clock.ts";
import { Headset } from "./sound.ts";
import { stack } from "./stack.ts";

export interface Turn {
  item_id: string;
  speaker: "learner" | "coach";
  start_ms: number;
  end_ms: number;
  text: string | null;
  state: string;
  /** In which of the session's calls it was said. */
  call: number;
}

/** A call on the session clock. */
export interface Call {
  number: number;
  start_ms: number;
  end_ms: number | null;
}

export interface Finding {
  metric: string;
  value: number | null;
  unit: string;
  subject: string;
  not_measured: string | null;
}

export interface Session {
  id: string;
  topic: { id: string };
  state: string;
  duration_ms: number;
  end_reason: string | null;
  continues: string | null;
  continued_by: string | null;
  traceparent: string;
  transcript: { revision: number; final: boolean; turns: Turn[]; calls: Call[] };
  recording: { state: string; revision: number; duration_ms: number | null; channel_layout: string | null; warnings: string[] };
  rating: { state: string; revision: number; findings: Finding[] };
}

export class Learner {
  readonly email = `learner-${randomUUID()}@example.test`;
  readonly password = `correct horse ${randomUUID()}`;
  /** Violations of the page's own security policy, and uncaught errors: must stay empty. */
  readonly complaints: string[] = [];

  private constructor(
    readonly headset: Headset,
    readonly browser: Browser,
    readonly context: BrowserContext,
    public page: Page,
  ) {}

  /** Opens a browser with a headset of its own. */
  static async arrives(): Promise<Learner> {
    const headset = await Headset.plugIn();
    const browser = await chromium.launch({
      executablePath: stack.chromium,
      env: headset.environment() as Record<string, string>,
      // Muted, what the learner hears could not be compared with what is stored.
      ignoreDefaultArgs: ["--mute-audio"],
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--use-fake-ui-for-media-stream",
        "--allow-loopback-in-peer-connection",
      ],
    });
    const context = await browser.newContext({ baseURL: stack.url, reducedMotion: "reduce" });
    const learner = new Learner(headset, browser, context, await context.newPage());
    learner.#listens();
    return learner;
  }

  #listens(): void {
    this.page.on("pageerror", (error) => this.complaints.push(String(error)));
    this.page.on("console", (message) => {
      if (/content security policy|trusted type/i.test(message.text())) this.complaints.push(message.text());
    });
  }

  /** The tab dies, as when the machine runs out of memory; the learner opens another. */
  async losesTheTab(): Promise<void> {
    const crashed = this.page.waitForEvent("crash");
    const session = await this.context.newCDPSession(this.page);
    // A page that crashes answers nothing.
    void session.send("Page.crash").catch(() => undefined);
    await crashed;
    await this.opensAnotherTab();
  }

  /** Closes the tab and opens another. */
  async opensAnotherTab(): Promise<void> {
    await this.page.close();
    this.page = await this.context.newPage();
    this.#listens();
  }

  async leaves(): Promise<void> {
    await this.browser.close();
    this.headset.unplug();
  }

  /** Requests as this browser sends them, without a page. */
  get requests(): APIRequestContext {
    return this.context.request;
  }

  async signsUp(): Promise<void> {
    await this.page.goto("/sign-up");
    await this.page.getByLabel("Your name").fill("Maya");
    await this.page.getByLabel("E-mail").fill(this.email);
    await this.page.getByLabel("Password", { exact: true }).fill(this.password);
    await this.page.getByRole("button", { name: "Create account" }).click();
    await expect(this.page.getByRole("heading", { name: "What would you like to talk about?" })).toBeVisible();
  }

  async signsIn(email: string, password: string): Promise<void> {
    await this.page.goto("/sign-in");
    await this.page.getByLabel("E-mail").fill(email);
    await this.page.getByLabel("Password", { exact: true }).fill(password);
    await this.page.getByRole("button", { name: "Sign in" }).click();
    await expect(this.page.getByRole("heading", { name: "What would you like to talk about?" })).toBeVisible();
  }

  /** From the topics to the practice room, with the microphone checked; resolves when the call has begun. */
  async starts(topic: string): Promise<string> {
    await this.page.getByRole("link", { name: `Practise: ${topic}` }).click();
    await this.page.getByRole("button", { name: "Check my microphone" }).click();
    const created = this.page.waitForResponse((response) => response.url().endsWith("/api/sessions") && response.request().method() === "POST");
    await this.page.getByRole("button", { name: "Start", exact: true }).click();
    const session = (await (await created).json()) as Session;
    return session.id;
  }

  /** Waits until the page says that it records; answers since when. */
  async isRecorded(): Promise<number> {
    return Number(await (await this.page.waitForFunction(recordsSince)).jsonValue());
  }

  /** Waits until the coach has said something and listens. */
  async hearsTheCoach(turns: number): Promise<string> {
    const said = this.page.getByRole("log").locator("[data-speaker=coach]");
    await expect(said).toHaveCount(turns, { timeout: 60_000 });
    await expect(this.phase("Listening")).toBeVisible({ timeout: 60_000 });
    return (await said.last().innerText()).trim();
  }

  /** Waits until the coach has answered the learner's so-manieth turn, and listens. It asks again by itself when it hears nothing for a while. */
  async isAnswered(turns: number): Promise<void> {
    const said = this.page.getByRole("log").locator("[data-speaker]");
    await expect(said.and(this.page.locator("[data-speaker=learner]"))).toHaveCount(turns, { timeout: 60_000 });
    await expect(said.last()).toHaveAttribute("data-speaker", "coach", { timeout: 60_000 });
    await expect(this.phase("Listening")).toBeVisible({ timeout: 60_000 });
  }

  phase(word: string) {
    return this.page.getByRole("status").filter({ hasText: word });
  }

  /** Ends the practice and waits until it is saved; answers when it was ended. */
  async ends(): Promise<number> {
    await this.page.getByRole("button", { name: "End", exact: true }).click();
    await this.page.evaluate(notesClicks);
    await this.page.getByRole("alertdialog").getByRole("button", { name: "End and save" }).click();
    await expect(this.page.getByRole("heading", { name: "Saved" })).toBeVisible({ timeout: 60_000 });
    return this.page.evaluate(lastClick);
  }

  async session(id: string): Promise<Session> {
    const response = await this.requests.get(`/api/sessions/${id}`);
    expect(response.status(), await response.text()).toBe(200);
    return (await response.json()) as Session;
  }

  /** The session as soon as it looks as wanted. */
  async sessionOnce(id: string, what: string, wanted: (session: Session) => boolean, patience = 60_000): Promise<Session> {
    return eventually(what, async () => {
      const session = await this.session(id);
      return wanted(session) ? session : undefined;
    }, patience);
  }

  /** Sends what our own pages would send. */
  async posts(path: string, data: unknown, key: string = randomUUID()) {
    return this.requests.post(path, { data, headers: { origin: stack.url, "sec-fetch-site": "same-origin", "idempotency-key": key } });
  }
}
