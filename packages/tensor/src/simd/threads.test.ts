import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Numbers } from "../dtype.ts";
import { runBackward, runForward } from "../home.ts";
import {
  add, apply, avgPool2d, batchNorm, buffer, conv2d, conv2dInputGradOp, conv2dWeightGradOp, crossEntropy, describeBackend, exp, type Fused, gruCellOp, logSoftmax, lstmCellOp, matmul, maxPool2d, mul, relu, rnnCellOp, scope, setArithmetic, setThreads, softmax, sum, tanh, tensor,
} from "../index.ts";
import { pinnedArray } from "../pinned.ts";
import { sharedMemory } from "../memory.ts";
import { Rng } from "../random.ts";
import { parallel } from "./parallel.ts";
import { withScratch } from "./scratch.ts";
import { adamInPlace, normInPlace, trackMeanInPlace } from "../updates/updates.ts";

const rng = new Rng(5).stream("threads.test");
const random = (shape: readonly number[]) => tensor(Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => rng.normal()), shape);

const line = random([150_001]);
const [table, row] = [random([700, 333]), random([333])];
const [images, weights, bias, gradient] = [random([10, 3, 20, 20]), random([7, 3, 5, 5]), random([7]), random([10, 7, 9, 9])];
const convolution = { stride: [2, 2], padding: [1, 1], dilation: [1, 1], groups: 1 } as const;
const [plain, images3, weights3, gradient3] = [{ ...convolution, stride: [1, 1] }, random([10, 9, 17, 20]), random([11, 9, 3, 3]), random([10, 11, 17, 20])] as const;
const pool = { kernel: 3, stride: 2, padding: 1 };

/** Three steps of Adam, and a running mean: weights, state and norms. */
function updates(): Float64Array {
  const array = (): Numbers => pinnedArray("f32", [100_001], "test");
  const [w, g, m, v] = [array(), array(), array(), array()];
  w.forEach((_, i) => ([w[i], g[i]] = [Math.sin(i), Math.cos(i)]));
  const scalars = { inner: 1, l2: 0.1, decay: 0.01, new1: 0.1, new2: 0.001, rate: 0.1, scale: 1, eps: 1e-8 };
  const norms = [1, 2, 3].flatMap(() => Object.values(adamInPlace(w, g, m, v, scalars)));
  return Float64Array.from([...norms, trackMeanInPlace(m, g, 0.5), normInPlace(w), ...w, ...m, ...v]);
}

/** A fused op's result and all of its gradients, by its simd kernels. */
function bothWays(op: Fused<null>, shapes: readonly (readonly number[])[]): Float64Array {
  const shape = op.shape(shapes, null);
  const filled = (s: readonly number[], value: (i: number) => number): Numbers => {
    const made = pinnedArray("f32", s, "test");
    made.forEach((_, i) => (made[i] = value(i)));
    return made;
  };
  const inputs = shapes.map((s, n) => filled(s, (i) => Math.sin(i + n)));
  const gradients = shapes.map((s) => filled(s, () => 0));
  const [out, dOut] = [filled(shape, () => 0), filled(shape, Math.cos)];
  runForward(op, out, inputs, { shapes, shape, attrs: null }, []);
  runBackward(op, gradients, dOut, inputs, out, { shapes, shape, attrs: null }, []);
  return Float64Array.from([out, ...gradients].flatMap((a) => [...a]));
}

