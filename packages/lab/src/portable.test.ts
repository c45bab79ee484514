import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { sandbox } from "./test/llr.ts";

const { path, llr } = sandbox();
const SMALL = ["--images", "320", "--test-images", "100", "--epochs", "1"];
/** As on a processor without fused multiply-add. */
const UNFUSED = ["--no-enable-fma3"];

interface Run {
  readonly metrics: string;
  readonly layers: string;
  readonly run: { readonly arithmetic: { readonly arithmetic: string }; readonly config: { readonly portable: boolean } };
}

async function run(name: string, args: readonly string[], flags: readonly string[], folder = ""): Promise<Run> {
  const { code, err } = await llr([...args, ...SMALL, "--out", name], undefined, flags);
  expect(code, err).toBe(0);
  const read = (file: string): string => readFileSync(path(name, folder, file), "utf8");
  return { metrics: read("metrics.jsonl"), layers: read("layers.jsonl"), run: JSON.parse(read("run.json")) as Run["run"] };
}

// The flag is one of V8 on x64; other processors fuse always or never.
describe.skipIf(process.arch !== "x64")("--portable", () => {
  it("gives every arm of a comparison the same bits with and without fused multiply-add, and says so in its run", { timeout: 120_000 }, async () => {
    const compare = (name: string, flags: readonly string[]): Promise<Run> => run(name, ["compare", "--arms", "adamw", "--portable"], flags, "arms/adamw");
    const [fused, unfused] = [await compare("fused", []), await compare("unfused", UNFUSED)];
    expect(unfused.metrics).toBe(fused.metrics);
    expect(unfused.layers).toBe(fused.layers);
    expect(fused.run).toMatchObject({ arithmetic: { arithmetic: "multiply, then add", reason: "portable arithmetic was chosen" }, config: { portable: true } });
  });

  it("changes the bits of a training where the processor fuses, and only there", { timeout: 120_000 }, async () => {
    const [portable, detected] = [await run("portable", ["train", "--portable"], []), await run("detected", ["train"], [])];
    expect(portable.run).toMatchObject({ arithmetic: { arithmetic: "multiply, then add" }, config: { portable: true } });
    expect(portable.metrics === detected.metrics).toBe(detected.run.arithmetic.arithmetic !== "fused multiply-add");
    expect(detected.run.config.portable).toBe(false);
  });
});
