import type { RealtimeClientEvent, RealtimeServerEvent } from "openai/resources/realtime/realtime";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Ending, RealtimeTicket, Session, Turn } from "@/api/contract";
import type { KeptDraft } from "@/api/draft";
import { Problem, unreachable } from "@/api/problem";
import * as sessions from "@/api/sessions";
import type { Studio } from "@/sound/studio";
import { Failure } from "@/words/failure";
import { type Continuation, PracticeCall } from "./practice-call";
import { callCoach, type Ears } from "./realtime-connection";
import type { Keeper } from "./saving";

vi.mock("@/api/sessions");
vi.mock("./realtime-connection");
vi.mock("./microphone-watch");

const ticket = { client_secret: "ek", calls_url: "/calls", provider: "coach", max_duration_s: 300, ice_servers: [] } as unknown as RealtimeTicket;

/** A call as the coach's side sees it. */
interface Line {
  ears: Ears;
  sent: RealtimeClientEvent[];
  hearsMicrophone: boolean;
  closed: boolean;
  says: (...events: Record<string, unknown>[]) => void;
}

/** The coach: every call is answered, unless something else is in store for it. */
let lines: Line[] = [];
let instead: Error[] = [];
let minted: { at: number }[] = [];
let mintInstead: Error[] = [];
let partials: { revision: number; turns: Turn[] }[] = [];
let finalized: Ending[] = [];

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 });
  vi.spyOn(Math, "random").mockReturnValue(0.5);
  [lines, instead, minted, mintInstead, partials, finalized] = [[], [], [], [], [], []];
  [released, kept] = [0, null];
  vi.mocked(sessions.mintTicket).mockImplementation(() => {
    minted.push({ at: Date.now() });
    const thrown = mintInstead.shift();
    return thrown === undefined ? Promise.resolve(ticket) : Promise.reject(thrown);
  });
  vi.mocked(callCoach).mockImplementation((_, ears) => {
    const thrown = instead.shift();
    if (thrown !== undefined) return Promise.reject(thrown);
    const line: Line = {
      ears,
      sent: [],
      hearsMicrophone: false,
      closed: false,
      says: (...events) => {
        for (const event of events) ears.onEvent(event as unknown as RealtimeServerEvent);
      },
    };
    lines.push(line);
    return Promise.resolve({
      send: (event) => line.sent.push(event),
      listenTo: (track) => {
        line.hearsMicrophone = track !== null;
        return Promise.resolve();
      },
      close: () => {
        line.closed = true;
      },
    });
  });
  vi.mocked(sessions.saveTranscript).mockImplementation((_, revision, turns) => {
    partials.push({ revision, turns });
    return Promise.resolve(revision);
  });
  vi.mocked(sessions.finalizeSession).mockImplementation((_, __, ending) => {
    finalized.push(ending);
    return Promise.resolve({ duration_ms: ending.duration_ms, transcript: { turns: ending.turns } } as Session);
  });
});

afterEach(() => {
  vi.useRealTimers();
});

const track = { enabled: true, readyState: "live", label: "", getSettings: () => ({}), clone: () => track, stop: () => undefined };

let holdSound: (held: boolean) => void;

function studio(): Studio {
  let zero: number | null = null;
  let stopped: number | null = null;
  let from = 0;
  const now = () => stopped ?? (zero === null ? 0 : from + Date.now() - zero);
  return {
    microphone: { getAudioTracks: () => [track] } as unknown as MediaStream,
    levels: () => ({ learner: 0, coach: 0 }),
    addCoach: () => Promise.resolve(true),
    onHeld: (tell) => {
      holdSound = tell;
    },
    play: () => Promise.resolve(),
    useLoudspeaker: () => Promise.resolve(),
    replaceMicrophone: () => undefined,
    storage: () => "fine",
    start: (_, __, fromMs = 0) => {
      if (zero === null) [zero, from] = [Date.now(), fromMs];
      return Promise.resolve();
    },
    now,
    heard: () => ({ learner: [], coach: [] }),
    stop: () => {
      stopped = now();
      return Promise.resolve({ durationMs: stopped });
    },
    close: () => undefined,
  };
}

