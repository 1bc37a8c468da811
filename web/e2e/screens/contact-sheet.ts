//! All pictures side by side: one page to scroll, and pictures of it to pass on.

import { chromium } from "@playwright/test";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { screens } from "@/screens";
import { stack } from "../support/stack.ts";
import { folder, looks } from "./looks.ts";

/** So many tiles of a width fit on a sheet that can still be read. */
const SHEETS = { 1440: { columns: 4, rows: 4 }, 390: { columns: 8, rows: 2 } } as const;
/** A sheet is as wide as this, in pixels. */
const WIDTH = 2400;

const STYLE = `
  body { margin: 0; width: ${WIDTH}px; font: 15px/1.4 system-ui, sans-serif; background: #777; color: #fff; }
  section { display: grid; gap: 20px; padding: 20px; }
  h2 { grid-column: 1 / -1; margin: 0; font-size: 20px; }
  figure { margin: 0; min-width: 0; }
  figcaption { padding: 4px 0; font-weight: 600; overflow-wrap: anywhere; }
  a { display: block; overflow: hidden; background: #666; }
  img { display: block; width: 100%; }
`;

/** Playwright calls this once the last screen was looked at. */
export default async function contactSheet(): Promise<void> {
  const sections = looks.flatMap(({ name, width, height }) => {
    const { columns, rows } = SHEETS[width];
    const taken = screens.filter((screen) => existsSync(join(folder, name, `${screen}.png`)));
    const sheets = Math.ceil(taken.length / (columns * rows));
    return Array.from({ length: sheets }, (_, sheet) => {
      const tiles = taken.slice(sheet * columns * rows, (sheet + 1) * columns * rows).map(
        // A long page is cut: its own picture shows the whole of it.
        (screen) => `<figure><figcaption>${screen}</figcaption><a href="${name}/${screen}.png" style="aspect-ratio: ${width} / ${height * 1.25}"><img src="${name}/${screen}.png"></a></figure>`,
      );
      return `<section id="${name}-${sheet + 1}" style="grid-template-columns: repeat(${columns}, 1fr)"><h2>${name}, ${sheet + 1} of ${sheets}</h2>${tiles.join("")}</section>`;
    });
  });
  const file = join(folder, "index.html");
  writeFileSync(file, `<!doctype html><meta charset="utf-8"><title>Every screen</title><style>${STYLE}</style>${sections.join("\n")}`);

  const browser = await chromium.launch({ executablePath: stack.chromium, args: ["--no-sandbox", "--disable-gpu"] });
  const page = await browser.newPage({ viewport: { width: WIDTH, height: 1000 } });
  await page.goto(pathToFileURL(file).href);
  for (const section of await page.locator("section").all()) {
    await section.screenshot({ path: join(folder, `sheet-${await section.getAttribute("id")}.png`) });
  }
  await browser.close();
}
