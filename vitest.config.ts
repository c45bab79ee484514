import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import { examples } from "./tools/examples.ts";
import { fromSources, withSources } from "./tools/sources.ts";

export default defineConfig({
  ...fromSources,
  plugins: [examples()],
  test: {
    include: ["packages/*/src/**/*.test.ts", "packages/tensor/kernels/*.test.ts", "tools/**/*.test.ts", "bench/**/*.test.ts", "conformance/**/*.test.ts", "docs/gpu-page/**/*.test.ts"],
    pool: "threads",
    // By default one core is left out, which on two cores is half of them.
    maxWorkers: availableParallelism(),
    // For the processes that tests start, also where vitest is run without the launcher.
    env: { NODE_OPTIONS: withSources(process.env["NODE_OPTIONS"]) },
    // The long form of a fuzzer takes minutes.
    testTimeout: process.env["LLR_FUZZ"] === "long" ? 3_600_000 : 60_000,
    reporters: ["default", "./tools/closingLine.ts"],
    // Freed tensor memory is overwritten with NaN, so that a stale view shows itself.
    setupFiles: ["./tools/poison.ts", "./tools/seed.ts"],
  },
});
