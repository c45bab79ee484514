import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, it } from "vitest";
import { runKit } from "./run.ts";

const kit = process.env["LLR_CONFORMANCE_KIT"];
if (!kit) console.log("conformance: left out, because LLR_CONFORMANCE_KIT names no kit");

describe.skipIf(!kit)("the conformance kit's sample", () => {
  it("finds nothing that we claim and do wrong", { timeout: 300_000 }, () => {
    const { exitCode, output } = runKit(kit!, ["--data", join(kit!, "sample")]);
    expect(output).toMatch(/^\d+ passed, 0 failed, \d+ skipped$/m);
    expect(exitCode, output).toBe(0);
  });
});

it("the adapter loads in plain Node, without the launcher, and offers all of the offer", () => {
  const { NODE_OPTIONS: _, ...env } = process.env;
  const namesIn = (file: string): string => `Object.keys(await import(${JSON.stringify(pathToFileURL(join(import.meta.dirname, file)).href)}))`;
  const program = `const adapter = ${namesIn("adapter.ts")}, offer = ${namesIn("offer.ts")}; console.log(JSON.stringify({ adapter, offer }));`;
  const { stdout, stderr } = spawnSync(process.execPath, ["--disable-warning=ExperimentalWarning", "--input-type=module", "-e", program], { encoding: "utf8", env });
  expect(stderr).toBe("");
  const { adapter, offer } = JSON.parse(stdout) as Record<string, string[]>;
  expect(adapter).toEqual(offer);
});

it("a folder without a kit is refused by name", () => {
  expect(() => runKit("nowhere", [])).toThrow("conformance: no kit in nowhere (nowhere/runner/run.mjs is missing). Give its folder with --kit.");
});
