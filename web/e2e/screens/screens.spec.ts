//! Every screen that the product can show, reached in the real product and looked at.

import { expect, test } from "@playwright/test";
import { screens } from "@/screens";
import { Learner } from "../support/learner.ts";
import { look } from "./look.ts";
import { ways } from "./ways.ts";

test("every screen has a way to it, and every way leads to a screen", () => {
  expect(Object.keys(ways).toSorted()).toEqual(screens.toSorted());
});

for (const screen of screens) {
  test(screen, async () => {
    const learner = await Learner.arrives();
    try {
      await ways[screen](learner);
      await look(learner.page, screen);
      expect(learner.complaints).toEqual([]);
    } finally {
      await learner.leaves();
    }
  });
}
