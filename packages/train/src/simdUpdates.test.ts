// The compiled updates against the plain loops of @llr/optim, which define what is right.
import { parameter } from "@llr/autograd";
import { glyphs } from "@llr/data";
import { mlp } from "@llr/nn";
import type { FloatArray, Optimizer, Param, StepRecord, UpdateKernels } from "@llr/optim";
import { adam, adamW, decoupled, l2, lamb, larc, larcAdam, lars, madLlr, norm, sgd, trackMean } from "@llr/optim";
import { memoryStats, Rng, tensor, withKernels } from "@llr/tensor";
import { pinnedArray } from "@llr/tensor/engine";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fit, totalSteps } from "./index.ts";
import { simdUpdates } from "./simdUpdates.ts";

type Make = (params: Param[], kernels: UpdateKernels) => Optimizer<never>;
const make = (f: (params: Param[], kernels: UpdateKernels) => unknown): Make => f as Make;

const OPTIMIZERS: readonly [string, Make][] = [
  ["sgd", make((p, kernels) => sgd(p, { lr: 0.1, kernels }))],
  ["sgd with l2", make((p, kernels) => sgd(p, { lr: 0.1, weightDecay: l2(0.1), kernels }))],
  ["momentum", make((p, kernels) => sgd(p, { lr: 0.1, momentum: 0.9, dampening: 0.1, weightDecay: decoupled(0.1), kernels }))],
  ["Nesterov", make((p, kernels) => sgd(p, { lr: 0.1, momentum: 0.9, nesterov: true, weightDecay: l2(0.1), kernels }))],
  ["adam", make((p, kernels) => adam(p, { lr: 0.1, weightDecay: l2(0.1), kernels }))],
  ["adamW", make((p, kernels) => adamW(p, { lr: 0.1, kernels }))],
  ["adam with short memories", make((p, kernels) => adam(p, { lr: 0.1, beta1: 0, beta2: 0.1, eps: 1e-60, kernels }))],
  ["lars", make((p, kernels) => lars(p, { lr: 1, momentum: 0.9, trustCoefficient: 0.01, kernels }))],
  ["larc", make((p, kernels) => larc(p, { lr: 0.1, momentum: 0.9, kernels }))],
  ["madLlr", make((p, kernels) => madLlr(p, { lr: 0.1, warmup: 2, momentum: 0.5, kernels }))],
];

/** Parameters in the tensors' memory (or, for the plain loops, copies on the heap), with gradients that change from step to step. */
function problem(sizes: readonly number[], place: "shared" | "heap"): { params: Param[]; setGradients: (t: number) => void } {
  const array = (n: number): FloatArray => (place === "shared" ? (pinnedArray("f32", [n], "test") as FloatArray) : new Float32Array(n));
  const params = sizes.map((n, k): Param => {
    const data = array(n);
    new Rng(k).stream("data").fillNormal(data, 0, 1);
    return { name: `p${k}`, data, grad: array(n), shape: [1, n] };
  });
  return { params, setGradients: (t) => params.forEach((p, k) => p.grad!.forEach((_, i) => (p.grad![i] = p.data[i]! * 0.1 + Math.sin(t + i * (k + 1))))) };
}

function run(makeOptimizer: Make, sizes: readonly number[], place: "shared" | "heap", steps = 5): { params: Param[]; records: StepRecord[][]; optimizer: Optimizer<never> } {
  const { params, setGradients } = problem(sizes, place);
  const optimizer = makeOptimizer(params, place === "shared" ? simdUpdates : {});
  const records = Array.from({ length: steps }, (_, t) => {
    setGradients(t);
    return optimizer.step();
  });
  return { params, records, optimizer };
}

/** Largest difference relative to the largest expected entry. */
function difference(actual: FloatArray, expected: FloatArray): number {
  let [largest, scale] = [0, 1e-3];
  for (let i = 0; i < expected.length; i++) {
    largest = Math.max(largest, Math.abs(actual[i]! - expected[i]!));
    scale = Math.max(scale, Math.abs(expected[i]!));
  }
  return largest / scale;
}

