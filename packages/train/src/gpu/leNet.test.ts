// Whole training steps on a device: LeNet-5 by every optimizer, against the same steps in memory.
import { backward, type Parameter } from "@llr/autograd";
import { leNet5, mlp, type Module, resNetCifar } from "@llr/nn";
import type { Param, UpdateRule } from "@llr/optim";
import { adamWRule, clipByGlobalNorm, createOptimizer, larcRule, larsRule, madLlrRule, sgdRule } from "@llr/optim";
import { crossEntropy, Rng, scope, type Tensor, tensor } from "@llr/tensor";
import { type Gpu, useGpu } from "@llr/tensor/gpu";
import { beforeAll, describe, expect, test } from "vitest";
import { testOptions } from "../../../../tools/testGpus.ts";
import { clipDeviceGradients } from "./clipDeviceGradients.ts";
import { deviceOptimizer } from "./deviceOptimizer.ts";

type Options = Record<string, unknown>;
type AnyRule = UpdateRule<never>;

const STEPS = 20;
const CASES: readonly (readonly [string, unknown, Options])[] = [
  ["sgd", sgdRule, { lr: 0.05, momentum: 0.9 }],
  ["adamW", adamWRule, { lr: 1e-3, weightDecay: 0.01 }],
  ["lars", larsRule, { lr: 0.5, momentum: 0.9, weightDecay: 5e-4, trustCoefficient: 0.02 }],
  ["larc", larcRule, { lr: 0.05, momentum: 0.9, weightDecay: 5e-4 }],
  ["madLlr", madLlrRule, { lr: 0.05 }],
];

interface Batch {
  readonly images: Float32Array;
  readonly labels: Int32Array;
}

/** Noise on ten patterns, one a class. */
function batchOf(step: number, count: number, size: number): Batch {
  const rng = new Rng(7);
  const patterns = Float32Array.from({ length: 10 * size }, () => rng.stream("patterns").normal());
  rng.stream("patterns").fillNormal(patterns, 0, 1);
  const noise = new Float32Array(count * size);
  rng.stream(`noise/${step}`).fillNormal(noise, 0, 0.5);
  const labels = Int32Array.from({ length: count }, (_, i) => (step * count + i) % 10);
  return { images: noise.map((x, i) => x + patterns[labels[Math.floor(i / size)] * size + (i % size)]), labels };
}

const lossOf = (model: Module, { images, labels }: Batch, shape: readonly number[]): Tensor =>
  crossEntropy(model.forward(tensor(images, shape), { training: true }), tensor(labels));

interface RunOptions {
  readonly steps?: number;
  readonly clip?: number;
}

interface Run {
  readonly losses: readonly number[];
  readonly parameters: readonly Parameter[];
}

function inMemory(model: Module, rule: unknown, options: Options, shape: readonly number[], { steps = STEPS, clip }: RunOptions = {}): Run {
  const parameters = model.parameters();
  const optimizer = createOptimizer(rule as AnyRule, parameters as Iterable<Param>, options as never);
  const losses = Array.from({ length: steps }, (_, step) => scope(() => {
    const loss = lossOf(model, batchOf(step, shape[0], shape.slice(1).reduce((a, b) => a * b)), shape);
    optimizer.zeroGrad();
    backward(loss);
    if (clip !== undefined) clipByGlobalNorm(parameters as Iterable<Param>, { maxNorm: clip });
    optimizer.step();
    return loss.item();
  }));
  return { losses, parameters };
}

async function onDevice(gpu: Gpu, model: Module, rule: unknown, options: Options, shape: readonly number[], { steps = STEPS, clip }: RunOptions = {}): Promise<Run> {
  model.moveTo(gpu);
  const parameters = model.parameters();
  const optimizer = deviceOptimizer(gpu, rule as AnyRule, parameters, { ...options, snapshotEvery: 0 } as never);
  const reads = Array.from({ length: steps }, (_, step) => scope(() => {
    const loss = lossOf(model, batchOf(step, shape[0], shape.slice(1).reduce((a, b) => a * b)), shape);
    optimizer.zeroGrad();
    backward(loss);
    if (clip !== undefined) clipDeviceGradients(gpu, parameters, { maxNorm: clip });
    optimizer.step();
    return [loss];
  })[0].read());
  const losses = (await Promise.all(reads)).map(([loss]) => loss);
  await model.moveFrom(gpu);
  return { losses, parameters };
}

