import { describe, expect, it } from "vitest";
import { entryFrom } from "./search";

describe("how a learner comes to a practice", () => {
  it("is back into an open one, on with one that is over, or neither", () => {
    expect(entryFrom({ session: "s" })).toEqual({ session: "s" });
    expect(entryFrom({ continues: "s" })).toEqual({ continues: "s" });
    expect(entryFrom({})).toEqual({});
  });

  it("is never both, and nothing else", () => {
    expect(entryFrom({ session: "s", continues: "t", other: "x" })).toEqual({ session: "s" });
    expect(entryFrom({ session: 7, continues: "" })).toEqual({});
  });
});
