// What is timed on a device, at sizes for a graphics card and at sizes that a software adapter manages.
import { backward } from "@llr/autograd";
import type { Module } from "@llr/nn";
import { sgdRule } from "@llr/optim";
import { apply, buffer, conv2d, conv2dInputGradOp, conv2dWeightGradOp, crossEntropy, matmul, type PinnedTensor, relu, scope, type Shape, type Tensor, tensor } from "@llr/tensor";
import type { Gpu, Kernel } from "@llr/tensor/gpu";
import { deviceOptimizer } from "@llr/train/gpu";
import { type ModelName, TRAINING } from "../tasks.ts";
import { makeModel, randomBatch, stepOf } from "../training.ts";
import type { Call } from "./timeOnDevice.ts";

export type SectionName = "matmul" | "conv" | "steps" | "transfer" | "launch";

export interface DeviceItem {
  readonly name: string;
  /** Of one call. */
  readonly work?: { readonly unit: "TFLOP/s" | "GB/s"; readonly amount: number };
  /** Uploads what is needed. Inputs outlive the calls, what a call computes does not. */
  readonly make: (gpu: Gpu) => Call;
  /** Of one call, about. Default 1. */
  readonly kernels?: number;
  /** They all do the same, and what is shown is the time of one. */
  readonly chained?: true;
  /** The same in memory. */
  readonly inMemory?: { readonly make: () => () => number };
  /** Losses of some steps on the device and in memory, from the same start. */
  readonly compare?: (gpu: Gpu) => Promise<readonly (readonly [device: number, memory: number])[]>;
}

export interface Sizes {
  readonly matmul: readonly number[];
  readonly conv: readonly (readonly [batch: number, channels: number, side: number])[];
  readonly steps: readonly (readonly [ModelName, batch: number])[];
  /** Numbers sent up and down. */
  readonly transfer: readonly number[];
  /** Kernels in a row. */
  readonly launch: number;
  /** Numbers of the large map. */
  readonly map: number;
}

export const SIZES: Readonly<Record<"hardware" | "software", Sizes>> = {
  hardware: {
    matmul: [512, 1024, 2048, 4096, 8192],
    // The 3x3 layers of a ResNet for CIFAR, and of one for ImageNet.
    conv: [[128, 16, 32], [128, 32, 16], [128, 64, 8], [32, 64, 56], [32, 128, 28], [32, 256, 14], [32, 512, 7]],
    steps: [["leNet5", 128], ["leNet5", 512], ["resNet20", 128], ["resNet20", 512]],
    transfer: [1, 2 ** 18, 2 ** 24], launch: 1000, map: 2 ** 24,
  },
  software: { matmul: [16, 64], conv: [[2, 4, 8]], steps: [["leNet5", 4], ["resNet8", 1]], transfer: [1, 2 ** 14], launch: 50, map: 2 ** 12 },
};

/** Not random by @llr's generator: 8192 * 8192 numbers of it would take longer than the products. */
function numbers(shape: Shape): Tensor {
  const data = new Float32Array(shape.reduce((a, b) => a * b, 1));
  let state = 1;
  for (let i = 0; i < data.length; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    data[i] = state / 2 ** 31;
  }
  return tensor(data, shape);
}

/** On the device and outliving every scope. */
function resident(gpu: Gpu, shape: Shape): PinnedTensor {
  const held = buffer(numbers(shape));
  gpu.move([held]);
  return held;
}

/** The product as everybody writes it first: one thread an element, no memory shared. */
const plainProduct = (n: number): Kernel => ({
  name: "plain product", inputs: [[n, n], [n, n]], output: [n, n],
  source: `function (a, b) { let sum = 0; for (let i = 0; i < ${n}; i++) sum += a[this.thread.y][i] * b[i][this.thread.x]; return sum; }`,
});

function products(n: number): DeviceItem[] {
  const work = { unit: "TFLOP/s", amount: 2 * n ** 3 } as const;
  const transposes = [["nn", {}], ["nt", { transposeB: true }], ["tn", { transposeA: true }]] as const;
  const item = (name: string, multiply: (gpu: Gpu, a: Tensor, b: Tensor) => void): DeviceItem => ({
    name, work,
    make: (gpu) => {
      const [a, b] = [resident(gpu, [n, n]), resident(gpu, [n, n])];
      return () => scope(() => multiply(gpu, a, b));
    },
  });
  return [
    item(`product ${n}, one thread an element`, (gpu, a, b) => void gpu.run(plainProduct(n), [a, b], [n, n])),
    ...transposes.map(([kind, options]) => item(`matmul ${n} ${kind}`, (_, a, b) => void matmul(a, b, options))),
  ];
}