describe.each(OPTIMIZERS)("%s", (_, makeOptimizer) => {
  // 5 steps of a few roundings to 2^-24 each, which later steps feed on.
  const TOLERANCE = 3e-6;

  it("gives the weights, state and records of the plain loops, for every length of tail and across blocks", () => {
    const sizes = [...Array.from({ length: 11 }, (_, i) => i), 127, 128, 129, 1000, 16_384, 16_387, 40_000];
    const [plain, simd] = [run(makeOptimizer, sizes, "heap"), run(makeOptimizer, sizes, "shared")];
    const [plainState, simdState] = [plain, simd].map((r) => r.optimizer.stateDict().params);
    simd.params.forEach((p, k) => {
      expect(difference(p.data, plain.params[k]!.data), p.name).toBeLessThanOrEqual(TOLERANCE);
      for (const [key, array] of Object.entries(plainState![p.name]!.arrays)) expect(difference(simdState![p.name]!.arrays[key]!, array), `${p.name} ${key}`).toBeLessThanOrEqual(TOLERANCE);
    });
    simd.records.flat().forEach((record, i) => {
      const expected = plain.records.flat()[i]!;
      expect({ ...record, ...expected }).toEqual(expected); // the same fields
      expect([record.limitedBy, record.skipped, record.lr]).toEqual([expected.limitedBy, expected.skipped, expected.lr]);
      for (const key of ["weightNorm", "gradNorm", "updateNorm", "rate", "trust"] as const) expect(Math.abs(record[key] - expected[key]), `${key} of ${record.name}`).toBeLessThanOrEqual(2 * TOLERANCE * Math.abs(expected[key]));
    });
  });

  it("gives the same bits when it is run again", () => {
    const [first, again] = [run(makeOptimizer, [1000, 20_001], "shared"), run(makeOptimizer, [1000, 20_001], "shared")];
    expect(again.params.map((p) => p.data)).toEqual(first.params.map((p) => p.data));
    expect(again.records).toEqual(first.records);
  });

  it("leaves arrays elsewhere, and f64, to the plain loops: the same bits", () => {
    const problems = [simdUpdates, {}].map((kernels) => {
      const params: Param[] = [
        { name: "heap", data: Float32Array.of(1, 2, 3), grad: Float32Array.of(1, -1, 0.5), shape: [1, 3] },
        { name: "f64", data: Float64Array.of(1, 2, 3), grad: Float64Array.of(1, -1, 0.5), shape: [1, 3] },
        { name: "own shared memory", data: new Float32Array(new SharedArrayBuffer(12)).fill(1), grad: new Float32Array(3).fill(2), shape: [1, 3] },
      ];
      const optimizer = makeOptimizer(params, kernels);
      return { records: [optimizer.step(), optimizer.step()], data: params.map((p) => [...p.data]) };
    });
    expect(problems[0]).toEqual(problems[1]);
  });
});

