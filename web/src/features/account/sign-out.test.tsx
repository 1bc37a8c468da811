import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { SignOutQuestion, type UnsentWork, useLeaving } from "./sign-out";

let asked: string[];
let serverDown: boolean;

beforeEach(() => {
  asked = [];
  serverDown = false;
  vi.stubGlobal("fetch", (request: Request) => {
    asked.push(new URL(request.url).pathname);
    return serverDown ? Promise.reject(new TypeError("Failed to fetch")) : Promise.resolve(new Response(null, { status: 204 }));
  });
});

afterEach(() => vi.unstubAllGlobals());

function Way({ unsent, onSignedOut }: { unsent: UnsentWork; onSignedOut: () => void }) {
  const leaving = useLeaving(unsent, onSignedOut);
  return (
    <>
      <button onClick={leaving.begin}>out</button>
      <SignOutQuestion leaving={leaving} />
    </>
  );
}

async function leaves(unsent: Partial<UnsentWork>) {
  const onSignedOut = vi.fn();
  const leave = vi.fn();
  const nothing = () => Promise.resolve("nothing" as const);
  render(<Way unsent={{ look: nothing, send: nothing, leave, ...unsent }} onSignedOut={onSignedOut} />);
  const user = userEvent.setup();
  await user.click(screen.getByRole("button", { name: "out" }));
  return { user, onSignedOut, leave };
}

const left = (where: "in-browser" | "in-tab") => () => Promise.resolve(where);

describe("signing out", () => {
  it("asks nothing when everything is sent", async () => {
    const { onSignedOut, leave } = await leaves({});
    await vi.waitFor(() => expect(onSignedOut).toHaveBeenCalledOnce());
    expect(leave).toHaveBeenCalledOnce();
    expect(asked).toEqual(["/api/auth/sign-out"]);
  });

  it("sends first what is unsent, and says so", async () => {
    let sent: (left: "nothing") => void = () => undefined;
    const { onSignedOut } = await leaves({ look: left("in-browser"), send: () => new Promise((resolve) => (sent = resolve)) });
    expect(await screen.findByText("Sending what is left")).toBeTruthy();
    expect(asked).toEqual([]);
    sent("nothing");
    await vi.waitFor(() => expect(onSignedOut).toHaveBeenCalledOnce());
  });

  it("asks when it cannot be sent, and stays", async () => {
    const { user, onSignedOut, leave } = await leaves({ look: left("in-browser"), send: left("in-browser") });
    expect(await screen.findByText(/wait in this browser until you sign in here again/)).toBeTruthy();
    await user.click(screen.getByRole("button", { name: "Stay signed in and send" }));
    expect(screen.queryByRole("button", { name: /^Sign out/ })).toBeNull();
    expect([onSignedOut.mock.calls.length, leave.mock.calls.length, asked.length]).toEqual([0, 0, 0]);
  });

  it("asks when only this tab has it, and goes", async () => {
    const { user, onSignedOut, leave } = await leaves({ look: left("in-tab"), send: left("in-tab") });
    expect(await screen.findByText(/Closing the tab loses it/)).toBeTruthy();
    await user.click(screen.getByRole("button", { name: "Sign out, send it later" }));
    await vi.waitFor(() => expect(onSignedOut).toHaveBeenCalledOnce());
    expect(leave).toHaveBeenCalledOnce();
  });

  it("is not done when the server could not be told, and can be tried again", async () => {
    serverDown = true;
    const { user, onSignedOut, leave } = await leaves({});
    expect(await screen.findByText("You are still signed in")).toBeTruthy();
    expect([onSignedOut.mock.calls.length, leave.mock.calls.length]).toEqual([0, 0]);
    serverDown = false;
    await user.click(screen.getByRole("button", { name: "Try again" }));
    await vi.waitFor(() => expect(onSignedOut).toHaveBeenCalledOnce());
    expect(leave).toHaveBeenCalledOnce();
    expect(screen.queryByRole("button", { name: "Try again" })).toBeNull();
  });

  it("stays when it did not work and the learner no longer wants to go", async () => {
    serverDown = true;
    const { user, onSignedOut, leave } = await leaves({});
    await user.click(await screen.findByRole("button", { name: "Stay signed in" }));
    expect(screen.queryByRole("button", { name: "Try again" })).toBeNull();
    expect([onSignedOut.mock.calls.length, leave.mock.calls.length]).toEqual([0, 0]);
  });

  it("stays when the learner no longer wants to go while it is being sent", async () => {
    let sent: (left: "nothing") => void = () => undefined;
    const { user, onSignedOut } = await leaves({ look: left("in-browser"), send: () => new Promise((resolve) => (sent = resolve)) });
    await user.click(await screen.findByRole("button", { name: "Stay signed in" }));
    sent("nothing");
    await new Promise(setImmediate);
    expect([onSignedOut.mock.calls.length, asked.length]).toEqual([0, 0]);
  });
});
