import { render, screen } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import type { Session } from "@/api/contract";
import { BrokenOff, Linked } from "./came-about";

const session = {
  id: "s1",
  topic: { id: "t1" },
  recording_policy: "keep",
  continues: null,
  continued_by: null,
  end_reason: "interrupted",
  transcript: { turns: [{}, {}] },
} as unknown as Session;

describe("a practice that broke off", () => {
  it.each(["interrupted", "connection_lost", "microphone_lost"] as const)("says so when it ended by %s, and how to go on", (end_reason) => {
    render(<BrokenOff session={{ ...session, end_reason }} />);
    expect(screen.getByText("The 2 turns that were said are kept.")).toBeTruthy();
    expect(screen.getByRole("link", { name: "Continue in a new session" }).getAttribute("href")).toBe("/practise/t1?continues=s1");
  });

  it.each(["learner", "coach", "time_limit"] as const)("is none when it ended by %s", (end_reason) => {
    const { container } = render(<BrokenOff session={{ ...session, end_reason }} />);
    expect(container.textContent).toBe("");
  });

  it("is gone on with once: afterwards its page leads there", () => {
    const later = { ...session, continued_by: "s2" };
    render(
      <>
        <BrokenOff session={later} />
        <Linked session={later} />
      </>,
    );
    expect(screen.getAllByRole("link").map((link) => link.getAttribute("href"))).toEqual(["/sessions/s2"]);
  });

  it("promises no sound that was never recorded", () => {
    render(<BrokenOff session={{ ...session, recording_policy: "never" }} />);
    expect(screen.queryByText(/Sound/)).toBeNull();
  });
});

describe("linked sessions", () => {
  it("lead to each other", () => {
    render(<Linked session={{ ...session, continues: "s0", continued_by: "s2" }} />);
    expect(screen.getAllByRole("link").map((link) => link.getAttribute("href"))).toEqual(["/sessions/s0", "/sessions/s2"]);
  });
});