describe("numbers at the edges", () => {
  it("a NaN or an infinity in a gradient makes the same weights NaN or infinite as in the plain loops", () => {
    for (const bad of [NaN, Infinity, -Infinity])
      for (const [, makeOptimizer] of OPTIMIZERS.slice(0, 6)) {
        const [plain, simd] = (["heap", "shared"] as const).map((place) => {
          const { params, setGradients } = problem([9], place);
          const optimizer = makeOptimizer(params, place === "shared" ? simdUpdates : {});
          setGradients(0);
          for (const i of [2, 8]) params[0]!.grad![i] = bad;
          const [record] = optimizer.step();
          return { finite: [...params[0]!.data].map(Number.isFinite), norms: [record!.gradNorm, Number.isFinite(record!.updateNorm)] };
        });
        expect(simd).toEqual(plain);
      }
  });

  it("the norm of tiny and huge numbers neither vanishes nor overflows", () => {
    for (const size of [1, 63, 64, 1000, 20_000])
      for (const x of [1e-40, 1e-25, 1e-12, 1, 1e20, 3e38]) {
        const array = pinnedArray("f32", [size], "test").fill(x) as Float32Array;
        expect(simdUpdates.norm!(array) / norm(array)).toBeCloseTo(1, 6);
      }
    expect(simdUpdates.norm!(pinnedArray("f32", [100], "test") as Float32Array)).toBe(0);
    expect(simdUpdates.norm!(new Float32Array(0))).toBe(0);
    expect(simdUpdates.norm!(pinnedArray("f32", [70], "test").fill(NaN, 69) as Float32Array)).toBeNaN();
  });

  it("norms of arrays in the tensors' memory are those of the plain loop, from any place in it", () => {
    const whole = pinnedArray("f32", [400], "test") as Float32Array;
    fc.assert(
      fc.property(fc.nat(200), fc.nat(200), fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), { minLength: 1, maxLength: 20 }), (start, length, numbers) => {
        whole.forEach((_, i) => (whole[i] = numbers[i % numbers.length]!));
        const part = whole.subarray(start, start + length);
        expect(Math.abs(simdUpdates.norm!(part) - norm(part))).toBeLessThanOrEqual(1e-6 * norm(part));
      }),
    );
  });

  it("running means: beta = 0 copies to the last bit, and a tiny distance is measured", () => {
    const [mean, x] = [1e8, 1].map((value) => pinnedArray("f32", [5], "test").fill(value) as Float32Array);
    expect(simdUpdates.trackMean!(mean!, x!, 0)).toBeCloseTo(Math.sqrt(5) * 1e8, -3);
    expect(mean).toEqual(x);
    const [a, b] = [1e-30, 1.5e-30].map((value) => pinnedArray("f32", [5], "test").fill(value) as Float32Array);
    const plain = Float32Array.from(a!);
    expect(simdUpdates.trackMean!(a!, b!, 0.9) / trackMean(plain, b!, 0.9)).toBeCloseTo(1, 5);
    expect(a![4]! / plain[4]!).toBeCloseTo(1, 6);
  });

  it.each(["adam", "adamW", "lamb", "larcAdam"] as const)("%s takes a gradient whose square overflows as the plain loops do, wherever it stands, and goes on after it", (name) => {
    const makers = { adam, adamW, lamb, larcAdam } as unknown as Record<string, (params: Param[], options: object) => Optimizer<never>>;
    for (const spike of [2e19, 1e20, 6e20, 1e21, 3e38])
      for (const nonFinite of ["propagate", "throw"]) {
        const [plain, simd] = (["heap", "shared"] as const).map((place) => {
          const { params: [p] } = problem([261], place);
          const optimizer = makers[name]!([p!], { lr: 0.01, nonFinite, kernels: place === "shared" ? simdUpdates : {} });
          const norms = [1, spike, 1, 1, 1].map((size) => {
            p!.grad!.fill(1);
            for (const i of [3, 130, 260]) p!.grad![i] = size;
            return optimizer.step()[0]!.gradNorm;
          });
          return { data: p!.data, norms };
        });
        expect(simd!.data.every(Number.isFinite)).toBe(true);
        // A few roundings to 2^-24 of each of five steps.
        expect(difference(simd!.data, plain!.data)).toBeLessThan(3e-6);
        simd!.norms.forEach((norm, i) => expect(norm / plain!.norms[i]!).toBeCloseTo(1, 5));
      }
  });

  it("Adam's weights are finite and right after gradients of 1, 2e19, 1, 1", () => {
    const after = [adamW, lamb].map((make) => {
      const w: Param = { name: "w", data: pinnedArray("f32", [1], "test").fill(1) as Float32Array, grad: pinnedArray("f32", [1], "test") as Float32Array };
      const optimizer = (make as typeof adamW)([w], { lr: 0.01, weightDecay: 0, kernels: simdUpdates });
      for (const g of [1, 2e19, 1, 1]) {
        w.grad!.fill(g);
        optimizer.step();
      }
      return w.data[0]!;
    });
    // From m and v of the spike alone, k steps after it; LAMB's step is lr times the weight.
    const u = [0, 1, 2].map((k) => (0.1 * 0.9 ** k) / (1 - 0.9 ** (k + 2)) / Math.sqrt((0.001 * 0.999 ** k) / (1 - 0.999 ** (k + 2))));
    expect(after[0]).toBeCloseTo(0.99 - 0.01 * u.reduce((a, b) => a + b, 0), 5);
    expect(after[1]).toBeCloseTo(0.99 ** 4, 5);
  });

  it("a constant gradient is kept by Adam's means, however long it lasts", () => {
    const [w, g, m, v] = Array.from({ length: 4 }, () => pinnedArray("f32", [4], "test") as Float32Array);
    g!.fill(0.3);
    for (let k = 0; k < 20_000; k++) simdUpdates.adam!(w!, g!, m!, v!, { inner: 1, l2: 0, outer: 0, decay: 0, beta1: 0.9, beta2: 0.999, eps: 1e-8, correction1: 1, correction2: 1 });
    expect(m![0]! / 0.3).toBeCloseTo(1, 6);
    // The mean stops where its next step, a thousandth of what is missing, is below half a unit in the last place.
    expect(Math.abs(v![0]! / 0.09 - 1)).toBeLessThan(1e-3 * 2 ** -4);
  });
});

