import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ConformanceCase } from "../../conformance.ts";
import { distinct } from "../../conformance.ts";
import { ones, tensor } from "../../create.ts";
import { gpuAgrees } from "../../gpu/agreement.ts";
import { testOptions } from "../../gpu/testDevices.ts";
import { useGpu } from "../../gpu/useGpu.ts";
import type { Rng } from "../../random.ts";
import { max, min } from "./max.ts";
import { mean } from "./mean.ts";
import { norm } from "./norm.ts";
import { centeredGpu, directionGpu, maxGpu, meanGpu, minGpu, normGpu, shareGpu, stdGpu, sumGpu, varGpu } from "./reduce.gpu.ts";
import type { Reduction } from "./reduction.ts";
import { countOf } from "./reduction.ts";
import { sum } from "./sum.ts";
import { variance } from "./variance.ts";

const layouts: readonly (readonly [readonly number[], readonly number[]])[] = [
  [[], []], [[1], [0]], [[7], [0]], [[3, 5], [0]], [[3, 5], [1]], [[3, 5], []], [[3, 5], [0, 1]],
  [[2, 3, 4, 5], [0, 2, 3]], [[2, 3, 4, 5], [1, 3]], [[2, 3, 4, 5], [0, 2]], [[2, 1, 3, 1], [1, 2]], [[3, 2, 2, 2, 3, 2], [0, 2, 4]],
];
/** Terms enough for two stages, and for three, by one or several axes, and none divided evenly. */
const long: readonly (readonly [readonly number[], readonly number[]])[] = [[[1000], [0]], [[7, 300], [1]], [[300, 7], [0]], [[13, 3, 11, 7], [0, 2, 3]], [[71_003], [0]], [[257, 2, 259], [0, 2]]];
/** Sums of many such numbers are not by chance so small that their rounding errors, of all the terms, look large beside them. */
const around1 = (rng: Rng): number => 1 + rng.normal();
const cases = (from: typeof layouts, fill?: (rng: Rng, i: number) => number): ConformanceCase<Reduction>[] =>
  from.map(([shape, axes]) => ({ inputs: [{ shape, ...(fill && { fill }) }], attrs: { axes, keepDims: false }, terms: countOf(shape, axes) }));
const empty = [[[0], []], [[2, 0, 3], [2]], [[0, 3], [1]]] as const;

describe("a reduction on a device", () => {
  it.each([sumGpu, meanGpu].map((k) => [k.op.name, k] as const))("%s agrees with the reference over any axes, in as many stages as there are terms for", (_, kernels) =>
    gpuAgrees(kernels, [...cases(layouts), ...cases(long, around1), ...cases(empty)]));

  it("sum of no terms is 0", () => gpuAgrees(sumGpu, cases([[[0], [0]], [[2, 0], [1]], [[0, 2, 5], [0, 2]]])));

  it.each([maxGpu, minGpu].map((k) => [k.op.name, k] as const))("%s agrees with the reference over any axes, in as many stages as there are terms for", (_, kernels) =>
    gpuAgrees(kernels, [...cases(layouts, distinct), ...cases(long), ...cases(empty)]));

  it("of several largest numbers each has its share", () =>
    gpuAgrees(shareGpu, ([[[6], [0]], [[3, 8], [1]], [[2, 3, 4], [0, 2]], [[900], [0]]] as const).map(([shape, axes]) => ({
      inputs: [{ shape, fill: (_: Rng, i: number) => i % 3 }, { shape: shape.filter((_, i) => !axes.includes(i as never)), fill: () => 2 }], attrs: { axes, keepDims: false },
    })), { keepsNaN: false })); // a NaN has a NaN as its largest number, which is given here

  // 4e-6: the mean is rounded to single precision before it is taken off.
  it.each([varGpu, stdGpu].map((k) => [k.op.name, k] as const))("%s agrees with the reference", (_, kernels) =>
    gpuAgrees(kernels, [...cases(layouts.slice(2)), ...cases(long)].filter(({ terms }) => terms! > 1).map((c) => ({ ...c, attrs: { ...c.attrs, ddof: 1 } })), { tolerance: 4e-6 }));
  it("centered agrees with the reference", () => gpuAgrees(centeredGpu, [...cases(layouts), ...cases(long)]));

  it.each([normGpu, directionGpu].map((k) => [k.op.name, k] as const))("%s agrees with the reference, for numbers whose squares single precision does not hold too", async (_, kernels) => {
    const ofP = (from: ConformanceCase<Reduction>[], p: number) => from.map((c) => ({
      ...c, inputs: kernels === directionGpu ? [...c.inputs, { shape: c.inputs[0].shape.filter((_n, i) => !c.attrs.axes.includes(i)) }] : c.inputs, attrs: { ...c.attrs, p },
    }));
    for (const p of [1, 2]) await gpuAgrees(kernels, ofP([...cases(layouts), ...cases(long)], p), { tolerance: 4e-6 }); // a division and a root on the way
    await gpuAgrees(kernels, ofP([...cases([[[3, 50], [1]]], () => 1e30), ...cases([[[3, 50], [1]]], () => 0)], 2), { keepsNaN: false });
  });

  it("any shape is summed over any axes as in memory", async () => {
    const gpu = await useGpu({ engine: "webasm", software: true });
    const shapes = fc.array(fc.integer({ min: 1, max: 6 }), { maxLength: 5 });
    await fc.assert(fc.asyncProperty(shapes, fc.array(fc.boolean(), { minLength: 5, maxLength: 5 }), async (shape, isReduced) => {
      const axes = shape.map((_, i) => i).filter((i) => isReduced[i]);
      const x = tensor(Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => (i * 37) % 101), shape);
      expect(await sum(gpu.upload(x), { axes }).read()).toEqual(sum(x, { axes }).toArray()); // whole numbers: exact
    }), { numRuns: 60, seed: 7 });
  });
});

describe.each(testOptions().map((o) => [o.engine, o] as const))("reductions on %s", (_, option) => {
  it("add up all of a million numbers, with digits that one running sum would lose", async () => {
    const gpu = await useGpu(option);
    expect(await sum(gpu.upload(ones([1_000_003]))).read()).toEqual(Float32Array.of(1_000_003));
    const tenth = await sum(gpu.upload(tensor(new Float32Array(300_000).fill(0.1)))).read();
    expect(Math.abs(tenth[0] / 30_000 - 1)).toBeLessThan(1e-5); // one running sum in single precision: 1e-3
  });

  it("let NaN through, and take infinite numbers for numbers", async () => {
    const gpu = await useGpu(option);
    const x = gpu.upload(tensor([[1, NaN, 3], [-Infinity, -2, -1]]));
    expect(await max(x, { axes: 1 }).read()).toEqual(Float32Array.of(NaN, -1));
    expect(await min(x, { axes: 1 }).read()).toEqual(Float32Array.of(NaN, -Infinity));
  });

  it("refuse what they have no kernel for by name", async () => {
    const gpu = await useGpu(option);
    const none = gpu.upload(tensor([], { shape: [2, 0] }));
    expect(() => mean(none, { axes: 1 })).toThrow(/^mean: .*have no elements; the gpu has no kernel/);
    expect(() => variance(gpu.upload(ones([1])))).toThrow(/^var: .*ddof/);
    expect(() => norm(gpu.upload(ones([2])), { p: 3 })).toThrow(/^norm: p is 3/);
  });
});
