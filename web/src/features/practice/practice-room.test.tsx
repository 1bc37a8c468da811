import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it, vi } from "vitest";
import { placesOfFailure } from "@/screens";
import { wordsFor } from "@/words/failure";
import { failureCodes } from "@/words/failure-codes";
import { type Call, newCall, phases } from "./call";
import type { VoiceState } from "./learners-voice";
import { RoomView, type RoomViewProps } from "./practice-room";
import type { Snapshot } from "./practice-call";

const nothing = () => undefined;
const voice: VoiceState = { microphone: { state: "well" }, device: null, byHand: null, echo: false };

const metInTheRoom = failureCodes.filter((code) => (placesOfFailure[code] as readonly string[]).includes("room"));

const search = { since: 988_000, until: 1_048_000, attempts: 2, refusals: 0, state: "dialling", nextAt: null, asked: false, trouble: null } as const;

function room(call: Partial<Call>, snapshot: Partial<Snapshot> = {}, props: Partial<RoomViewProps> = {}) {
  return render(
    <QueryClientProvider client={new QueryClient()}>
      <RoomView
        session={{
          id: "s1",
          recording_policy: "keep",
          topic: { id: "t1", title: "A morning at the market", level: "B1", kind: "everyday", minutes: 5, situation: "", phrases: ["The best part was …"] },
        }}
        snapshot={{ call: { ...newCall, ...call }, captions: [], provider: "coach", endsAt: null, soundHeld: false, savedMs: 0, wordsKept: true, voice, ...snapshot }}
        elapsedMs={97_000}
        wallMs={1_000_000}
        levels={() => ({ learner: 0, coach: 0 })}
        storage="fine"
        asksToEnd={false}
        onStay={nothing}
        onGo={nothing}
        onMute={nothing}
        onEnd={nothing}
        onRetry={nothing}
        onPlay={nothing}
        onLeave={nothing}
        devices={{ microphones: [], loudspeakers: [], loudspeakerId: null, look: nothing, speakInto: nothing, hearFrom: nothing }}
        talk={{ down: nothing, up: nothing, lose: nothing, toggle: nothing }}
        onMicrophoneAgain={nothing}
        upload={null}
        unsent={false}
        {...props}
      />
    </QueryClientProvider>,
  );
}

