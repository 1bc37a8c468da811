import "fake-indexeddb/auto";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, it, vi } from "vitest";
import { wordsFor } from "@/words/failure";
import { FakeTus } from "./fake-tus";
import { UploadsUnderWay } from "./upload-status";
import { beginTake, endTakes } from "./uploads";

afterEach(() => vi.unstubAllGlobals());

it("says that a recording was refused until the learner has read it", async () => {
  const server = new FakeTus();
  server.always("POST", { status: 400 });
  vi.stubGlobal("XMLHttpRequest", server.requestClass);
  render(<UploadsUnderWay except={null} />);
  const tape = beginTake({ sessionId: "s1", learnerId: "maya", zero: 1000 }, 0, "audio/webm");
  tape.add(new Uint8Array(100));
  tape.finish();
  endTakes("s1");
  expect((await screen.findByRole("alert")).textContent).toContain(wordsFor("RECORDING_REFUSED").title);
  await userEvent.setup().click(screen.getByRole("button", { name: "Close" }));
  expect(screen.queryByRole("alert")).toBeNull();
});
