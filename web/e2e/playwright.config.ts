import { defineConfig } from "@playwright/test";

// What is in `chaos` is played by `cargo xtask chaos` only, which chooses the seed: it takes hours.
const folders = process.env["CHAOS_SEED"] === undefined ? ["tests/**/*.spec.ts"] : ["tests/**/*.spec.ts", "chaos/**/*.spec.ts"];

// The stack is started by `cargo xtask test browser`, which says where it is. One worker: each test has a browser that
// talks in real time, and some take a service away.
export default defineConfig({
  testDir: ".",
  testMatch: folders,
  outputDir: "../test-results",
  workers: 1,
  retries: 0,
  timeout: 240_000,
  expect: { timeout: 20_000 },
  reporter: [["list"]],
  forbidOnly: true,
});