/** Work that is large enough to be shared, by name. */
const work: Readonly<Record<string, () => ArrayLike<number>>> = {
  relu: () => relu(line).toArray(),
  exp: () => exp(line).toArray(),
  tanh: () => tanh(line).toArray(),
  "add a row to every row": () => add(table, row).toArray(),
  "mul of a column": () => mul(table, tensor(table.toArray().subarray(0, 700), [700, 1])).toArray(),
  "sum of all": () => sum(line).toArray(),
  "sum of columns": () => sum(table, { axes: [0] }).toArray(),
  "sum of rows": () => sum(table, { axes: [1] }).toArray(),
  softmax: () => softmax(table).toArray(),
  logSoftmax: () => logSoftmax(table).toArray(),
  crossEntropy: () => crossEntropy(table, tensor(new Int32Array(700).fill(5))).toArray(),
  conv2d: () => conv2d(images, weights, { ...convolution, bias }).toArray(),
  conv2dInputGrad: () => apply(conv2dInputGradOp, [gradient, weights], { ...convolution, inputShape: images.shape }).toArray(),
  conv2dWeightGrad: () => apply(conv2dWeightGradOp, [gradient, images], { ...convolution, weightShape: weights.shape }).toArray(),
  "conv2d by Winograd's method": () => conv2d(images3, weights3, plain).toArray(),
  "conv2dInputGrad by Winograd's method": () => apply(conv2dInputGradOp, [gradient3, weights3], { ...plain, inputShape: images3.shape }).toArray(),
  "conv2dWeightGrad by Winograd's method": () => apply(conv2dWeightGradOp, [gradient3, images3], { ...plain, weightShape: weights3.shape }).toArray(),
  maxPool2d: () => maxPool2d(images, pool).toArray(),
  avgPool2d: () => avgPool2d(images, pool).toArray(),
  lstmCell: () => bothWays(lstmCellOp, [[64, 800], [64, 800], [64, 200]]),
  gruCell: () => bothWays(gruCellOp, [[64, 600], [64, 600], [600], [64, 200]]),
  rnnCell: () => bothWays(rnnCellOp, [[100, 501], [100, 501]]),
  updates,
  ...Object.fromEntries(([[130, 257, 400], [1, 1000, 500], [900, 1, 400], [500, 9, 33], [7, 2100, 64], [256, 256, 256]] as const).map(([m, n, k]) => {
    const [a, b] = [random([m, k]), random([n, k])];
    return [`matmul ${m} x ${n}, sums of ${k}`, () => matmul(a, b, { transposeB: true }).toArray()];
  })),
  batchNorm: ((x) => () => batchNorm(x)[0].toArray())(random([9, 40, 15, 15])),
  batchNormBackward: (() => {
    const [dx, dWeight, dBias, dy, x, weight] = [[9, 40, 225], [40], [40], [9, 40, 225], [9, 40, 225], [40]].map((shape) => buffer(random(shape)).data);
    const stats = buffer(tensor(Float64Array.from({ length: 80 }, (_, i) => (i < 40 ? Math.sin(i) : i / 40)))).data;
    const addresses = [dx, dWeight, dBias, dy, x, weight, stats].map((a) => a.byteOffset) as [number, number, number, number, number, number, number];
    return () => {
      parallel("batchNormBackward", [...addresses, 9, 40, 225, 1e-5], 40, 4);
      return Float32Array.from([...dx, ...dWeight, ...dBias]);
    };
  })(),
};