let released = 0;
let kept: KeptDraft | null = null;
const keeper: Keeper = {
  keep: (draft) => {
    kept = draft;
    return Promise.resolve(true);
  },
  forget: () => {
    kept = null;
    return Promise.resolve();
  },
  release: () => {
    released += 1;
  },
};

const session = { id: "s1", recording_policy: "keep", transcript: { revision: 0, turns: [] } } as unknown as Session;

function practises(from?: Continuation): PracticeCall {
  const practice = new PracticeCall(session, studio(), keeper, () => undefined, from);
  practice.dial();
  return practice;
}

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);
const phaseOf = (practice: PracticeCall) => practice.read().call.phase;

function line(at: number): Line {
  const found = lines[at];
  if (found === undefined) throw new Error(`There was no call ${at}.`);
  return found;
}

async function coachSays(to: Line, item: string, text: string): Promise<void> {
  to.says(
    { type: "response.created", response: { id: `r-${item}` } },
    { type: "response.output_item.added", response_id: `r-${item}`, item: { id: item, type: "message", role: "assistant", content: [] } },
    { type: "conversation.item.added", previous_item_id: null, item: { id: item, type: "message", role: "assistant", content: [] } },
    { type: "output_audio_buffer.started", response_id: `r-${item}` },
    { type: "response.output_audio_transcript.done", response_id: `r-${item}`, item_id: item, transcript: text },
    { type: "response.done", response: { id: `r-${item}`, status: "completed" } },
  );
  await pass(2_000);
  to.says({ type: "output_audio_buffer.stopped", response_id: `r-${item}` });
}

async function learnerBegins(to: Line, item: string): Promise<void> {
  to.says({ type: "input_audio_buffer.speech_started", item_id: item });
  await pass(2_000);
}

async function learnerSays(to: Line, item: string, text: string | null): Promise<void> {
  await learnerBegins(to, item);
  to.says(
    { type: "input_audio_buffer.speech_stopped", item_id: item },
    { type: "input_audio_buffer.committed", item_id: item, previous_item_id: null },
    text === null
      ? { type: "conversation.item.input_audio_transcription.failed", item_id: item }
      : { type: "conversation.item.input_audio_transcription.completed", item_id: item, transcript: text },
  );
}

/** A practice in the middle of which something happens. */
async function talks(): Promise<PracticeCall> {
  const practice = practises();
  await pass(100);
  await coachSays(line(0), "A1", "What did you do?");
  await learnerSays(line(0), "U1", "I went to Porto.");
  await coachSays(line(0), "A2", "And then?");
  await learnerSays(line(0), "U2", null);
  await coachSays(line(0), "A3", "Who was there?");
  return practice;
}

/** What a new call is told: who said what, and everything else by its type. */
function told({ sent }: Line): string[] {
  return sent.map((event) => {
    if (event.type !== "conversation.item.create" || event.item.type !== "message") return event.type;
    const [content] = event.item.content;
    return `${event.item.role}: ${content !== undefined && "text" in content ? content.text : ""}`;
  });
}

const turnsOf = (ending: Ending | undefined) => ending?.turns.map(({ item_id, call, text, state }) => `${call} ${item_id} ${state} ${text}`);