describe("the practice room", () => {
  it.each(phases.filter((phase) => phase !== "failed"))("says in words that it is %s", (phase) => {
    room({ phase, durationMs: 61_000 });
    const word = phase.charAt(0).toUpperCase() + phase.slice(1);
    expect(screen.getAllByRole("status").some((status) => status.textContent.includes(word))).toBe(true);
  });

  it.each(metInTheRoom)("says in words what %s is, and offers one way forward", (code) => {
    room({ phase: "failed", broke: "calling", trouble: { code, reference: "4bf92f35" } });
    const words = wordsFor(code);
    const alert = screen.getByRole("alert");
    expect(alert.textContent).toContain(words.title);
    expect(alert.textContent).toContain(words.saved);
    expect(alert.textContent).toContain("4bf92f35");
    expect([...screen.queryAllByRole("button", { name: words.way }), ...screen.queryAllByRole("link", { name: words.way })]).toHaveLength(1);
  });

  it("asks once before it ends", async () => {
    const onEnd = vi.fn();
    const user = userEvent.setup();
    room({ phase: "listening" }, {}, { onEnd });
    await user.click(screen.getByRole("button", { name: "End" }));
    expect(onEnd).not.toHaveBeenCalled();
    await user.click(screen.getByRole("button", { name: "End and save" }));
    expect(onEnd).toHaveBeenCalledOnce();
  });

  it("goes on when the learner keeps talking", async () => {
    const onEnd = vi.fn();
    const user = userEvent.setup();
    room({ phase: "speaking" }, {}, { onEnd });
    await user.click(screen.getByRole("button", { name: "End" }));
    await user.click(screen.getByRole("button", { name: "Keep talking" }));
    expect(screen.queryByRole("button", { name: "End and save" })).toBeNull();
    expect(onEnd).not.toHaveBeenCalled();
  });

  it("can be muted and ended while the line is looked for, with the keyboard alone", async () => {
    const [onMute, onEnd] = [vi.fn(), vi.fn()];
    const user = userEvent.setup();
    room({ phase: "reconnecting", held: true, search }, {}, { onMute, onEnd });
    screen.getByRole("button", { name: "Mute microphone" }).focus();
    await user.keyboard("{Enter}");
    expect(onMute).toHaveBeenCalledWith(true);
    await user.tab();
    expect(document.activeElement).toBe(screen.getByRole("button", { name: "Choose microphone and loudspeaker" }));
    await user.tab();
    await user.keyboard("{Enter}");
    screen.getByRole("button", { name: "End and save" }).focus();
    await user.keyboard("{Enter}");
    expect(onEnd).toHaveBeenCalledOnce();
  });

  it("says since when the line is lost, that the recording goes on, and when it is tried again", () => {
    room({ phase: "reconnecting", held: true, search: { ...search, state: "waiting", asked: true, nextAt: 1_009_000 } });
    expect(screen.getByText(/Your recording goes on. Lost for 12 s/)).toBeTruthy();
    expect(screen.getByText("Next attempt in 9 s.")).toBeTruthy();
    expect(screen.getByText(/The coach is busy/).closest("[role=status]")).not.toBeNull();
    expect(screen.getByText(/Next attempt/).closest("[role=status]"), "what counts is not read out").toBeNull();
  });

  it("says that the network is gone, and does not count attempts", () => {
    room({ phase: "reconnecting", held: true, search: { ...search, state: "offline" } });
    expect(screen.getByText(/You are offline/)).toBeTruthy();
    expect(screen.queryByText(/Next attempt/)).toBeNull();
  });

  it("offers to call again or to save when it was given up, and says that all is kept", async () => {
    const [onRetry, onEnd] = [vi.fn(), vi.fn()];
    const user = userEvent.setup();
    room({ phase: "failed", broke: "calling", held: true, lineSince: 1, trouble: { code: "SECRET_REFUSED", reference: null } }, {}, { onRetry, onEnd });
    expect(screen.getByRole("alert").textContent).toContain("Everything said so far is kept.");
    await user.click(screen.getByRole("button", { name: wordsFor("SECRET_REFUSED").way }));
    expect(onRetry).toHaveBeenCalledOnce();
    await user.click(screen.getByRole("button", { name: "End and save" }));
    expect(onEnd).toHaveBeenCalledExactlyOnceWith("connection_lost");
    expect(screen.queryByRole("button", { name: /Leave without/ })).toBeNull();
  });

  it("asks before it is left when it was given up, too", () => {
    room({ phase: "failed", broke: "calling", held: true, trouble: { code: "OFFLINE", reference: null } }, {}, { asksToEnd: true });
    expect(screen.getByRole("alertdialog").textContent).toContain("End this practice?");
  });

  it("says why it cannot be left while it is saved, and lets go of it when the words are kept here", async () => {
    const onGo = vi.fn();
    const user = userEvent.setup();
    const { unmount } = room({ phase: "failed", broke: "saving", trouble: { code: "SAVE_PENDING", reference: null } }, {}, { asksToEnd: true, onGo });
    expect(screen.getByRole("alertdialog").textContent).toContain("your words wait in this browser");
    await user.click(screen.getByRole("button", { name: "Leave" }));
    expect(onGo).toHaveBeenCalledOnce();
    unmount();
    room({ phase: "saving" }, { wordsKept: false }, { asksToEnd: true });
    expect(screen.getByRole("alertdialog").textContent).toContain("stay a moment");
    expect(screen.queryByRole("button", { name: "Leave" })).toBeNull();
  });

  it("leads to signing in beside, and saves on, when that is what saving needs", async () => {
    const onRetry = vi.fn();
    const user = userEvent.setup();
    room({ phase: "failed", broke: "saving", held: true, trouble: { code: "SIGNED_OUT", reference: null } }, {}, { onRetry });
    expect(screen.getByRole("link", { name: /^Sign in/ }).getAttribute("target")).toBe("_blank");
    await user.click(screen.getByRole("button", { name: "Save now" }));
    expect(onRetry).toHaveBeenCalledOnce();
  });

  it("shows in the captions where the line was lost", () => {
    room({ phase: "listening" }, { captions: [{ id: "g", gapMs: 12_000 }] });
    expect(screen.getByRole("log").textContent).toBe("Connection lost for 12 s");
  });

  it("says how much time is left in the last minutes, and says it aloud a minute before the end", () => {
    const { unmount } = room({ phase: "listening" }, { endsAt: 1_000_000 + 200_000 });
    expect(screen.queryByText(/left/)).toBeNull();
    unmount();
    const again = room({ phase: "listening" }, { endsAt: 1_000_000 + 100_000 });
    expect(screen.getByText("1 min 40 s left")).toBeTruthy();
    expect(screen.queryByText(/One minute left/)).toBeNull();
    again.unmount();
    room({ phase: "speaking" }, { endsAt: 1_000_000 + 59_000 });
    expect(screen.getByText(/One minute left/).getAttribute("role")).toBe("status");
  });

  it("mutes, and names what the button does next", async () => {
    const onMute = vi.fn();
    const user = userEvent.setup();
    room({ phase: "listening", muted: true }, {}, { onMute });
    await user.click(screen.getByRole("button", { name: "Unmute microphone" }));
    expect(onMute).toHaveBeenCalledWith(false);
  });

  it("shows the captions as a log that a screen reader does not talk over", () => {
    room(
      { phase: "listening" },
      {
        captions: [
          { id: "a", speaker: "coach", text: "Hello there.", state: "complete" },
          { id: "u", speaker: "learner", text: "", state: "not_transcribed" },
        ],
      },
    );
    const log = screen.getByRole("log");
    expect(log.getAttribute("aria-live")).toBe("off");
    expect(log.tabIndex).toBe(0);
    expect(log.textContent).toContain("Hello there.");
    expect(log.textContent).toContain("Not written down");
  });

  it("says that the coach is the practice partner for offline use", () => {
    room({ phase: "listening" });
    expect(screen.getAllByText(/practice partner for offline use/).length).toBeGreaterThan(0);
  });

  it("does not say so of another provider", () => {
    room({ phase: "listening" }, { provider: "openai" });
    expect(screen.queryByText(/practice partner/)).toBeNull();
  });

  it("offers a click when the browser holds the sound back", async () => {
    const onPlay = vi.fn();
    const user = userEvent.setup();
    room({ phase: "speaking" }, { soundHeld: true }, { onPlay });
    await user.click(screen.getByRole("button", { name: /Play the coach/ }));
    expect(onPlay).toHaveBeenCalledOnce();
  });

  it.each([
    ["low", /almost full/],
    ["memory-only", /keeps no copy/],
    ["resuming", /being taken up again by itself/],
    ["stopped", /could not begin again/],
  ] as const)("says so when storage is %s", (storage, words) => {
    room({ phase: "listening" }, {}, { storage });
    expect(screen.getByText(words)).toBeTruthy();
  });

  it("does not say that it records while the browser's recorder is taken up again", () => {
    room({ phase: "reconnecting", search }, {}, { storage: "resuming" });
    expect(screen.queryByText("Recording")).toBeNull();
    expect(screen.getByText("Recording paused")).toBeTruthy();
    expect(screen.queryByText(/Your recording goes on/)).toBeNull();
  });

  it("does not say that it records when the browser's recorder failed for good", () => {
    room({ phase: "reconnecting", search }, {}, { storage: "stopped" });
    expect(screen.queryByText("Recording")).toBeNull();
    expect(screen.getByText("Recording stopped")).toBeTruthy();
    expect(screen.queryByText(/Your recording goes on/)).toBeNull();
  });

  it.each([
    ["MIC_REVOKED", { state: "lost", code: "MIC_REVOKED" }],
    ["MIC_GONE", { state: "lost", code: "MIC_GONE" }],
    ["MIC_BUSY", { state: "lost", code: "MIC_BUSY" }],
    ["MIC_SILENT", { state: "silent" }],
  ] as const)("says what %s is while the call goes on, how much is saved, and one way forward", async (code, microphone) => {
    const onMicrophoneAgain = vi.fn();
    const user = userEvent.setup();
    room({ phase: "listening" }, { voice: { ...voice, microphone }, savedMs: 12_000 }, { onMicrophoneAgain });
    const alert = screen.getByRole("alert");
    expect(alert.textContent).toContain(wordsFor(code).title);
    expect(alert.textContent).toContain("Your first 12 s are saved.");
    await user.click(screen.getByRole("button", { name: wordsFor(code).way }));
    expect(onMicrophoneAgain).toHaveBeenCalledOnce();
    expect(screen.getByRole("button", { name: "End" })).toBeTruthy();
  });

  it("ends and saves when the learner has no microphone any more and wants no other", async () => {
    const onEnd = vi.fn();
    const user = userEvent.setup();
    room({ phase: "listening" }, { voice: { ...voice, microphone: { state: "lost", code: "MIC_GONE" } } }, { onEnd });
    await user.click(screen.getByRole("button", { name: "End and save" }));
    expect(onEnd).toHaveBeenCalledExactlyOnceWith("microphone_lost");
  });

  it("says to use headphones until the learner has read it", async () => {
    const user = userEvent.setup();
    room({ phase: "speaking" }, { voice: { ...voice, echo: true } });
    expect(screen.getByRole("heading", { name: "Use headphones" })).toBeTruthy();
    await user.click(screen.getByRole("button", { name: "Understood" }));
    expect(screen.queryByRole("heading", { name: "Use headphones" })).toBeNull();
  });

  it("has a key for who speaks by hand: the space bar where nothing else wants it, and a button for everybody", async () => {
    const talk = { down: vi.fn(), up: vi.fn(), lose: vi.fn(), toggle: vi.fn() };
    const user = userEvent.setup();
    room({ phase: "listening" }, { voice: { ...voice, byHand: { speaking: false } } }, { talk });
    await user.keyboard("[Space>]");
    expect(talk.down).toHaveBeenCalledOnce();
    await user.keyboard("[/Space]");
    expect(talk.up).toHaveBeenCalledOnce();

    const button = screen.getByRole("button", { name: "Talk" });
    expect(button.getAttribute("aria-pressed")).toBe("false");
    button.focus();
    await user.keyboard("{Enter}");
    expect(talk.toggle).toHaveBeenCalledOnce();
    screen.getByRole("button", { name: "Mute microphone" }).focus();
    await user.keyboard("[Space]");
    expect(talk.down).toHaveBeenCalledOnce();
    expect(talk.up).toHaveBeenCalledOnce();
  });

  it("means by the space bar on its own button what it means anywhere, and hears it come up wherever the focus is then", async () => {
    const talk = { down: vi.fn(), up: vi.fn(), lose: vi.fn(), toggle: vi.fn() };
    const user = userEvent.setup();
    const { unmount } = room({ phase: "listening" }, { voice: { ...voice, byHand: { speaking: false } } }, { talk });
    screen.getByRole("button", { name: "Talk" }).focus();
    await user.keyboard("[Space>]");
    screen.getByRole("button", { name: "Mute microphone" }).focus();
    await user.keyboard("[/Space]");
    screen.getByRole("button", { name: "Talk" }).focus();
    await user.keyboard("[Space]");
    expect([talk.down, talk.up, talk.toggle].map((heard) => heard.mock.calls.length)).toEqual([2, 2, 0]);
    unmount();
    expect(talk.lose, "what is held when it goes").toHaveBeenCalledOnce();
  });

  it("does not call words safe that came after the end", () => {
    room({ phase: "saved", durationMs: 9_000, lostTurns: 2, trouble: { code: "ALREADY_ENDED", reference: null } });
    expect(screen.getByRole("heading", { name: "Not everything was saved" })).toBeTruthy();
    expect(screen.getByText(/^2 turns came after it had ended/)).toBeTruthy();
    expect(screen.queryByText(/Your words are safe/)).toBeNull();
  });

  it("tells what broke when it saved in spite of it", () => {
    room({ phase: "saved", durationMs: 192_000, trouble: { code: "ICE_FAILED", reference: null } });
    expect(screen.getByText(wordsFor("ICE_FAILED").title)).toBeTruthy();
    expect(screen.getByText("3 min 12 s of practice.")).toBeTruthy();
  });
});
