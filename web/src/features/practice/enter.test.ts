import { afterEach, describe, expect, it, vi } from "vitest";
import type { Session, Turn } from "@/api/contract";
import { Problem } from "@/api/problem";
import { createSession, readSession } from "@/api/sessions";
import { enter } from "./enter";

vi.mock("@/api/sessions", () => ({ createSession: vi.fn(), readSession: vi.fn() }));

const said = [{ item_id: "a", speaker: "coach", start_ms: 0, end_ms: 900, text: "Hello", state: "complete", call: 0 }] as Turn[];

function session(id: string, changes: Partial<Session> = {}): Session {
  return { id, state: "open", continues: null, transcript: { turns: [], calls: [] }, ...changes } as unknown as Session;
}

function are(...sessions: Session[]): void {
  vi.mocked(readSession).mockImplementation((id) => Promise.resolve(sessions.find((known) => known.id === id) ?? session(id)));
  vi.mocked(createSession).mockImplementation((_, { continues }) => Promise.resolve(session("new", { continues: continues ?? null })));
}

let taken: string[] = [];
const release = vi.fn();
const claim = (id: string) => Promise.resolve(taken.includes(id) ? null : release);

const wanted = { topicId: "t", policy: "keep" } as const;

describe("entering a practice", () => {
  afterEach(() => {
    vi.resetAllMocks();
    taken = [];
  });

  it("opens a new one", async () => {
    are();
    expect(await enter("k", wanted, claim)).toEqual({ session: session("new"), before: [], release });
    expect(createSession).toHaveBeenCalledWith("k", { topic_id: "t", recording_policy: "keep" });
  });

  it("comes back into one that is open, and starts none", async () => {
    are(session("open"));
    expect((await enter("k", { ...wanted, session: "open" }, claim)).session.id).toBe("open");
    expect(createSession).not.toHaveBeenCalled();
  });

  it("says when that one has ended meanwhile", async () => {
    are(session("open", { state: "finalized" }));
    await expect(enter("k", { ...wanted, session: "open" }, claim)).rejects.toThrow(Problem);
    expect(release, "and another tab may look").toHaveBeenCalledOnce();
  });

  it("keeps it for itself, and reads nothing of one that another tab is still writing", async () => {
    are(session("open"));
    expect((await enter("k", { ...wanted, session: "open" }, claim)).release).toBe(release);
    expect(release).not.toHaveBeenCalled();
    vi.mocked(readSession).mockClear();
    taken = ["open"];
    await expect(enter("k", { ...wanted, session: "open" }, claim)).rejects.toMatchObject({ code: "OTHER_TAB" });
    expect(readSession).not.toHaveBeenCalled();
  });

  it("goes on with one that is over, and knows what was said in it", async () => {
    are(session("over", { state: "finalized", transcript: { turns: said } as Session["transcript"] }));
    const entered = await enter("k", { ...wanted, continues: "over" }, claim);
    expect(createSession).toHaveBeenCalledWith("k", { topic_id: "t", recording_policy: "keep", continues: "over" });
    expect(entered).toEqual({ session: session("new", { continues: "over" }), before: said, release });
  });

  it("knows also after coming back what the one before was about", async () => {
    are(
      session("over", { state: "finalized", transcript: { turns: said } as Session["transcript"] }),
      session("open", { continues: "over" }),
    );
    expect((await enter("k", { ...wanted, session: "open" }, claim)).before).toEqual(said);
  });
});
