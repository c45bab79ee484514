import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { conformance, homesAgree, positive } from "../../conformance.ts";
import { batchNorm, batchNormInference, batchNormInferenceOp, batchNormOp, noGrad, ones, Rng, runningStatisticsOp, scope, tensor, zeros } from "../../index.ts";

const attrs = { eps: 1e-5 };
const inputsOf = (x: number[], channels = x[1]) => [{ shape: x }, { shape: [channels] }, { shape: [channels] }];

describe("batchNorm", () => {
  it("is complete: kernels equal the definition and central differences, for every number of axes", () => {
    conformance(batchNormOp, [[5, 3], [2, 3, 4], [2, 2, 3, 5], [1, 2, 1, 2, 3], [0, 2, 3], [3, 0, 2], [4, 2, 9]].map((x) => ({ inputs: inputsOf(x), attrs })));
    conformance(batchNormOp, [{ inputs: inputsOf([6, 2, 2]), attrs: { eps: 0.5 } }]);
  });

  it("with given statistics is complete", () => {
    conformance(batchNormInferenceOp, [[1, 3], [2, 3, 4], [2, 2, 3, 5], [0, 2, 3]].map((x) => ({
      inputs: [{ shape: x }, { shape: [x[1]] }, { shape: [x[1]], fill: positive }, { shape: [x[1]] }, { shape: [x[1]] }], attrs,
    })));
  });

  it("its running statistics are complete, with and without some before", () => {
    const attrs = { count: 5, dtype: "f64" } as const;
    const momentum = { shape: [], fill: (rng: Rng) => rng.uniform(0, 1) };
    for (const statistic of ["mean", "variance"] as const) {
      conformance(runningStatisticsOp, [3, 1, 0].map((channels) => ({ inputs: [{ shape: [2, channels] }, { shape: [channels] }, momentum], attrs: { ...attrs, statistic } })));
      conformance(runningStatisticsOp, [{ inputs: [{ shape: [2, 4] }], attrs: { ...attrs, statistic } }, { inputs: [{ shape: [2, 4] }, { shape: [4] }, momentum], attrs: { ...attrs, statistic, count: 0 } }]);
    }
  });

  it("is the same in all homes for every shape, also far from 0", () => {
    const terms = 1024; // numbers of both signs: what is left of a sum is small beside its rounding
    const far = (rng: Rng) => 100 + rng.normal();
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 8, max: 12 }), fc.integer({ min: 1, max: 150 }), fc.boolean(), (batch, channels, pixels, isFar) => {
        fc.pre(batch * pixels > 1);
        const [x, ...rest] = inputsOf([batch, channels, pixels]);
        const cases = [{ inputs: [isFar ? { ...x, fill: far } : x, ...rest], attrs, terms }];
        homesAgree(batchNormOp, cases);
        homesAgree(batchNormInferenceOp, [{ inputs: [x, rest[0], { ...rest[0], fill: positive }, ...rest], attrs }]);
      }),
      { numRuns: 100 },
    );
    homesAgree(batchNormOp, [{ inputs: inputsOf([40, 5, 32, 32]), attrs, terms }, { inputs: inputsOf([300, 17]), attrs, terms }]);
  });

  it("gives every channel mean 0 and variance 1, whatever the input's scale and place", () => {
    const rng = new Rng(1).stream("batchNorm.test");
    const x = tensor(Float64Array.from({ length: 600 }, (_, i) => rng.normal() * 10 ** (i % 3) + 1000), [200, 3]);
    const [y] = batchNorm(x, { eps: 0 });
    for (let c = 0; c < 3; c++) {
      const column = [...y.toArray()].filter((_, i) => i % 3 === c);
      expect(column.reduce((a, b) => a + b) / 200).toBeCloseTo(0, 10);
      expect(column.reduce((a, b) => a + b * b, 0) / 200).toBeCloseTo(1, 10);
    }
  });

  it("moves the running statistics by momentum, the variance unbiased, and writes nothing in place", () => {
    const x = tensor([[1, 0], [2, 4], [6, 2]]); // means 3 and 2, unbiased variances 7 and 4
    const [runningMean, runningVar] = [tensor([10, 20]), tensor([1, 2])];
    const [, newMean, newVar] = batchNorm(x, { runningMean, runningVar, momentum: 0.25 });
    expect([...newMean.toArray()]).toEqual([8.25, 15.5]);
    expect([...newVar.toArray()]).toEqual([2.5, 2.5]);
    expect([...runningMean.toArray()]).toEqual([10, 20]);
    const [, batchMean, batchVar] = batchNorm(x);
    expect([[...batchMean.toArray()], [...batchVar.toArray()]]).toEqual([[3, 2], [7, 4]]);
    const [empty, sameMean, sameVar] = batchNorm(zeros([0, 2, 4]), { runningMean, runningVar });
    expect([empty.shape, [...sameMean.toArray()], [...sameVar.toArray()]]).toEqual([[0, 2, 4], [10, 20], [1, 2]]);
  });

  it("frees what only a backward pass would need, and its results may leave a scope", () => {
    const [y, newMean] = noGrad(() => scope(() => batchNorm(tensor([[1, 2], [3, 4]]))));
    expect([y.shape, [...newMean.toArray()]]).toEqual([[2, 2], [2, 3]]);
  });

  it("with the batch's own statistics given is batchNorm", () => {
    const x = tensor(Float64Array.from({ length: 24 }, (_, i) => Math.sin(i)), [2, 3, 4]);
    const options = { weight: tensor(Float64Array.of(1, 2, 3)), bias: tensor(Float64Array.of(4, 5, 6)), eps: 0.1 };
    const [y, runningMean, unbiased] = batchNorm(x, options);
    const runningVar = tensor(Float64Array.from(unbiased.toArray(), (v) => (v * 7) / 8));
    batchNormInference(x, { ...options, runningMean, runningVar }).toArray().forEach((v, i) => expect(v).toBeCloseTo(y.toArray()[i], 12));
  });

  it("refuses what has no variance and what does not fit", () => {
    expect(() => batchNorm(ones([1, 3]))).toThrow("batchNorm: the input is [1, 3], one number for each channel");
    expect(() => batchNorm(ones([2]))).toThrow("batchNorm: the input is [2]. It needs [batch, channels, ...].");
    expect(() => batchNorm(ones([2, 3]), { weight: ones([2]) })).toThrow("batchNorm: weight, bias and statistics have the shapes [2], [3], the input is [2, 3]. Each needs one number for each of the 3 channels.");
    expect(() => batchNorm(ones([2, 3]), { runningMean: ones([1]) })).toThrow("batchNorm: weight, bias and statistics have the shapes [1], the input is [2, 3].");
    expect(() => batchNorm(ones([2, 3]), { eps: -1 })).toThrow("batchNorm: eps is -1.");
    expect(() => batchNormInference(ones([2, 3]), { runningMean: ones([3]), runningVar: ones([3], { dtype: "f64" }) })).toThrow("batchNormInference: inputs have the element types f32, f32, f64, f32, f32.");
  });
});
