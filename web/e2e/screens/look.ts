//! Looks at what stands on the page: pictures, and what a program can say about it.

import { type Page, expect, test } from "@playwright/test";
import { join } from "node:path";
import { faultsOf } from "../support/accessibility.ts";
import { folder, looks } from "./looks.ts";

/** Takes the four pictures of one state by resizing and recolouring in place, and judges each. */
export async function look(page: Page, screen: string): Promise<void> {
  for (const { name, width, height, scheme } of looks) {
    await test.step(name, async () => {
      await page.setViewportSize({ width, height });
      await page.emulateMedia({ colorScheme: scheme, reducedMotion: "reduce" });
      // Colours fade from one scheme to the other; half-way they are nobody's.
      await page.waitForFunction(() => document.getAnimations().every(({ playState }) => playState !== "running"));
      // What is fixed to the window has no place on a page longer than it.
      const fullPage = (await page.locator("dialog[open], aside").count()) === 0;
      await page.screenshot({ path: join(folder, name, `${screen}.png`), fullPage, animations: "disabled" });
      expect.soft(await faultsOf(page), `${screen}, ${name}`).toEqual([]);
    });
  }
}
