// A sweep that was broken off, in whatever way, and given again.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTree, type Tree } from "../test/processes.ts";
import { readSweptRates } from "./readSweep.ts";
import type { TrialResult } from "./table.ts";

let root = "";
beforeAll(() => { root = mkdtempSync(join(tmpdir(), "llr-resume-")); });
afterAll(() => rmSync(root, { recursive: true, force: true }));

const PATIENCE = 300_000;
const FACTORS = [0.5, 1];
/** Two trainings, one at a time, each long enough to be met while it trains. */
const SWEEP = ["sweep", "--model", "mlp", "--images", "320", "--hold-out", "100", "--batch-size", "32", "--epochs", "30", "--seeds", "1", "--arms", "sgd", "--factors", FACTORS.join(","), "--workers", "1"];
const start = (dir: string, more: readonly string[] = []): Tree => startTree("bin", [...SWEEP, ...more, "--out", join(root, dir)]);

interface SweepFile {
  readonly status: string;
  readonly results: readonly TrialResult[];
}
const sweepOf = (dir: string): SweepFile => JSON.parse(readFileSync(join(root, dir, "sweep.json"), "utf8")) as SweepFile;
const runOf = (dir: string, factor: number, file: string): string => join(root, dir, "runs", "sgd", `x${factor}`, "seed1", file);

/** Sends the signal while the n-th training trains. */
async function stopIn(tree: Tree, signal: NodeJS.Signals, dir: string, n: number): Promise<{ code: number | null; signal: NodeJS.Signals | null; out: string }> {
  const hasBegun = (): boolean => existsSync(join(root, dir, "sweep.json")) && sweepOf(dir).results.length === n - 1 && existsSync(runOf(dir, FACTORS[n - 1], "layers.jsonl"));
  while (!hasBegun() && tree.child.exitCode === null) await new Promise((resolve) => setTimeout(resolve, 10));
  tree.child.kill(signal);
  return tree.ended;
}

// Processes are told apart by /proc.
describe.skipIf(process.platform !== "linux")("a sweep that was broken off", () => {
  it("by SIGTERM, then by SIGKILL, ends with the results of an undisturbed one, and trains nothing twice that was finished", async () => {
    const whole = start("whole");
    expect((await whole.ended).code).toBe(0);

    expect((await stopIn(start("broken"), "SIGTERM", "broken", 1)).code).toBe(143);
    expect(sweepOf("broken")).toMatchObject({ status: "interrupted", results: [] });

    const killed = start("broken");
    const end = await stopIn(killed, "SIGKILL", "broken", 2);
    expect(end).toMatchObject({ signal: "SIGKILL", out: expect.stringContaining("0 of 2 trainings are done") as string });
    expect(sweepOf("broken")).toMatchObject({ status: "running", results: [{ factor: 0.5 }] });
    expect(() => readSweptRates(join(root, "broken"))).toThrow("the sweep was interrupted: its process ended");
    // Not waited for: the training that lost its parent may still be ending.
    const first = statSync(runOf("broken", 0.5, "run.json"));

    const { code, out, err } = await start("broken").ended;
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toMatch(/[12] of 2 trainings are done/); // the one without a parent may have come to its end
    const { ino, mtimeMs } = statSync(runOf("broken", 0.5, "run.json"));
    expect({ ino, mtimeMs }).toEqual({ ino: first.ino, mtimeMs: first.mtimeMs });
    expect(sweepOf("broken")).toMatchObject({ status: "finished", results: sweepOf("whole").results });
    expect(readFileSync(join(root, "broken", "sweep.csv"), "utf8")).toBe(readFileSync(join(root, "whole", "sweep.csv"), "utf8"));
    for (const factor of FACTORS) expect(readFileSync(runOf("broken", factor, "metrics.jsonl"), "utf8"), `x${factor}`).toBe(readFileSync(runOf("whole", factor, "metrics.jsonl"), "utf8"));
    await killed.empty();
  }, PATIENCE);

  it("is not gone on with by another configuration: key, old and new value are named, and nothing is changed", async () => {
    const before = readFileSync(join(root, "broken", "sweep.json"), "utf8");
    const files = readdirSync(join(root, "broken", "runs"), { recursive: true }).sort();
    for (const [option, value, says] of [["--epochs", "7", "epochs is 30, asked for is 7"], ["--factors", "0.5,2", "factors is [0.5,1], asked for is [0.5,2]"]] as const) {
      const { code, err } = await start("broken", [option, value]).ended;
      expect({ code, err }).toEqual({ code: 1, err: expect.stringMatching(/^llr: .*another configuration.*\n$/) as string });
      expect(err).toContain(says);
    }
    expect(readFileSync(join(root, "broken", "sweep.json"), "utf8")).toBe(before);
    expect(readdirSync(join(root, "broken", "runs"), { recursive: true }).sort()).toEqual(files);
  }, PATIENCE);
});
