import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Session, Turn } from "@/api/contract";
import { Problem } from "@/api/problem";
import { finalizeSession, readSession } from "@/api/sessions";
import { endLeftOpen, OpenSession } from "./open-session";

vi.mock("@/api/sessions", () => ({ finalizeSession: vi.fn(), readSession: vi.fn() }));

const open = {
  id: "s1",
  state: "open",
  topic: { id: "t1" },
  transcript: {
    revision: 2,
    turns: [{ start_ms: 0, end_ms: 900 }],
    calls: [
      { number: 0, start_ms: 0, end_ms: 4_000 },
      { number: 1, start_ms: 9_000, end_ms: null },
    ],
  },
} as unknown as Session;

const nothingKept = () => Promise.resolve(null);

function notice() {
  const onContinue = vi.fn();
  const onEnded = vi.fn();
  render(
    <QueryClientProvider client={new QueryClient({ defaultOptions: { mutations: { retry: false } } })}>
      <OpenSession failure={new Problem("session-already-open", 409, null)} sessionId="s1" draftOf={nothingKept} onContinue={onContinue} onEnded={onEnded} />
    </QueryClientProvider>,
  );
  return { onContinue, onEnded };
}

describe("another practice that is open", () => {
  afterEach(() => {
    vi.resetAllMocks();
  });

  it("is gone on with first of all", async () => {
    vi.mocked(readSession).mockResolvedValue(open);
    const { onContinue } = notice();
    await userEvent.click(screen.getByRole("button", { name: "Continue" }));
    expect(onContinue).toHaveBeenCalledWith("/practise/t1?session=s1");
  });

  it("is looked at when it ended meanwhile", async () => {
    vi.mocked(readSession).mockResolvedValue({ ...open, state: "finalized" });
    const { onContinue } = notice();
    await userEvent.click(screen.getByRole("button", { name: "Continue" }));
    expect(onContinue).toHaveBeenCalledWith("/sessions/s1");
  });

  it("can be ended and saved beside", async () => {
    vi.mocked(readSession).mockResolvedValue(open);
    vi.mocked(finalizeSession).mockResolvedValue(open);
    const { onEnded } = notice();
    await userEvent.click(screen.getByRole("button", { name: "End and save it" }));
    expect(onEnded).toHaveBeenCalledOnce();
  });

  it("is as long as the last that is known of it", async () => {
    vi.mocked(readSession).mockResolvedValue(open);
    await endLeftOpen("s1", "k", nothingKept);
    expect(finalizeSession).toHaveBeenCalledWith("s1", "k", expect.objectContaining({ duration_ms: 9_000 }));
  });

  it("takes along the words that only this browser has", async () => {
    vi.mocked(readSession).mockResolvedValue(open);
    const turns = [{ item_id: "a", call: 0, start_ms: 0, end_ms: 12_000 }] as Turn[];
    const draft = { revision: 3, turns, calls: [{ number: 0, start_ms: 0, end_ms: null }] };
    await endLeftOpen("s1", "k", () => Promise.resolve(draft));
    expect(finalizeSession).toHaveBeenLastCalledWith("s1", "k", {
      turns,
      calls: [{ number: 0, start_ms: 0, end_ms: 12_000 }],
      duration_ms: 12_000,
      end_reason: "connection_lost",
    });
    await endLeftOpen("s1", "k", () => Promise.resolve({ ...draft, revision: 2 }));
    expect(finalizeSession).toHaveBeenLastCalledWith("s1", "k", expect.objectContaining({ turns: open.transcript.turns }));
  });

  it("has ended as wanted when it ended by itself", async () => {
    const ended = { ...open, state: "finalized" } as Session;
    vi.mocked(readSession).mockResolvedValueOnce(open).mockResolvedValueOnce(ended);
    vi.mocked(finalizeSession).mockRejectedValue(new Problem("already-finalized", 409, null));
    expect(await endLeftOpen("s1", "k", nothingKept)).toBe(ended);
  });
});
