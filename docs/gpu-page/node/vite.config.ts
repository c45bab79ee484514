import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { defaultClientConditions, defineConfig } from "vite";
import { mnistFiles } from "./mnistFiles.ts";

const page = dirname(dirname(fileURLToPath(import.meta.url)));
const cache = join(page, "../../.cache/gpu-page");
/** Only pages that are isolated from others may share memory with workers, which the kernels on the processor use. */
const headers = { "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp" };

/** The packages of this repository from their sources: see tools/sources.ts. */
export const resolve = { conditions: ["@llr/source", ...defaultClientConditions] };

export default defineConfig({
  root: page,
  base: "./",
  resolve,
  cacheDir: join(cache, "vite"),
  plugins: [mnistFiles()],
  server: { headers },
  preview: { headers },
  build: { outDir: join(cache, "dist"), emptyOutDir: true, chunkSizeWarningLimit: 700 },
});
