import { defineConfig } from "@playwright/test";

// The stack is started by `cargo xtask test browser`, which says where it is. One worker: each test has a browser that
// talks in real time, and some take a service away.
export default defineConfig({
  testDir: "tests",
  outputDir: "../test-results",
  workers: 1,
  retries: 0,
  timeout: 240_000,
  expect: { timeout: 20_000 },
  // Whatever is waited for longer is said to be missing, and where.
  use: { actionTimeout: 60_000 },
  reporter: [["list"]],
  forbidOnly: true,
});