describe("parameters of a model", () => {
  it("keep working when the memory has grown since they were made", () => {
    const w = parameter([1, 2, 3], { name: "w" });
    const optimizer = sgd([w], { lr: 1, momentum: 0.5, kernels: simdUpdates });
    const grow = Array.from({ length: 4 }, () => pinnedArray("f32", [4 << 20], "test")); // 64 MiB: more than the memory starts with
    w.grad = pinnedArray("f32", [3], "test").fill(1) as Float32Array;
    expect(optimizer.step()[0]!.updateNorm).toBeCloseTo(Math.sqrt(3), 6);
    expect([...w.data]).toEqual([0, 1, 2]);
    expect(grow.length).toBe(4);
  });

  it("put their optimizer state beside themselves, unless kernels are of the reference home", () => {
    const { data } = parameter(tensor([1]), { name: "w" });
    expect(simdUpdates.allocate!(data).buffer).not.toBeInstanceOf(ArrayBuffer);
    expect(withKernels("reference", () => simdUpdates.allocate!(data)).buffer).toBeInstanceOf(ArrayBuffer);
    expect(simdUpdates.allocate!(new Float64Array(2))).toEqual(new Float64Array(2));
  });

  it("give their state back with the parameter that it belongs to", () => {
    const before = memoryStats().blocks;
    for (let i = 0; i < 3; i++) {
      const w = parameter(tensor([1, 2]), { name: "w" });
      w.grad = Float32Array.of(1, 1);
      const optimizer = adamW([w], { kernels: simdUpdates });
      optimizer.step();
      w.release();
      expect(() => optimizer.step()).toThrow("handed back by release()");
      expect(() => optimizer.stateDict()).toThrow("handed back by release()");
    }
    expect(memoryStats().blocks).toBe(before);
  });

  it("train to the same verdict and, within single precision, the same loss", async () => {
    const train = async (kernels: UpdateKernels): Promise<{ verdict: string; loss: number; accuracy: number }> => {
      const rng = new Rng(1);
      const options = { train: glyphs({ count: 320, rng: rng.stream("data") }), batchSize: 32, epochs: 4 };
      const model = mlp([64, 32, 10], { rng: rng.stream("init") });
      const optimizer = adamW(model.parameters(), { lr: (t) => 0.01 * (1 - t / totalSteps(options)), kernels });
      const { verdict, trainLoss, test } = await fit({ ...options, test: options.train, model, optimizer, rng });
      return { verdict, loss: trainLoss, accuracy: test!.accuracy };
    };
    const [simd, plain] = [await train(simdUpdates), await train({})];
    expect(simd.verdict).toBe(plain.verdict);
    // 40 steps that start 2^-24 apart; Adam divides by small second moments, which magnifies that.
    expect(Math.abs(simd.loss - plain.loss)).toBeLessThan(1e-3 * plain.loss);
    expect(Math.abs(simd.accuracy - plain.accuracy)).toBeLessThan(0.01);
  });
});