describe("a practice whose call is lost", () => {
  it("asks the coach to begin, once the microphone is heard", async () => {
    practises();
    await pass(0);
    expect(told(line(0))).toEqual(["response.create"]);
    expect(line(0).hearsMicrophone).toBe(true);
  });

  it("tells a new call what was said, in order, and lets the coach go on", async () => {
    const practice = await talks();
    line(0).ears.onOver("lost");
    expect(phaseOf(practice)).toBe("reconnecting");
    expect(line(0).closed).toBe(true);
    await pass(0);
    expect(phaseOf(practice)).toBe("listening");
    expect(told(line(1))).toEqual([
      "assistant: What did you do?",
      "user: I went to Porto.",
      "assistant: And then?",
      "user: (I answered, but it could not be written down.)",
      "assistant: Who was there?",
      expect.stringMatching(/^system: The line was lost/),
      "response.create",
    ]);
  });

  it("counts no turn twice, and loses none", async () => {
    const practice = await talks();
    line(0).ears.onOver("lost");
    await pass(3_000);
    // The provider says back what it was told, under names of its own.
    for (const [at, event] of line(1).sent.entries()) {
      if (event.type === "conversation.item.create") {
        line(1).says({ type: "conversation.item.added", previous_item_id: null, item: { ...event.item, id: `told-${at}` } });
      }
    }
    await coachSays(line(1), "A4", "Who was there?");
    await learnerSays(line(1), "U3", "My sister.");
    practice.end();
    await pass(5_000);
    expect(phaseOf(practice)).toBe("saved");
    expect(turnsOf(finalized[0])).toEqual([
      "0 A1 complete What did you do?",
      "0 U1 complete I went to Porto.",
      "0 A2 complete And then?",
      "0 U2 not_transcribed null",
      "0 A3 complete Who was there?",
      "1 A4 complete Who was there?",
      "1 U3 complete My sister.",
    ]);
  });

  it("keeps both turns of a provider that gives the same name twice", async () => {
    const practice = await talks();
    line(0).ears.onOver("lost");
    await pass(0);
    await coachSays(line(1), "A1", "Once more.");
    practice.end();
    await pass(5_000);
    expect(turnsOf(finalized[0])?.at(-1)).toBe("1 A1/1 complete Once more.");
  });

  it("keeps what was being said as far as it is known, and has the coach ask again", async () => {
    const practice = await talks();
    await learnerBegins(line(0), "U3");
    line(0).ears.onOver("lost");
    await pass(0);
    expect(told(line(1)).at(-3)).toBe("assistant: Who was there?");
    await pass(1_000);
    expect(partials.at(-1)?.turns.at(-1)).toMatchObject({ item_id: "U3", state: "not_transcribed", call: 0 });
    practice.end();
    await pass(5_000);
    expect(turnsOf(finalized[0])?.at(-1)).toBe("0 U3 not_transcribed null");
  });

  it("does not tell of a question that nobody heard to its end", async () => {
    await talks();
    await learnerSays(line(0), "U3", "My sister.");
    line(0).says(
      { type: "response.output_item.added", response_id: "r", item: { id: "A4", type: "message", role: "assistant", content: [] } },
      { type: "output_audio_buffer.started", response_id: "r" },
      { type: "response.output_audio_transcript.done", response_id: "r", item_id: "A4", transcript: "A very long question that is cut off in the middle?" },
    );
    await pass(800);
    line(0).ears.onOver("lost");
    await pass(0);
    expect(told(line(1)).at(-3)).toBe("user: My sister.");
  });

  it("shows in the captions how long the line was lost", async () => {
    const practice = await talks();
    instead = [new Failure("ICE_FAILED"), new Failure("ICE_FAILED")];
    line(0).ears.onShaky(true);
    await pass(12_000);
    expect(phaseOf(practice)).toBe("listening");
    // Two seconds of grace, then half of what it waits at most: 200 and 400 ms.
    expect(practice.read().captions.at(-1)).toEqual({ id: "gap-1", gapMs: 2_600 });
    await coachSays(line(1), "A4", "Who was there?");
    expect(practice.read().captions.slice(-2)).toMatchObject([{ gapMs: 2_600 }, { text: "Who was there?" }]);
  });

  it("offers a click when the browser stops all sound, and goes on without one where it can", async () => {
    const practice = await talks();
    holdSound(true);
    expect(practice.read().soundHeld).toBe(true);
    holdSound(false);
    expect(practice.read().soundHeld).toBe(false);
  });

  it("takes no news of a line that was given up", async () => {
    const practice = await talks();
    line(0).ears.onOver("lost");
    await pass(0);
    const before = practice.read();
    line(0).says({ type: "input_audio_buffer.speech_started", item_id: "late" });
    line(0).ears.onOver("hung-up");
    expect(practice.read()).toBe(before);
  });

  it("does not begin a call that came too late", async () => {
    const practice = await talks();
    line(0).ears.onOver("lost");
    practice.end();
    await pass(5_000);
    expect(phaseOf(practice)).toBe("saved");
    expect(lines.slice(1).every(({ closed, sent }) => closed && sent.length === 0)).toBe(true);
  });

  it("is ended while a line is looked for, and everything is saved", async () => {
    const practice = await talks();
    instead = Array.from({ length: 50 }, () => new Failure("ICE_FAILED"));
    line(0).ears.onOver("lost");
    await pass(4_000);
    expect(phaseOf(practice)).toBe("reconnecting");
    practice.setMuted(true);
    expect(track.enabled).toBe(false);
    practice.end();
    await pass(1_000);
    expect(phaseOf(practice)).toBe("saved");
    expect(finalized[0]?.turns).toHaveLength(5);
    expect(finalized[0]?.duration_ms).toBe(14_100);
  });

  it("gives up after a minute, and then neither calls nor loses anything until it is told what to do", async () => {
    const practice = await talks();
    mintInstead = Array.from({ length: 200 }, () => unreachable());
    line(0).ears.onOver("lost");
    await pass(70_000);
    expect(practice.read().call).toMatchObject({ phase: "failed", broke: "calling", held: true });
    const attempts = minted.length;
    await pass(20_000);
    expect(minted).toHaveLength(attempts);
    mintInstead = [];
    practice.retry();
    await pass(0);
    expect(phaseOf(practice)).toBe("listening");
    practice.end();
    await pass(5_000);
    expect(finalized[0]?.turns).toHaveLength(5);
  });

  it("ends at the limit, whatever it is doing then", async () => {
    const practice = await talks();
    mintInstead = Array.from({ length: 2_000 }, () => unreachable());
    line(0).ears.onOver("lost");
    await pass(300_000);
    expect(phaseOf(practice)).toBe("saved");
    expect(finalized[0]?.end_reason).toBe("time_limit");
  });

  it("takes a hang-up at the limit for the limit", async () => {
    const practice = await talks();
    await pass(288_000);
    line(0).ears.onOver("hung-up");
    await pass(5_000);
    expect(practice.read().call).toMatchObject({ phase: "saved", trouble: null });
    expect(finalized[0]?.end_reason).toBe("time_limit");
  });

  it("calls again when the provider's own time is up", async () => {
    const practice = await talks();
    line(0).says({ type: "error", error: { type: "invalid_request_error", code: "session_expired", message: "" } });
    await pass(0);
    expect(phaseOf(practice)).toBe("listening");
    expect(lines).toHaveLength(2);
  });
});

