import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { HowWasIt } from "./how-was-it";

let said: string[];
let serverDown: boolean;

beforeEach(() => {
  said = [];
  serverDown = false;
  vi.stubGlobal("fetch", async (request: Request) => {
    said.push(`${request.method} ${new URL(request.url).pathname} ${await request.text()}`);
    if (serverDown) throw new TypeError("Failed to fetch");
    return new Response(null, { status: 204 });
  });
  render(
    <QueryClientProvider client={new QueryClient()}>
      <HowWasIt sessionId="s1" />
    </QueryClientProvider>,
  );
});

afterEach(() => vi.unstubAllGlobals());

const answer = (name: string) => screen.getByRole("button", { name });
const good = 'PUT /api/sessions/s1/feedback {"feedback":"good"}';

describe("how it was", () => {
  it("is said once, and thanked for", async () => {
    const user = userEvent.setup();
    await user.click(answer("Good"));
    expect(await screen.findByText("Thank you.")).toBeTruthy();
    await user.click(answer("Not good"));
    await user.click(answer("Good"));
    expect(said).toEqual([good]);
    expect(answer("Good").getAttribute("aria-pressed")).toBe("true");
    expect(document.activeElement).toBe(answer("Good"));
  });

  it("can be said again, or otherwise, when it did not get through", async () => {
    serverDown = true;
    const user = userEvent.setup();
    await user.click(answer("Not good"));
    const again = await screen.findByRole("button", { name: "Try again" });
    expect(answer("Not good").getAttribute("aria-pressed")).toBe("false");
    serverDown = false;
    await user.click(again);
    expect(await screen.findByText("Thank you.")).toBeTruthy();
    expect(said.map((line) => line.split(":")[1])).toEqual(['"poor"}', '"poor"}']);
  });
});
