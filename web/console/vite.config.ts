import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

/** While developing, calls go to a running server; a build knows no server but its own origin. */
const server = process.env.PLINTH_URL ?? "http://127.0.0.1:8080";

export default defineConfig({
  plugins: [react(), tailwindcss()],
  server: { proxy: { "/v1": server, "/openapi.json": server } },
  build: { target: "es2023", assetsInlineLimit: 0 },
});