const largestDifference = (a: ArrayLike<number>, b: ArrayLike<number>): number => Math.max(...Array.from(a, (x, i) => Math.abs(x - b[i])));

function expectClose(device: Run, memory: Run, tolerance: number): void {
  device.losses.forEach((loss, step) => expect(Math.abs(loss - memory.losses[step]), `loss of step ${step}`).toBeLessThan(tolerance));
  device.parameters.forEach((p, k) => {
    const right = memory.parameters[k].data;
    expect(largestDifference(p.data, right), p.name).toBeLessThan(tolerance);
  });
}

describe.each(testOptions().map((o) => [o.engine, o] as const))("LeNet-5 on %s", (_, option) => {
  let gpu: Gpu;
  beforeAll(async () => {
    gpu = await useGpu(option);
  });

  const shape = [2, 1, 28, 28];
  // Single precision in another order of sums: some 1e-6 a step, which training amplifies.
  test.each(CASES)(`trained ${STEPS} steps by %s has the losses and weights of the same steps in memory, within 1e-4`, async (_name, rule, options) => {
    const device = await onDevice(gpu, leNet5({ rng: new Rng(3) }), rule, options, shape);
    expectClose(device, inMemory(leNet5({ rng: new Rng(3) }), rule, options, shape), 1e-4);
    // And they have moved by far more than that.
    const start = leNet5({ rng: new Rng(3) }).parameters()[0].data;
    expect(largestDifference(device.parameters[0].data, start)).toBeGreaterThan(1e-3);
  });

  test("the same with gradients clipped by their norm", async () => {
    const options = { lr: 0.05, momentum: 0.9 };
    const device = await onDevice(gpu, leNet5({ rng: new Rng(3) }), sgdRule, options, shape, { clip: 0.5 });
    expectClose(device, inMemory(leNet5({ rng: new Rng(3) }), sgdRule, options, shape, { clip: 0.5 }), 1e-4);
  });
});

test("ResNet-8 moves its running statistics on the device as in memory", async () => {
  const shape = [4, 3, 32, 32];
  const options = { lr: 0.02 };
  const gpu = await useGpu(testOptions()[0]);
  const models = [0, 1].map(() => resNetCifar({ rng: new Rng(3), depth: 8 }));
  const device = await onDevice(gpu, models[0], sgdRule, options, shape, { steps: 3 });
  expectClose(device, inMemory(models[1], sgdRule, options, shape, { steps: 3 }), 1e-4);
  models[0].namedBuffers().forEach(({ name, buffer }, k) => {
    const right = models[1].namedBuffers()[k].buffer.data;
    [...buffer.data].forEach((x, i) => expect(Math.abs(x - right[i]) / (1 + Math.abs(right[i])), name).toBeLessThan(1e-4));
  });
});

test("1,000 steps leave the bytes on the device, and the kernels, as ten leave them", async () => {
  const gpu = await useGpu(testOptions()[0]);
  const model = mlp([6, 5, 3], { rng: new Rng(1) });
  model.moveTo(gpu);
  const optimizer = deviceOptimizer(gpu, larcRule, model.parameters(), { lr: 0.01, momentum: 0.9 });
  const step = (t: number): void => scope(() => {
    const loss = lossOf(model, { images: batchOf(t, 4, 6).images, labels: Int32Array.of(0, 1, 2, 0) }, [4, 6]);
    optimizer.zeroGrad();
    backward(loss);
    optimizer.step();
  });
  for (let t = 0; t < 10; t++) step(t);
  await optimizer.readRecords();
  const ten = gpu.memory();
  for (let t = 10; t < 1000; t++) step(t);
  await optimizer.readRecords();
  expect(gpu.memory()).toEqual(ten);
});