describe("an attempt that is refused", () => {
  const refused = (slug: string, status: number, extension = {}, retryAfter: number | null = null) => new Problem(slug, status, "ref", extension, retryAfter);

  it("asks for a new secret at once when the first has run out, without a click", async () => {
    instead = [refused("secret-refused", 401)];
    const practice = practises();
    await pass(0);
    expect(phaseOf(practice)).toBe("listening");
    expect(minted).toHaveLength(2);
  });

  it("says so when the new secret is refused as well", async () => {
    instead = [refused("secret-refused", 401), refused("secret-refused", 401)];
    const practice = practises();
    await pass(0);
    expect(practice.read().call).toMatchObject({ phase: "failed", trouble: { code: "SECRET_REFUSED", reference: "ref" } });
  });

  it("ends and saves when the minutes are used up, and says so", async () => {
    const practice = await talks();
    mintInstead = [refused("quota-exceeded", 429, { violated_policies: ["daily-minutes"] }, 3_600)];
    line(0).ears.onOver("hung-up");
    await pass(5_000);
    expect(practice.read().call).toMatchObject({ phase: "saved", trouble: { code: "QUOTA_REACHED" } });
    expect(finalized[0]).toMatchObject({ end_reason: "time_limit" });
    expect(finalized[0]?.turns).toHaveLength(5);
  });

  it("leaves a busy provider alone for as long as it asks", async () => {
    const practice = await talks();
    mintInstead = [refused("provider-busy", 503, {}, 9)];
    const from = Date.now();
    line(0).ears.onOver("lost");
    await pass(20_000);
    expect(phaseOf(practice)).toBe("listening");
    expect(minted.slice(1).map(({ at }) => at - from)).toEqual([0, 9_125]);
  });

  it("keeps in this browser what the server did not take, until it does", async () => {
    await talks();
    await pass(1_000);
    expect(kept, "all of it is on the server").toBeNull();
    vi.mocked(sessions.saveTranscript).mockRejectedValueOnce(unreachable());
    await learnerSays(line(0), "U3", "My sister.");
    await pass(1_000);
    expect(kept?.turns).toHaveLength(6);
    expect(kept?.calls).toEqual([{ number: 0, start_ms: 0, end_ms: null }]);
    await pass(6_000);
    expect(partials.at(-1)?.turns).toHaveLength(6);
    expect(kept).toBeNull();
  });

  it("tries a failing provider again, less and less often", async () => {
    const practice = await talks();
    mintInstead = [refused("provider-unavailable", 503), refused("provider-timeout", 504), refused("provider-unavailable", 502)];
    const from = Date.now();
    line(0).ears.onOver("lost");
    await pass(20_000);
    expect(phaseOf(practice)).toBe("listening");
    expect(minted.slice(1).map(({ at }) => at - from)).toEqual([0, 500, 1_500, 3_500]);
  });

  it("does not wait for an answer that does not come", async () => {
    const practice = await talks();
    vi.mocked(sessions.mintTicket).mockImplementationOnce(
      (_, __, signal) => new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(new DOMException("", "AbortError")))),
    );
    line(0).ears.onOver("lost");
    await pass(6_500);
    expect(phaseOf(practice)).toBe("listening");
  });

  it("keeps everything when the learner was signed out, and stands in nobody's way", async () => {
    const practice = await talks();
    mintInstead = [refused("unauthenticated", 401)];
    line(0).ears.onOver("hung-up");
    await pass(0);
    expect(practice.read().call).toMatchObject({ phase: "failed", broke: "calling", trouble: { code: "SIGNED_OUT" } });
    await pass(1_000);
    expect(partials.at(-1)?.turns).toHaveLength(5);
  });

  it("goes to what was saved when the session was ended elsewhere", async () => {
    const practice = await talks();
    await pass(1_000);
    mintInstead = [refused("invalid-state", 409)];
    vi.mocked(sessions.finalizeSession).mockRejectedValueOnce(refused("already-finalized", 409));
    vi.mocked(sessions.readSession).mockResolvedValueOnce({ duration_ms: 9_000, transcript: { turns: partials.at(-1)?.turns } } as Session);
    line(0).ears.onOver("hung-up");
    await pass(5_000);
    expect(practice.read().call).toMatchObject({ phase: "saved", durationMs: 9_000, lostTurns: 0, trouble: { code: "ALREADY_ENDED" } });
    expect(kept).toBeNull();
  });

  it("says how much was not taken when it was ended elsewhere before, and keeps that here", async () => {
    const practice = await talks();
    await pass(1_000);
    const taken = partials.at(-1)?.turns.slice(0, 3);
    vi.mocked(sessions.finalizeSession).mockRejectedValueOnce(refused("already-finalized", 409));
    vi.mocked(sessions.readSession).mockResolvedValueOnce({ duration_ms: 6_000, transcript: { turns: taken } } as Session);
    practice.end();
    await pass(5_000);
    expect(practice.read().call).toMatchObject({ phase: "saved", lostTurns: 2, trouble: { code: "ALREADY_ENDED" } });
    expect(kept?.turns).toHaveLength(5);
  });

  it("is saved by itself when the server is back, a minute later as well", async () => {
    const practice = await talks();
    vi.mocked(sessions.finalizeSession).mockImplementation((_, __, ending) => {
      finalized.push(ending);
      return finalized.length < 9 ? Promise.reject(unreachable()) : Promise.resolve({ duration_ms: 9_000, transcript: { turns: ending.turns } } as Session);
    });
    practice.end();
    await pass(10_000);
    expect(practice.read()).toMatchObject({ call: { phase: "failed", broke: "saving", trouble: { code: "SAVE_PENDING" } }, wordsKept: true });
    await pass(60_000);
    expect(practice.read().call).toMatchObject({ phase: "saved", trouble: null });
    expect(kept).toBeNull();
  });

  it("is saved at once when the network is back, and an attempt on the one before is forgotten", async () => {
    const practice = await talks();
    let onOldNetwork: (thrown: Error) => void = () => undefined;
    let onNewNetwork: (session: Session) => void = () => undefined;
    vi.mocked(sessions.finalizeSession)
      .mockImplementationOnce(() => new Promise((_, reject) => (onOldNetwork = reject)))
      .mockImplementationOnce(() => new Promise((resolve) => (onNewNetwork = resolve)));
    practice.end();
    await pass(1_000);
    expect(phaseOf(practice)).toBe("saving");
    window.dispatchEvent(new Event("online"));
    onOldNetwork(refused("not-found", 404));
    await pass(0);
    expect(phaseOf(practice)).toBe("saving");
    onNewNetwork({ duration_ms: 9_000, transcript: { turns: kept?.turns } } as Session);
    await pass(0);
    expect(practice.read().call).toMatchObject({ phase: "saved", trouble: null });
  });

  it("is tried again when no answer comes at all", async () => {
    const practice = await talks();
    vi.mocked(sessions.finalizeSession).mockImplementationOnce(() => new Promise(() => undefined));
    practice.end();
    await pass(20_000);
    expect(phaseOf(practice)).toBe("saved");
  });

  it("asks to sign in when that is what keeps it from being saved, and saves when it is told to", async () => {
    const practice = await talks();
    vi.mocked(sessions.finalizeSession).mockRejectedValueOnce(refused("unauthenticated", 401));
    practice.end();
    await pass(5_000);
    expect(practice.read().call).toMatchObject({ phase: "failed", broke: "saving", trouble: { code: "SIGNED_OUT" } });
    practice.retry();
    await pass(0);
    expect(phaseOf(practice)).toBe("saved");
  });

  it("is minded by this tab until it is saved, or left", async () => {
    const practice = await talks();
    expect(released).toBe(0);
    practice.end();
    await pass(5_000);
    expect([phaseOf(practice), released]).toEqual(["saved", 1]);
    practises().close();
    await pass(0);
    expect(released).toBe(2);
  });

  it("says that the session is gone when it was deleted elsewhere", async () => {
    const practice = await talks();
    mintInstead = [refused("not-found", 404)];
    vi.mocked(sessions.finalizeSession).mockRejectedValueOnce(refused("not-found", 404));
    line(0).ears.onOver("hung-up");
    await pass(5_000);
    expect(practice.read().call).toMatchObject({ phase: "failed", broke: "saving", trouble: { code: "NOT_FOUND" } });
  });
});

