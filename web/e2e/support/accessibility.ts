//! What a program can say about whether everybody can use a page.

import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";

/** The rules of WCAG 2.2, levels A and AA, as far as a program can check them. */
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

/** What is wrong with the page as it is now: broken rules, and scrolling sideways. */
export async function faultsOf(page: Page): Promise<string[]> {
  // Without frames there is nothing to gather from other documents, which takes most of the time.
  const { violations } = await new AxeBuilder({ page }).setLegacyMode().withTags(RULES).analyze();
  const broken = violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(" ")}`));
  const wider = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  return wider > 0 ? [...broken, `scrolls sideways by ${wider} pixels`] : broken;
}
