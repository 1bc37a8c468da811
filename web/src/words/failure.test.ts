import { describe, expect, it } from "vitest";
import { Problem, problemFrom } from "@/api/problem";
import { Failure, failureOf, knownProblems, wordsFor } from "./failure";
import { failureCodes } from "./failure-codes";

describe("the words for a failure", () => {
  it.each(failureCodes)("%s says what it is, what is saved and the way on", (code) => {
    for (const text of Object.values(wordsFor(code))) {
      expect(text).not.toBe("");
      expect(text).not.toContain("failure.");
      expect(text).not.toContain("{{");
    }
  });

  it("says how much of a running practice is saved", () => {
    expect(wordsFor("SAVE_PENDING", 192_000).saved).toBe("Your first 3 min 12 s are saved.");
  });

  it.each(knownProblems)("knows the problem %s", (slug) => {
    expect(failureOf(new Problem(slug, 400, "ref")).code).not.toBe("UNKNOWN");
  });

  it.each([
    [503, "SERVICE_DOWN"],
    [404, "NOT_FOUND"],
    [401, "SIGNED_OUT"],
    [429, "TOO_MANY"],
    [418, "INPUT_REFUSED"],
  ] as const)("takes an unknown problem with status %i for %s", (status, code) => {
    expect(failureOf(new Problem("never-heard-of", status, null)).code).toBe(code);
  });

  it("tells the day's minutes from a limit that passes in a minute", () => {
    const over = (policy: string) => new Problem("quota-exceeded", 429, null, { violated_policies: [policy] });
    expect(failureOf(over("daily-minutes")).code).toBe("QUOTA_REACHED");
    expect(failureOf(over("session-minutes")).code).toBe("QUOTA_REACHED");
    expect(failureOf(over("first-calls")).code).toBe("TOO_MANY");
  });

  it("takes anything else thrown for UNKNOWN, and a failure for itself", () => {
    expect(failureOf(new TypeError("x")).code).toBe("UNKNOWN");
    const failure = new Failure("MIC_BUSY");
    expect(failureOf(failure)).toBe(failure);
  });

  it("keeps the trace id as the reference", () => {
    const response = new Response(null, { status: 409, headers: { "trace-id": "from-header" } });
    expect(failureOf(problemFrom(response, { type: "/problems/already-finalized", instance: "from-body" })).reference).toBe("from-body");
    expect(failureOf(problemFrom(response, "not json")).reference).toBe("from-header");
  });
});
