import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

/** Where `npm run dev` finds the services: the edge of the local stack. */
const edge = process.env["VIVAVOCE_EDGE"] ?? "http://127.0.0.1:8080";

export default defineConfig({
  plugins: [react(), tailwindcss()],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  server: {
    host: "127.0.0.1",
    proxy: {
      "/api": { target: edge, changeOrigin: true },
      "/v1/realtime": { target: edge, changeOrigin: true },
    },
  },
  build: {
    // The content security policy allows no data: URLs for scripts and fonts.
    assetsInlineLimit: 0,
    cssTarget: ["chrome123", "firefox120", "safari17.5"],
    modulePreload: { polyfill: false },
  },
  worker: { format: "es" },
  test: {
    environment: "jsdom",
    include: ["src/**/*.test.{ts,tsx}"],
    setupFiles: ["./src/test-setup.ts"],
    restoreMocks: true,
    // Node would take the build that sends with Node's own means.
    alias: { "tus-js-client": "tus-js-client/lib.es5/browser/index.js" },
    // The machine may be busy with services being built.
    testTimeout: 30_000,
  },
});