describe("a practice that goes on", () => {
  const said: Turn[] = [
    { item_id: "A1", speaker: "coach", start_ms: 0, end_ms: 2_000, text: "What did you do?", state: "complete", call: 0 },
    { item_id: "U1", speaker: "learner", start_ms: 3_000, end_ms: 5_000, text: "I went to Porto.", state: "complete", call: 0 },
  ];

  it("tells the coach what was said before, and counts from where it was", async () => {
    const practice = practises({ fromMs: 60_000, turns: said, calls: [{ number: 0, start_ms: 0, end_ms: null }], before: [] });
    await pass(0);
    expect(told(line(0)).slice(0, 2)).toEqual(["assistant: What did you do?", "user: I went to Porto."]);
    await coachSays(line(0), "A2", "Where were we?");
    expect(practice.read().captions.map((caption) => ("gapMs" in caption ? caption.gapMs : caption.id))).toEqual(["A1", "U1", 55_000, "A2"]);
    practice.end();
    await pass(5_000);
    expect(turnsOf(finalized[0])).toEqual([
      "0 A1 complete What did you do?",
      "0 U1 complete I went to Porto.",
      "1 A2 complete Where were we?",
    ]);
    expect(finalized[0]?.duration_ms).toBe(62_000);
  });

  it("can be ended before there is a line, with nothing lost", async () => {
    mintInstead = Array.from({ length: 20 }, () => unreachable());
    const practice = practises({ fromMs: 60_000, turns: said, calls: [], before: [] });
    await pass(1_000);
    expect(phaseOf(practice)).toBe("connecting");
    practice.end();
    await pass(2_000);
    expect(finalized[0]).toMatchObject({ turns: said, duration_ms: 5_000 });
  });

  it("tells the coach of the session it continues, and keeps that out of its own words", async () => {
    const practice = practises({ fromMs: 0, turns: [], calls: [], before: said });
    await pass(0);
    expect(told(line(0)).slice(0, 2)).toEqual(["assistant: What did you do?", "user: I went to Porto."]);
    await coachSays(line(0), "A2", "Where were we?");
    practice.end();
    await pass(5_000);
    expect(turnsOf(finalized[0])).toEqual(["0 A2 complete Where were we?"]);
  });
});
