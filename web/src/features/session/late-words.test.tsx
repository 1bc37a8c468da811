import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import type { Session, Turn } from "@/api/contract";
import { LateWords } from "./late-words";

const turn = (item_id: string, text: string | null): Turn => ({ item_id, speaker: "learner", start_ms: 0, end_ms: 900, text, state: "complete", call: 0 });
const session = { id: "s1", transcript: { turns: [turn("a", "hello"), turn("b", null)] } } as unknown as Session;

function shows(kept: Turn[]) {
  return render(
    <QueryClientProvider client={new QueryClient()}>
      <LateWords session={session} kept={() => Promise.resolve(kept)} />
    </QueryClientProvider>,
  );
}

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
});