// Tests run inside a worker of the test runner, so these threads are workers of a worker.
describe("threads", () => {
  it.each(Object.keys(work))("three give the same bits as one: %s", async (name) => {
    await setThreads(1);
    const alone = work[name]();
    await setThreads(3);
    expect(describeBackend()).toMatchObject({ threads: 3, threadsReason: "asked for by setThreads()" });
    for (let i = 0; i < 20; i++) expect(work[name]()).toEqual(alone); // who takes which piece differs from time to time
    await setThreads(1);
    expect(describeBackend()).toMatchObject({ threads: 1, threadsReason: "the default; setThreads() starts more" });
  });

  it("come and go, also between ops that nobody waits for", async () => {
    const alone = work["relu"]();
    const counts = [2, 4, 1, 3, 2, 1, 5, 1];
    const changes = counts.map((count) => {
      const change = setThreads(count);
      expect(work["relu"]()).toEqual(alone);
      return change;
    });
    await Promise.all(changes);
    expect(work["relu"]()).toEqual(alone);
    await setThreads(2);
    expect(describeBackend().threads).toBe(2);
    await setThreads(1);
  });

  // More threads than cores, so that workers are held up in the middle of looking for work: one that comes back must not
  // take a piece of a job that is only being written down.
  it("who was held up takes no part of another job: 60,000 jobs of changing size, one right after the other", async () => {
    await setThreads(6);
    const counts = [128, 4096, 192, 8192]; // 2, 48, 3 and 48 pieces
    const x = random([8192]).toArray();
    const expected = Float32Array.from(x, (v) => Math.max(v, 0));
    withScratch(5 * 4 * 8192, (from) => {
      const at = (i: number): number => from + i * 4 * 8192;
      const [input, ...outputs] = [0, 1, 2, 3, 4].map((i) => new Float32Array(sharedMemory().buffer, at(i), 8192));
      input.set(x);
      for (let round = 0; round < 15_000; round++) {
        for (const [i, count] of counts.entries()) parallel("reluMap", [at(i + 1), from], count, 64);
        for (const [i, count] of counts.entries()) {
          if (outputs[i].subarray(0, count).some((v, k) => v !== expected[k])) throw new Error(`round ${round}: ${count} numbers are wrong`);
          outputs[i].fill(7, 0, count);
        }
      }
    });
    await setThreads(1);
  });

  it("a kernel that traps is an error of ours wherever it runs, and the threads go on", async () => {
    await setThreads(2);
    const beyond = 2 ** 32 - 64; // no memory there
    withScratch(400_000, (x) => expect(() => parallel("reluMap", [beyond, x], 100_000, 100)).toThrow(/out of bounds|internal: the kernel reluMap failed on a worker/));
    const alone = scope(() => work["relu"]());
    expect(alone).toEqual(work["relu"]());
    await setThreads(1);
  });

  it("their number is a whole number from 1 to 64", async () => {
    for (const count of [0, -1, 1.5, 65, NaN]) await expect(setThreads(count)).rejects.toThrow(`setThreads: the number of threads is ${count}. It needs a whole number from 1 to 64`);
  });

  it("hold on to the arithmetic they were started with", async () => {
    await setThreads(2);
    expect(() => setArithmetic("portable")).toThrow("have already run");
    await setThreads(1);
  });
});

describe("a process", () => {
  const run = (program: string, ...flags: string[]) => {
    const imports = `import { describeBackend, matmul, ones, scope, setThreads } from ${JSON.stringify(join(import.meta.dirname, "../index.ts"))};`;
    const { status, stdout, stderr } = spawnSync(process.execPath, ["--disable-warning=ExperimentalWarning", ...flags, "--input-type=module", "-e", imports + program], { encoding: "utf8", timeout: 50_000 });
    return { status, stdout: stdout.trim(), stderr };
  };

  it("ends by itself while workers sleep, and while they are coming up", () => {
    expect(run("await setThreads(3); console.log(describeBackend().threads);")).toEqual({ status: 0, stdout: "3", stderr: "" });
    expect(run("setThreads(3); console.log(matmul(ones([300, 300]), ones([300, 300])).toArray()[5]);")).toEqual({ status: 0, stdout: "300", stderr: "" });
  });

  it("gets help in the middle of a synchronous loop, without going back to the event loop", () => {
    const program = "setThreads(2); const a = ones([256, 256]); const end = Date.now() + 30_000; while (describeBackend().threads < 2 && Date.now() < end) scope(() => { matmul(a, a); }); console.log(describeBackend().threads);";
    expect(run(program)).toEqual({ status: 0, stdout: "2", stderr: "" });
  });

  it("where no worker may be started works on with one thread and says why", () => {
    const { status, stdout } = run("await setThreads(2); console.log(matmul(ones([300, 300]), ones([300, 300])).toArray()[5], JSON.stringify(describeBackend()));", "--permission", "--allow-fs-read=*");
    expect(status).toBe(0);
    expect(stdout).toMatch(/^300 .*"threads":1,"threadsReason":"a worker has not come up: .*(Access|permission).*"/);
  });
});
