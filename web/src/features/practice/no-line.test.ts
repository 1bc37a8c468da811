import { describe, expect, it } from "vitest";
import { Problem, unreachable } from "@/api/problem";
import { Failure } from "@/words/failure";
import { noLine } from "./no-line";

const limit = (policy: string) => new Problem("quota-exceeded", 429, null, { violated_policies: [policy] });

describe("why there is no line", () => {
  it.each([
    ["no answer at all", unreachable(), "unreachable"],
    ["an exchange that nobody answers", new Failure("CALL_FAILED", null, unreachable()), "unreachable"],
    ["no way for the sound", new Failure("ICE_FAILED"), "no-way"],
    ["no network interface", new Failure("NO_NETWORK_INTERFACE"), "no-way"],
    ["an offer that could not be agreed on", new Failure("CALL_FAILED"), "failing"],
    ["a secret that ran out", new Problem("secret-refused", 401, null), "secret"],
    ["a busy provider", new Problem("provider-busy", 503, null), "busy"],
    ["a provider that is down", new Problem("provider-unavailable", 503, null), "failing"],
    ["a provider that does not answer", new Problem("provider-timeout", 504, null), "failing"],
    ["a service of ours that is down", new Problem("unknown", 502, null), "failing"],
    ["a provider that does not accept us", new Problem("provider-refused", 502, null), "refused"],
    ["too many first calls", limit("first-calls"), "often"],
    ["too many later calls", limit("re-dials"), "often"],
    ["the time of the practice", limit("session-minutes"), "time-up"],
    ["the minutes of the day", limit("daily-minutes"), "minutes"],
    ["a sign-in that has ended", new Problem("unauthenticated", 401, null), "signed-out"],
    ["a session that was ended", new Problem("invalid-state", 409, null), "ended"],
    ["a session that was deleted", new Problem("not-found", 404, null), "gone"],
    ["a request that makes no sense", new Problem("validation-failed", 422, null), "refused"],
    ["anything else", new TypeError("x"), "refused"],
  ])("%s", (_, thrown, cause) => {
    expect(noLine(thrown, true).cause).toBe(cause);
  });

  it("is the missing network, when there is none", () => {
    expect(noLine(unreachable(), false).cause).toBe("offline");
    expect(noLine(new Failure("OFFLINE"), true).cause).toBe("offline");
  });

  it("comes with what the learner is told, and with how long to wait", () => {
    expect(noLine(new Problem("provider-busy", 503, "ref", {}, 9), true)).toEqual({
      cause: "busy",
      trouble: { code: "PROVIDER_BUSY", reference: "ref" },
      retryAfterMs: 9_000,
    });
  });
});