function convolutions([batch, channels, side]: readonly [number, number, number]): DeviceItem[] {
  const [shape, weightShape] = [[batch, channels, side, side], [channels, channels, 3, 3]];
  const attrs = { stride: [1, 1], padding: [1, 1], dilation: [1, 1], groups: 1 } as const;
  const work = { unit: "TFLOP/s", amount: 2 * batch * side * side * channels * channels * 9 } as const;
  const item = (pass: string, run: (x: Tensor, w: Tensor, dy: Tensor) => Tensor): DeviceItem => ({
    name: `conv2d ${batch}x${channels}x${side}x${side}, 3x3 ${pass}`, work,
    make: (gpu) => {
      const [x, w, dy] = [resident(gpu, shape), resident(gpu, weightShape), resident(gpu, shape)];
      return () => scope(() => void run(x, w, dy));
    },
  });
  return [
    item("forward", (x, w) => conv2d(x, w, { padding: 1 })),
    item("input gradient", (_, w, dy) => apply(conv2dInputGradOp, [dy, w], { ...attrs, inputShape: shape })),
    item("weight gradient", (x, _, dy) => apply(conv2dWeightGradOp, [dy, x], { ...attrs, weightShape })),
  ];
}

/** One step, all of it on the device but for the batch, which is uploaded: its loss, which nobody waits for. */
function deviceStep(gpu: Gpu, model: Module, { images, shape, labels }: ReturnType<typeof randomBatch>): () => Tensor {
  model.moveTo(gpu);
  // Without copies for the case that the device is lost: a run of these sizes would take one every thousand steps or so.
  const optimizer = deviceOptimizer(gpu, sgdRule, model.parameters(), { ...TRAINING, snapshotEvery: 0 });
  return () => scope(() => {
    const loss = crossEntropy(model.forward(tensor(images, shape), { training: true }), tensor(labels));
    optimizer.zeroGrad();
    backward(loss);
    optimizer.step();
    return loss;
  });
}

function trainingStep([name, batch]: readonly [ModelName, number]): DeviceItem {
  const data = randomBatch(name, batch);
  return {
    name: `${name} step, batch ${batch}`, kernels: 500,
    make: (gpu) => deviceStep(gpu, makeModel(name), data),
    inMemory: { make: () => { const step = stepOf(makeModel(name), data); return () => scope(step); } },
    compare: async (gpu) => {
      const [onDevice, inMemory] = [deviceStep(gpu, makeModel(name), data), stepOf(makeModel(name), data)];
      const losses: (readonly [number, number])[] = [];
      for (let i = 0; i < 3; i++) losses.push([(await onDevice().read())[0], scope(inMemory)]);
      return losses;
    },
  };
}

function transfers(n: number): DeviceItem[] {
  const read = (gpu: Gpu): Call => { const t = resident(gpu, [n]); return () => t.read(); };
  if (n === 1) return [{ name: "read 1 number, waiting for it", make: read }]; // and no upload: the device keeps single numbers
  const work = { unit: "GB/s", amount: 4 * n } as const;
  const size = `${(4 * n) / 1024} KiB`;
  return [
    { name: `upload ${size}`, work, make: (gpu) => { const t = buffer(numbers([n])); return () => scope(() => void gpu.upload(t)); } },
    { name: `read ${size}, waiting for it`, work, make: read },
  ];
}

function chain(count: number): DeviceItem {
  return {
    name: `kernel of 64 numbers, in a chain of ${count}`, kernels: count, chained: true,
    make: (gpu) => {
      const start = resident(gpu, [64]);
      return () => scope(() => {
        let x: Tensor = start;
        for (let i = 0; i < count; i++) x = relu(x);
      });
    },
  };
}

let lastShape = 0;

/** Each call has a shape that was never there. */
const compiling = (name: string, op: (x: Tensor) => Tensor): DeviceItem => ({
  name: `first ${name} of a shape`,
  make: (gpu) => () => {
    const n = 1000 + ++lastShape;
    return scope(() => op(gpu.upload(numbers([1, n])))).read();
  },
});

const largeMap = (n: number): DeviceItem => ({ name: `relu of ${n} numbers`, work: { unit: "GB/s", amount: 8 * n }, make: (gpu) => { const x = resident(gpu, [n]); return () => scope(() => void relu(x)); } });

export const sections = ({ matmul: sides, conv, steps, transfer, launch, map }: Sizes): Readonly<Record<SectionName, readonly DeviceItem[]>> => ({
  matmul: sides.flatMap(products),
  conv: conv.flatMap(convolutions),
  steps: steps.map(trainingStep),
  transfer: transfer.flatMap(transfers),
  launch: [chain(launch), largeMap(map), compiling("relu", relu), compiling("matmul", (x) => matmul(x, x, { transposeB: true }))],
});
