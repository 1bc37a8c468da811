import { defineConfig } from "@playwright/test";

// The stack is started by `cargo xtask screens`, which says where it is and where the pictures go. One worker: the browser
// talks in real time, and the pictures go into one sheet.
export default defineConfig({
  testDir: ".",
  testMatch: "screens.spec.ts",
  outputDir: "../../test-results",
  workers: 1,
  retries: 0,
  timeout: 120_000,
  expect: { timeout: 20_000 },
  reporter: [["list"]],
  forbidOnly: true,
  globalTeardown: "./contact-sheet.ts",
});
