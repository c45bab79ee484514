import { join } from "node:path";
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

it("a folder without a kit is refused by name", () => {
  expect(() => runKit("nowhere", [])).toThrow("conformance: no kit in nowhere (nowhere/runner/run.mjs is missing). Give its folder with --kit.");
});
