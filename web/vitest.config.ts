import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    projects: [
      { test: { name: "client", root: "client", include: ["src/**/*.test.ts"], environment: "node" } },
      {
        test: {
          name: "react",
          root: "react",
          // Style sheets come out empty in tests otherwise; one test reads the theme.
          css: { include: [/theme\.css/] },
          include: ["src/**/*.test.{ts,tsx}"],
          environment: "jsdom",
          testTimeout: 60_000,
          setupFiles: ["./src/test-setup.ts"],
        },
      },
      {
        test: {
          name: "console",
          root: "console",
          include: ["src/**/*.test.{ts,tsx}"],
          environment: "jsdom",
          testTimeout: 60_000,
          setupFiles: ["../react/src/test-setup.ts"],
        },
      },
    ],
  },
});
