import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, describe, expect, it, vi } from "vitest";
import { historyKey } from "@/api/sessions";
import { meQuery } from "@/api/users";
import { SignInForm } from "./sign-in-form";

afterEach(() => vi.unstubAllGlobals());

describe("signing in", () => {
  it("leaves nothing of the learner before", async () => {
    vi.stubGlobal("fetch", () => Promise.resolve(new Response(JSON.stringify({ id: "ben" }), { headers: { "content-type": "application/json" } })));
    const queries = new QueryClient();
    queries.setQueryData(historyKey, "what maya did");
    const onSignedIn = vi.fn();
    render(
      <QueryClientProvider client={queries}>
        <SignInForm next={undefined} onSignedIn={onSignedIn} />
      </QueryClientProvider>,
    );
    const user = userEvent.setup();
    await user.type(screen.getByLabelText("E-mail"), "ben@example.org");
    await user.type(screen.getByLabelText("Password"), "a few words in a row");
    await user.click(screen.getByRole("button", { name: "Sign in" }));
    await vi.waitFor(() => expect(onSignedIn).toHaveBeenCalledOnce());
    expect(queries.getQueryData(historyKey)).toBeUndefined();
    expect(queries.getQueryData(meQuery().queryKey)?.id).toBe("ben");
  });
});
