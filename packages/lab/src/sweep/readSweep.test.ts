import { mkdirSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { jsonText } from "@llr/train";
import { sandbox } from "../test/llr.ts";
import { readSweptRates, SweepError, sweptRate } from "./readSweep.ts";

const box = sandbox();

type Fields = Record<string, unknown>;
const result = (arm: string, factor: number, seed: number, accuracy: number | null): Fields =>
  ({ arm, label: arm.toUpperCase(), factor, lr: 0.1 * factor, seed, accuracy, loss: accuracy === null ? NaN : 0.1, verdict: accuracy === null ? "nonFinite" : "stable" });
const whole = (): Fields & { config: Fields; results: Fields[] } => ({
  status: "finished", format: 1, versions: { llr: "0.1.0" },
  config: { model: "mlp", dataset: "mnist", epochs: 1, batchSize: 32, images: 320, heldOut: 100, steps: 10, factors: [0.5, 1], seeds: 2, arms: ["sgd"] },
  results: [result("sgd", 0.5, 1, 0.9), result("sgd", 0.5, 2, null), result("sgd", 1, 1, 0.8), result("sgd", 1, 2, 0.9)],
});

let folders = 0;
function sweepWith(change: (file: ReturnType<typeof whole>) => void): string {
  const dir = box.path(`s${++folders}`);
  const file = whole();
  change(file);
  mkdirSync(dir);
  writeFileSync(`${dir}/sweep.json`, jsonText(file));
  return dir;
}

describe("rates from a sweep", () => {
  it("are those with the best mean accuracy, a training that broke off counting as guessing", () => {
    const swept = readSweptRates(sweepWith(() => {}));
    expect(sweptRate(swept, "sgd")).toBe(0.1);
    expect(swept.source.foundFor).toEqual({ model: "mlp", dataset: "mnist", epochs: 1, batchSize: 32, images: 320 });
    expect(() => sweptRate(swept, "lars")).toThrow(SweepError);
  });

  it.each<[string, (file: ReturnType<typeof whole>) => void, string]>([
    ["another format", (file) => { file["format"] = 2; }, "format is 2"],
    ["an accuracy above all", (file) => { file.results[0]["accuracy"] = 90; }, "results[0].accuracy is 90"],
    ["a rate as text", (file) => { file.results[3]["lr"] = "0.1"; }, "results[3].lr"],
    ["a verdict that is none", (file) => { file.results[0]["verdict"] = "fine"; }, "results[0].verdict"],
    ["a trial without result", (file) => { file.results.pop(); }, "no result of sgd x 1 with seed 2"],
    ["a trial twice", (file) => { file.results.push(file.results[0]); }, "sgd x 0.5 with seed 1"],
    ["half an epoch", (file) => { file.config["epochs"] = 0.5; }, "config.epochs is 0.5"],
    ["a sweep under way", (file) => { file["status"] = "running"; }, '"running"'],
  ])("of %s are refused by name", (_, change, says) => {
    expect(() => readSweptRates(sweepWith(change))).toThrow(says);
  });
});
