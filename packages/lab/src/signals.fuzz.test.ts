// Signals at random times, to one process or the whole group, however llr was started: work is saved, nothing is left running.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Rng } from "@llr/tensor";
import { cases, FUZZ_SEED } from "../../../tools/fuzz.ts";
import { readComparison } from "./report/comparison.ts";
import { startTree, type Tree, WAYS } from "./test/processes.ts";

let root = "";
beforeAll(() => { root = mkdtempSync(join(tmpdir(), "llr-signals-")); });
afterAll(() => rmSync(root, { recursive: true, force: true }));

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
/** A loaded machine takes its time to start some processes. */
const PATIENCE = 300_000;
// Never done before the signal comes, and little to evaluate.
const ENDLESS = ["--model", "mlp", "--images", "3000", "--test-images", "100", "--epochs", "2000", "--tests", "5"];
const rng = new Rng(FUZZ_SEED);
const pick = <T>(list: readonly T[]): T => list[rng.integer(list.length)];

const json = (...parts: readonly string[]) => JSON.parse(readFileSync(join(...parts), "utf8")) as { status: string; result?: { steps: number } };

/** What a command that was asked to stop must leave. */
function expectSaved(dir: string): void {
  if (!existsSync(dir)) return; // it had not begun
  const files = readdirSync(dir, { recursive: true, encoding: "utf8" });
  expect(files.filter((name) => name.endsWith(".partial"))).toEqual([]);
  if (existsSync(join(dir, "compare.json"))) expect(json(dir, "compare.json").status).toBe("interrupted");
  for (const file of files.filter((name) => name.endsWith("run.json"))) {
    const { status, result } = json(dir, file);
    expect(status, file).toBe("interrupted");
    const metrics = readFileSync(join(dir, file, "..", "metrics.jsonl"), "utf8").trimEnd().split("\n").map((line) => JSON.parse(line) as { loss?: unknown });
    expect(metrics.filter((line) => "loss" in line), file).toHaveLength(result!.steps);
  }
}

async function interrupted(tree: Tree, signal: (typeof SIGNALS)[number], dir: string): Promise<void> {
  const { code, signal: died, err } = await tree.ended;
  await tree.empty();
  // Before llr listens, or above it in npm, a signal has its usual effect.
  expect({ code: died === signal ? 128 + constants.signals[signal] : code, err }).toMatchObject({ code: 128 + constants.signals[signal] });
  expect(err).not.toMatch(/internal error|failed/);
  expectSaved(dir);
}

// Processes are told apart by /proc.
describe.skipIf(process.platform !== "linux")("a signal at a random time", () => {
  const tries = Array.from({ length: cases(3, 150) }, (_, i) => {
    const way = pick(Object.keys(WAYS) as (keyof typeof WAYS)[]);
    return { name: `${i}`, signal: SIGNALS[i % 3], way, toGroup: rng.uniform() < 0.5, after: pick(["start", "header", "step"]), wait: Math.floor(rng.uniform() * 1500), command: pick(["compare", "train"]) };
  });

  it.each(tries)("case $name: $signal to $way (group: $toGroup) in $command, $wait ms after its $after", async ({ name, signal, way, toGroup, after, wait, command }) => {
    const dir = join(root, name);
    const args = command === "compare" ? ["--arms", "sgd,lars,larc", "--workers", "2"] : [];
    let reached = (): void => {};
    const moment = new Promise<void>((resolve) => (reached = resolve));
    const options = ENDLESS.slice(0, command === "compare" ? undefined : -2);
    const tree = startTree(way, [command, ...options, ...args, "--out", dir], (text) => {
      if (after === "header" || (after === "step" && /step +\d+\//.test(text))) reached();
    });
    if (after === "start") reached();
    await Promise.race([moment, tree.ended]); // one that ends by itself fails below, by its exit code
    await new Promise((resolve) => setTimeout(resolve, wait));
    process.kill(toGroup ? -tree.child.pid! : tree.child.pid!, signal);
    await interrupted(tree, signal, dir);
  }, PATIENCE);
});

describe.skipIf(process.platform !== "linux")("the end of a run that nobody waits for", () => {
  it("a reader that goes away stops the training, which says why, and 141 is the exit code", async () => {
    const dir = join(root, "pipe");
    const tree = startTree("bin", ["compare", ...ENDLESS, "--arms", "sgd,lars", "--workers", "1", "--out", dir], () => tree.child.stdout!.destroy());
    const { code, err } = await tree.ended;
    expect({ code, err }).toEqual({ code: 141, err: "llr: nobody reads the output any more: stopping every arm after its step\n" });
    await tree.empty();
    expectSaved(dir);
  }, PATIENCE);

  it("a comparison that was killed is told as interrupted, never as running, with what its arms had logged", async () => {
    const dir = join(root, "killed");
    let seen: string | null = null;
    const tree = startTree("bin", ["compare", ...ENDLESS, "--arms", "sgd,lars", "--workers", "1", "--out", dir], (text) => {
      if (seen !== null || !/step +\d+\//.test(text)) return;
      seen = readComparison(dir).manifest.status; // in the course of the training
      process.kill(-tree.child.pid!, "SIGKILL");
    });
    expect((await tree.ended).signal).toBe("SIGKILL");
    await tree.empty();
    expect(seen).toBe("running");
    expect(json(dir, "compare.json").status).toBe("running");
    const { manifest, isAbandoned, arms: [sgd, lars] } = readComparison(dir);
    expect([manifest.status, isAbandoned]).toEqual(["interrupted", true]);
    expect(sgd).toMatchObject({ status: "interrupted", error: "its process ended" });
    expect(sgd.metrics.length).toBeGreaterThan(0);
    expect(lars.status).toBe("not started");
  }, PATIENCE);

  it("a second signal leaves at once, and leaves no process", async () => {
    const dir = join(root, "twice");
    let heard = false;
    const tree = startTree("bin", ["compare", ...ENDLESS, "--arms", "sgd", "--out", dir], (text) => {
      if (heard || !/step +\d+\//.test(text)) return;
      heard = true;
      // Stopped, the trainings cannot end by themselves: only a second signal ends the command.
      for (const pid of tree.left()) if (pid !== tree.child.pid) process.kill(pid, "SIGSTOP");
      tree.child.kill("SIGINT");
      setTimeout(() => tree.child.kill("SIGINT"), 1500);
    });
    const { code } = await tree.ended;
    expect(code).toBe(130);
    await tree.empty();
    expect(json(dir, "compare.json").status).toBe("interrupted");
  }, PATIENCE);
});
