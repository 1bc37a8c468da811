import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Session, Turn } from "@/api/contract";
import { LateWords } from "./late-words";

const turn = (item_id: string, text: string | null): Turn => ({ item_id, speaker: "learner", start_ms: 0, end_ms: 900, text, state: "complete", call: 0 });
const session = { id: "s1", transcript: { turns: [turn("a", "hello"), turn("b", null)] } } as unknown as Session;

let keeps: Turn[];
const letGo = vi.fn(() => {
  keeps = [];
  return Promise.resolve();
});

function shows(kept: Turn[]) {
  keeps = kept;
  return render(
    <QueryClientProvider client={new QueryClient()}>
      <LateWords session={session} kept={() => Promise.resolve(keeps)} letGo={letGo} />
    </QueryClientProvider>,
  );
}

beforeEach(() => letGo.mockClear());
afterEach(() => vi.restoreAllMocks());

describe("words that came too late", () => {
  it("can be read, and only those", async () => {
    shows([turn("a", "hello"), turn("b", "my sister"), turn("c", "and goodbye")]);
    expect(await screen.findByRole("heading", { name: "What came too late" })).toBeTruthy();
    expect(screen.getAllByRole("listitem").map((item) => item.textContent)).toEqual(["You: my sister", "You: and goodbye"]);
  });

  it("are not spoken of when the session has them all", async () => {
    const { container } = shows([turn("a", "hello")]);
    await Promise.resolve();
    expect(container.textContent).toBe("");
  });

  it("can be copied as they stand there", async () => {
    const user = userEvent.setup();
    shows([turn("b", "my sister"), { ...turn("c", null), speaker: "coach" }]);
    await user.click(await screen.findByRole("button", { name: "Copy the words" }));
    expect(await screen.findByRole("button", { name: "Copied" })).toBeTruthy();
    expect(await navigator.clipboard.readText()).toBe("You: my sister\nCoach: Not written down");
  });

  it("are selected by hand where the browser does not copy", async () => {
    const user = userEvent.setup();
    vi.spyOn(navigator.clipboard, "writeText").mockRejectedValue(new DOMException("", "NotAllowedError"));
    shows([turn("c", "and goodbye")]);
    await user.click(await screen.findByRole("button", { name: "Copy the words" }));
    expect(await screen.findByText(/copy them yourself/)).toBeTruthy();
    expect(screen.queryByRole("button", { name: "Copied" })).toBeNull();
  });

  it("are let go of after a question, and then it is said", async () => {
    const user = userEvent.setup();
    shows([turn("c", "and goodbye")]);
    await user.click(await screen.findByRole("button", { name: "Remove from this browser" }));
    expect(screen.getByRole("alertdialog").textContent).toContain("Nobody can bring them back");
    expect(letGo).not.toHaveBeenCalled();
    await user.click(screen.getByRole("button", { name: "Remove them" }));
    const note = await screen.findByText(/are removed from this browser/);
    expect(letGo).toHaveBeenCalledOnce();
    expect(document.activeElement).toBe(note);
    expect(screen.queryByRole("heading", { name: "What came too late" })).toBeNull();
  });

  it("stay when the learner would rather keep them", async () => {
    const user = userEvent.setup();
    shows([turn("c", "and goodbye")]);
    await user.click(await screen.findByRole("button", { name: "Remove from this browser" }));
    await user.click(screen.getByRole("button", { name: "Keep them" }));
    expect(letGo).not.toHaveBeenCalled();
    expect(screen.getByRole("listitem").textContent).toBe("You: and goodbye");
  });
});
