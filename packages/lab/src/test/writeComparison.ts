// A comparison as `llr compare` leaves it, with made-up numbers: readers are tried on it without a training.
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { StepRecord } from "@llr/optim";
import { divergenceDetector, jsonLine, jsonText, layerSeriesWriter, type SeriesParameter } from "@llr/train";

export interface WrittenComparison {
  readonly arms: readonly string[];
  readonly steps: number;
  readonly parameters: readonly SeriesParameter[];
  readonly testEvery: number;
  readonly seed?: number;
}

const parameter = (name: string, ...shape: number[]): SeriesParameter => ({ name, layer: name.split(".")[0], shape });

/** Three arms, each with two layers, 12 steps and three tests: some kilobytes. */
export const SMALL_COMPARISON: WrittenComparison = { arms: ["sgd", "lars", "mad-llr"], steps: 12, testEvery: 5, parameters: [parameter("fc1.weight", 4, 3), parameter("fc1.bias", 4), parameter("fc2.weight", 2, 4)] };

/** As large as LeNet-5's with every step of five epochs. */
export const LENET_PARAMETERS: readonly SeriesParameter[] = [
  parameter("conv1.weight", 6, 1, 5, 5), parameter("conv1.bias", 6), parameter("conv2.weight", 16, 6, 5, 5), parameter("conv2.bias", 16), parameter("fc1.weight", 120, 256), parameter("fc1.bias", 120),
  parameter("fc2.weight", 84, 120), parameter("fc2.bias", 84), parameter("fc3.weight", 10, 84), parameter("fc3.bias", 10),
];

const BATCH = 10;
const MACHINE = {
  versions: { llr: "0.1.0", node: "22.0.0", v8: "12.4" },
  arithmetic: { home: "simd", arithmetic: "fused multiply-add", reason: "made up", turbo: false, threads: 1, threadsReason: "made up", gpu: { engine: null } },
  machine: { platform: "linux", arch: "x64", cpu: "made up", cores: 2, memoryGiB: 4 },
};

/** Numbers that look like recorded ones, always the same. */
const wobble = (...at: number[]): number => 1 + 0.3 * Math.sin(at.reduce((sum, x, i) => sum + x * (i + 1.7), 0));

export function writeComparison(dir: string, { arms, steps, parameters, testEvery, seed = 1 }: WrittenComparison): void {
  const infos = arms.map((name, a) => ({ name, label: `${name} + 1cycle`, description: `Arm ${a}.`, settings: { schedule: "1cycle", weightDecay: 5e-4 } }));
  const rates = arms.map((_, a) => 0.1 * (a + 1));
  const config = { model: "mlp", dataset: "mnist", epochs: 1, batchSize: BATCH, images: BATCH * steps, testImages: 50, seed, targetAccuracy: 0.9, steps, testEvery, arms, rates };
  mkdirSync(dir, { recursive: true });
  const data = { dataset: "mnist", verified: true, files: [{ file: "train-images-idx3-ubyte", bytes: 16, sha256: "0123456789abcdef".repeat(4), verified: true }] };
  writeFileSync(join(dir, "compare.json"), jsonText({ status: "finished", format: 1, config, arms: infos, ...MACHINE, data }));
  infos.forEach((info, a) => writeArm(join(dir, "arms", info.name), { info, lr: rates[a], a, written: { arms, steps, parameters, testEvery, seed } }));
}

interface WrittenArm {
  readonly info: { readonly name: string; readonly settings: object };
  readonly lr: number;
  readonly a: number;
  readonly written: WrittenComparison;
}

function writeArm(dir: string, { info, lr, a, written: { steps, parameters, testEvery, seed } }: WrittenArm): void {
  let [metrics, times, layers] = ["", "", ""];
  const series = layerSeriesWriter(parameters, (line) => { layers += line; }, { chunk: Math.min(50, Math.ceil(steps / 3)) });
  const detector = divergenceDetector();
  let test: { loss: number; accuracy: number; count: number } | null = null;
  for (let step = 1; step <= steps; step++) {
    const loss = (2.3 / Math.sqrt(step)) * wobble(a, step);
    detector.observe(loss);
    const now = lr * (1 - step / (steps + 1));
    times += jsonLine({ step, what: "step", ms: 3 * wobble(step) });
    metrics += jsonLine({ step, epoch: 0, loss, accuracy: 0.5, lr: now, momentum: 0.9, gradNorm: wobble(a, step, 2) });
    series.add(step, parameters.map((p, i): StepRecord => {
      const trust = wobble(a, step, i);
      return { name: p.name, layer: p.layer, lr: now, trust, rate: now * trust, weightNorm: 4 * wobble(step, i), gradNorm: wobble(step, i, 3), updateNorm: 0.01 * trust, limitedBy: trust > 1.2 ? "schedule" : null, skipped: null };
    }));
    if (step % testEvery !== 0 && step !== steps) continue;
    test = { loss: loss * 1.1, accuracy: Math.round(50 * (1 - 1 / (step + 1))) / 50, count: 50 };
    times += jsonLine({ step, what: "test", ms: 8 * wobble(step) });
    metrics += jsonLine({ step, epoch: Math.floor(step / steps), test });
  }
  series.flush();
  const config = { arm: info.name, lr, model: "mlp", epochs: 1, batchSize: BATCH, images: BATCH * steps, testImages: 50, testEvery, seed, recordLayers: true, steps };
  const result = { steps, ended: "finished", verdict: "stable", trainLoss: detector.smoothed, test, warnings: [], problem: null };
  mkdirSync(dir, { recursive: true });
  const texts = Object.entries({ "metrics.jsonl": metrics, "times.jsonl": times, "layers.jsonl": layers });
  const logs = Object.fromEntries(texts.map(([name, text]) => [name, createHash("sha256").update(text).digest("hex")]));
  writeFileSync(join(dir, "run.json"), jsonText({ status: "finished", arm: { ...info, settings: { lr, ...info.settings } }, config, ...MACHINE, result, logs }));
  for (const [name, text] of texts) writeFileSync(join(dir, name), text);
}

/** Makes the checksums in each arm's run.json those of the logs beside it: a change that nobody can tell by them. */
export function sealLogs(dir: string): void {
  for (const arm of readdirSync(join(dir, "arms"))) {
    const own = join(dir, "arms", arm);
    const run = JSON.parse(readFileSync(join(own, "run.json"), "utf8")) as { logs?: Record<string, string> };
    if (run.logs === undefined) continue;
    for (const name of Object.keys(run.logs)) run.logs[name] = createHash("sha256").update(readFileSync(join(own, name))).digest("hex");
    writeFileSync(join(own, "run.json"), jsonText(run));
  }
}
