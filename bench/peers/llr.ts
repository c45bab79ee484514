// This library, as a peer among peers. Arguments: number of threads, "turbo" or "plain".
import { readFileSync } from "node:fs";
import { describeBackend } from "@llr/tensor";
import { applySettings } from "../src/engine.ts";
import { makeRun } from "../src/ours.ts";
import { serve } from "./serve.ts";

const [threads, turbo] = process.argv.slice(2);

await serve(async () => {
  await applySettings({ threads: Number(threads), turbo: turbo === "turbo" });
  const { home, arithmetic, threads: running } = describeBackend();
  const { version } = JSON.parse(readFileSync(new URL("../../packages/tensor/package.json", import.meta.url), "utf8")) as { version: string };
  return { ready: { version, threads: running, note: `${home}, ${arithmetic}` }, make: makeRun };
});
