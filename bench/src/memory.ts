// What training holds on to. Not timed.
import { mlp } from "@llr/nn";
import { memoryStats, resetPeakMemory, Rng, scope } from "@llr/tensor";
import { makeModel, randomBatch, stepOf } from "./training.ts";

export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: "MiB" | "blocks";
  /** Absent: shown for what it is. */
  readonly limit?: number;
}

const MIB = 2 ** 20;

/** Peak of the tensors' memory over what was in use before, in bytes. */
function peakOf(run: () => void): number {
  const before = memoryStats().liveBytes;
  resetPeakMemory();
  run();
  return memoryStats().peakBytes - before;
}

/** @param steps inside scopes, and outside any */
export function memory(steps: { readonly inside: number; readonly outside: number }): readonly Figure[] {
  return [...outsideScopes(steps.outside), ...insideScopes(steps.inside), deepModel()];
}

function outsideScopes(steps: number): Figure[] {
  const step = stepOf(makeModel("leNet5"), randomBatch("leNet5", 64));
  scope(step); // gradients and optimizer state are there from now on
  const tensors = peakOf(() => scope(step));
  let most = 0;
  // Without a turn of the event loop between steps, where finalizers would run.
  for (let i = 0; i < steps; i++) {
    step();
    if (i % 10 === 0) most = Math.max(most, process.memoryUsage.rss());
  }
  return [
    { name: "LeNet-5 step, batch 64: tensors", value: tensors / MIB, unit: "MiB" },
    { name: `${steps} LeNet-5 steps outside scopes: largest rss`, value: most / MIB, unit: "MiB", limit: (3 * tensors) / MIB + 256 },
  ];
}

function insideScopes(steps: number): Figure[] {
  const step = stepOf(makeModel("leNet5"), randomBatch("leNet5", 16));
  for (let i = 0; i < 10; i++) scope(step);
  const before = memoryStats();
  for (let i = 0; i < steps; i++) scope(step);
  const after = memoryStats();
  return [
    { name: `${steps} LeNet-5 steps in scopes: growth`, value: (after.reservedBytes - before.reservedBytes) / MIB, unit: "MiB", limit: 1 },
    { name: `${steps} LeNet-5 steps in scopes: live tensors`, value: after.blocks - before.blocks, unit: "blocks", limit: 0 },
  ];
}

/** 50 layers of 256, batch 128: one activation is 128 KiB. */
function deepModel(): Figure {
  const sizes = [...Array.from({ length: 50 }, () => 256), 10];
  const data = { ...randomBatch("mlp", 128), images: new Float32Array(128 * 256).fill(0.1), shape: [128, 256] };
  const step = stepOf(mlp(sizes, { rng: new Rng(1) }), data);
  scope(step); // as above
  return { name: "50-layer MLP, batch 128: peak of a step above its parameters", value: peakOf(() => scope(step)) / MIB, unit: "MiB", limit: 10 };
}
