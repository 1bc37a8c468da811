import { render, screen } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import type { Minutes, Topic } from "@/api/contract";
import { wordsFor } from "@/words/failure";
import { timeOfDay } from "@/words/time";
import { BeforeCall } from "./before-call";
import { usualPace } from "./pace";
import type { Microphone } from "./use-microphone";

const nothing = () => undefined;
const midnight = "2026-11-22T00:00:00Z";
const topic = { id: "t1", title: "A morning at the market", level: "B1", kind: "everyday", minutes: 5, situation: "", goal: "", phrases: [] } as unknown as Topic;
const microphone = { current: { state: "unasked" }, devices: [], loudspeakers: [], ask: nothing, hearFrom: nothing, take: () => null } as unknown as Microphone;

function shows(left: number | null, props: { comesBack?: boolean } = {}) {
  const minutes: Minutes | undefined = left === null ? undefined : { minutes_left_today: left, new_minutes_at: midnight };
  return render(
    <BeforeCall
      topic={topic}
      earlier={null}
      comesBack={false}
      policy="keep"
      onPolicy={nothing}
      microphone={microphone}
      pace={{ pace: usualPace, change: nothing, unsaved: false }}
      minutes={minutes}
      starting={false}
      onStart={nothing}
      obstacle={null}
      {...props}
    />,
  );
}

describe("what is left of the day, before a practice is begun", () => {
  it.each([118, 5])("is said in passing when there is enough: %d minutes for five", (left) => {
    shows(left);
    expect(screen.getByText(`${left} minutes left today`)).toBeTruthy();
    expect(screen.queryByText(/ends by itself/)).toBeNull();
    expect(screen.getByRole("button", { name: "Start" })).toBeTruthy();
  });

  it("is said plainly when the practice would end before its time, with what happens then", () => {
    shows(4);
    const notice = screen.getByText("4 minutes left today").closest("[role=status]");
    expect(notice?.textContent).toContain("planned for 5 minutes");
    expect(notice?.textContent).toContain("ends by itself and is saved");
    expect(notice?.textContent).toContain(timeOfDay(midnight));
    expect(screen.getByRole("button", { name: "Start" }).getAttribute("aria-describedby")?.split(" ")).toContain(notice?.id);
  });

  it("stands in the way when there is nothing left, and says when there is again", () => {
    shows(0);
    expect(screen.queryByRole("button", { name: "Start" })).toBeNull();
    const alert = screen.getByRole("alert");
    expect(alert.textContent).toContain(wordsFor("QUOTA_REACHED").title);
    expect(alert.textContent).toContain(`You can practise again from ${timeOfDay(midnight)}.`);
    expect(screen.getByRole("link", { name: wordsFor("QUOTA_REACHED").way })).toBeTruthy();
  });

  it("lets a practice that is under way use up the last minute", () => {
    shows(0, { comesBack: true });
    expect(screen.getByText("Less than a minute left today")).toBeTruthy();
    expect(screen.getByRole("button", { name: "Continue" })).toBeTruthy();
  });

  it("is not spoken of while nobody knows it, and hinders nobody", () => {
    shows(null);
    expect(screen.queryByText(/left today/)).toBeNull();
    expect(screen.getByRole("button", { name: "Start" })).toBeTruthy();
  });
});
