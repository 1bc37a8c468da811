//! Everything that interrupts a practice, and what may be asked of the page afterwards.

import { expect } from "@playwright/test";
import { countOf, rowsOf } from "./databases.ts";
import { type Faults, faults } from "./faults.ts";
import type { Learner } from "./learner.ts";

/** How a practice goes on afterwards. */
export type Afterwards =
  /** By itself: nobody touches anything. */
  | "by itself"
  /** The learner opens the page again and continues. */
  | "continued"
  /** It cannot; it ends, and what was said is kept. */
  | "over";

export interface Interruption {
  what: string;
  afterwards: Afterwards;
  /** When it strikes: before the call is dialled, in the middle, or in the moment in which the learner ends. */
  strikes: "before" | "middle" | "end";
  /** Long enough for a learner who has not noticed and talks on. */
  mayBeSpokenInto?: boolean;
  /** Interrupts, and resolves when what it takes to go on is back. */
  happens: (learner: Learner, session: string) => Promise<void>;
}

const DARK: Faults = { blackhole: true };

const waits = async (ms: number) => new Promise((over) => setTimeout(over, ms));

/** The network is gone for some seconds, wholly or in part. */
export function outage(what: "signalling" | "media" | "both", seconds: number): Interruption {
  return {
    what: `${what} gone for ${seconds} s`,
    afterwards: "by itself",
    strikes: "middle",
    mayBeSpokenInto: seconds >= 5,
    happens: async () => {
      // A server that is not reached refuses; sound that does not get through says nothing.
      if (what !== "media") await faults.edge.suffers(what === "both" ? DARK : { down: true });
      if (what !== "signalling") await faults.media.suffers(DARK);
      await waits(seconds * 1000);
      await faults.end();
    },
  };
}

/** Another network: every address is another, and what was connected is cut. */
export const moved: Interruption = {
  what: "another network",
  afterwards: "by itself",
  strikes: "middle",
  happens: async () => {
    await Promise.all([faults.edge.moves(), faults.media.moves()]);
  },
};

export const goneAtTheEnd: Interruption = {
  what: "network gone at the end",
  afterwards: "by itself",
  strikes: "end",
  happens: async () => {
    await waits(5_000);
    await faults.end();
  },
};

/** The secret's time is over when it is shown; only its first use is too late. */
export const expiredSecret: Interruption = {
  what: "secret expired before use",
  afterwards: "by itself",
  strikes: "before",
  happens: async (learner) => {
    await learner.page.route(
      "**/realtime/calls**",
      async (route) => {
        const session = await rowsOf("secrets", "update client_secret set expires_at = now() - interval '1 second' returning session_id");
        if (session.length === 0) throw new Error("no secret was kept");
        // Where the secret is the provider's own, its time is the provider's to keep: it answers as to one it does not know.
        const headers = { ...route.request().headers() };
        if (!(await isRelayed(learner))) headers["authorization"] = "Bearer ek_expired";
        await route.continue({ headers });
      },
      { times: 1 },
    );
  },
};

async function isRelayed(learner: Learner): Promise<boolean> {
  return (await learner.page.evaluate(() => performance.getEntriesByType("resource").map(({ name }) => name))).some((name) =>
    name.endsWith("/api/realtime/calls"),
  );
}

/** The provider answers so for some seconds, while the call has to be made again: the sound is away for long enough. */
export function providerAnswers(status: 429 | 500): Interruption {
  return {
    what: `provider ${status}`,
    afterwards: "by itself",
    strikes: "middle",
    happens: async () => {
      await faults.provider.suffers({ answer: { status, ...(status === 429 && { retry_after: 1 }) } });
      await faults.media.suffers(DARK);
      await waits(20_000);
      await faults.end();
    },
  };
}

export const reload: Interruption = {
  what: "reload",
  afterwards: "continued",
  strikes: "middle",
  happens: async (learner) => {
    learner.page.once("dialog", (dialog) => void dialog.accept());
    await learner.page.reload();
  },
};

export const killedTab: Interruption = {
  what: "tab killed",
  afterwards: "continued",
  strikes: "middle",
  happens: async (learner) => {
    await learner.opensAnotherTab();
  },
};

export const crashedRenderer: Interruption = {
  what: "renderer crashed",
  afterwards: "continued",
  strikes: "middle",
  happens: async (learner) => {
    await learner.losesTheTab();
  },
};

export const unpluggedMicrophone: Interruption = {
  what: "microphone unplugged",
  afterwards: "by itself",
  strikes: "middle",
  happens: async (learner) => {
    const notice = learner.page.locator("[data-failure=MIC_GONE]");
    await learner.headset.pullsOut("microphone");
    await expect(notice).toContainText("The call goes on.");
    await learner.headset.plugsIn("microphone");
    await expect(notice).toBeHidden();
  },
};

export const revokedMicrophone: Interruption = {
  what: "microphone revoked",
  afterwards: "over",
  strikes: "middle",
  happens: async (learner) => {
    // Whatever is not granted explicitly is denied from now on.
    await learner.context.grantPermissions([]);
    await expect(learner.page.locator("[data-failure=MIC_REVOKED]")).toContainText("The call goes on.");
  },
};

/** One of each kind. */
export const KINDS: Interruption[] = [
  expiredSecret,
  outage("signalling", 5),
  outage("media", 1),
  goneAtTheEnd,
  outage("media", 15),
  outage("both", 5),
  reload,
  unpluggedMicrophone,
  outage("both", 30),
  killedTab,
  crashedRenderer,
  revokedMicrophone,
  providerAnswers(429),
  providerAnswers(500),
];

/** Everything there is to draw from. */
export const ALL: Interruption[] = [
  ...(["signalling", "media", "both"] as const).flatMap((what) => [1, 5, 15, 30].map((seconds) => outage(what, seconds))),
  moved,
  goneAtTheEnd,
  expiredSecret,
  providerAnswers(429),
  providerAnswers(500),
  reload,
  killedTab,
  crashedRenderer,
  unpluggedMicrophone,
  revokedMicrophone,
];

/** One practice may be interrupted so often. */
const MOST = 4;

/** Puts interruptions into as few practices as will do: what strikes before comes first, what ends a practice last. */
export function practicesOf(drawn: Interruption[]): Interruption[][] {
  const isLast = ({ strikes, afterwards }: Interruption) => strikes === "end" || afterwards === "over";
  const first = drawn.filter(({ strikes }) => strikes === "before");
  const last = drawn.filter(isLast);
  const between = drawn.filter((one) => one.strikes !== "before" && !isLast(one));
  const practices = Math.max(Math.ceil(drawn.length / MOST), first.length, last.length);
  return Array.from({ length: practices }, (_, at) => {
    const [begin, end] = [first.slice(at, at + 1), last.slice(at, at + 1)];
    return [...begin, ...between.splice(0, MOST - begin.length - end.length), ...end];
  }).filter((practice) => practice.length > 0);
}

/** How many events of a kind were said about a session. */
export async function saidOf(session: string, service: string, subject: string): Promise<number> {
  return countOf(service, `select count(*) from outbox where subject = '${subject}' and encode(payload, 'escape') like '%${session}%'`);
}
