import { describe, expect, it } from "vitest";
import { conformance } from "../../conformance.ts";
import { batchNorm, groupNorm, groupNormOp, instanceNorm, layerNorm, layerNormOp, ones, rmsNorm, rmsNormOp, tensor, zeros } from "../../index.ts";

const wave = (...shape: number[]) => tensor(Float64Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(i * i)), shape);
const close = (actual: ArrayLike<number>, expected: ArrayLike<number>): void => {
  expect(actual.length).toBe(expected.length);
  for (let i = 0; i < expected.length; i++) expect(actual[i]).toBeCloseTo(expected[i], 12);
};

describe("layerNorm and rmsNorm", () => {
  const shapes: [number[], number[]][] = [[[4, 3], [3]], [[2, 3, 4], [3, 4]], [[2, 3, 2], [2]], [[5], [5]], [[0, 3], [3]], [[2, 1], [1]], [[3, 0], [0]]];

  it("are complete: kernels equal the definition and central differences", () => {
    for (const [x, normalizedShape] of shapes) {
      const attrs = { normalizedShape, eps: 1e-2 }; // a row of one number has variance 0
      conformance(layerNormOp, [{ inputs: [{ shape: x }, { shape: normalizedShape }, { shape: normalizedShape }], attrs }]);
      conformance(rmsNormOp, [{ inputs: [{ shape: x }, { shape: normalizedShape }], attrs }]);
    }
  });

  it("layerNorm of a transposed batch is batchNorm", () => {
    const x = wave(4, 6);
    const columns = tensor(Float64Array.from({ length: 24 }, (_, i) => x.toArray()[(i % 4) * 6 + Math.floor(i / 4)]), [6, 4]);
    const y = batchNorm(columns)[0].toArray();
    close(layerNorm(x, 6).toArray(), Float64Array.from({ length: 24 }, (_, i) => y[(i % 6) * 4 + Math.floor(i / 6)]));
  });

  it("rmsNorm does not change when a row is scaled up", () => {
    const row = [1, -2, 2];
    close(rmsNorm(tensor(row, { dtype: "f64" }), 3).toArray(), rmsNorm(tensor(row.map((v) => v * 1e6), { dtype: "f64" }), 3).toArray());
    expect(rmsNorm(zeros([3]), 3).toArray()).toEqual(Float32Array.of(0, 0, 0));
  });

  it("refuse axes that are not the last ones", () => {
    expect(() => layerNorm(ones([2, 3]), 4)).toThrow("layerNorm: the input is [2, 3], normalizedShape [4]. The last axes of the input must be normalizedShape.");
    expect(() => layerNorm(ones([2, 3]), [1, 2, 3])).toThrow("layerNorm: the input is [2, 3], normalizedShape [1, 2, 3].");
    expect(() => layerNorm(ones([2, 3]), [])).toThrow("layerNorm: normalizedShape is [].");
    expect(() => layerNorm(ones([2, 3]), 3, { bias: ones([2]) })).toThrow("layerNorm: weight and bias have the shapes [3], [2], normalizedShape is [3].");
    expect(() => rmsNorm(ones([2, 3]), 3, { eps: NaN })).toThrow("rmsNorm: eps is NaN.");
  });
});

describe("groupNorm and instanceNorm", () => {
  it("are complete: kernels equal the definition and central differences", () => {
    for (const [shape, groups] of [[[2, 4, 3], 2], [[1, 6, 2, 2], 3], [[3, 4], 1], [[2, 3, 4], 3], [[0, 2, 2], 1], [[2, 2, 0], 2]] as const)
      conformance(groupNormOp, [{ inputs: [{ shape }, { shape: [shape[1]] }, { shape: [shape[1]] }], attrs: { groups, eps: 1e-2 } }]);
  });

  it("one group is layerNorm of whole images, one for each channel instanceNorm", () => {
    const x = wave(2, 3, 2, 2);
    close(groupNorm(x, 1).toArray(), layerNorm(x, [3, 2, 2]).toArray());
    const options = { weight: wave(3), bias: wave(3), eps: 0.1 };
    close(groupNorm(x, 3, options).toArray(), instanceNorm(x, options).toArray());
    const first = tensor(x.toArray().slice(0, 12), [1, 3, 2, 2]); // of a batch of one, that is batchNorm too
    close(instanceNorm(x).toArray().slice(0, 12), batchNorm(first)[0].toArray());
  });

  it("refuse channels that do not split, weights of other sizes, and channels of one number", () => {
    expect(() => groupNorm(ones([1, 4, 2]), 3)).toThrow("groupNorm: the 4 channels of [1, 4, 2] cannot be split into 3 groups.");
    expect(() => groupNorm(ones([1, 4, 2]), 0)).toThrow("groupNorm: groups is 0.");
    expect(() => groupNorm(ones([4]), 1)).toThrow("groupNorm: the input is [4]. It needs [batch, channels, ...].");
    expect(() => groupNorm(ones([1, 4, 2]), 2, { weight: ones([2]) })).toThrow("groupNorm: weight and bias have the shapes [2], [4], the input is [1, 4, 2].");
    expect(() => instanceNorm(ones([2, 4, 1]))).toThrow("instanceNorm: the input is [2, 4, 1].");
    expect(() => instanceNorm(ones([2, 4, 2]), { bias: ones([3]) })).toThrow("instanceNorm: weight and bias have the shapes [3], the input is [2, 4, 2].");
  });
});
