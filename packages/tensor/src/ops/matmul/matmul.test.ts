import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { conformance } from "../../conformance.ts";
import { matmul, matmulOp, tensor, transpose } from "../../index.ts";
import { Rng } from "../../random.ts";

const rng = new Rng(3).stream("matmul.test");
const random = (shape: number[]) => tensor(Float64Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => rng.normal()), shape);

describe("matmul", () => {
  const plain = { transposeA: false, transposeB: false };

  it("is complete for every pair of transposes, sizes around the width of the kernel, and batches", () => {
    for (const transposeA of [false, true])
      for (const transposeB of [false, true])
        for (const [m, n, k] of [[2, 3, 4], [1, 5, 2], [3, 4, 1], [0, 2, 3], [2, 0, 3], [2, 3, 0]] as const)
          conformance(matmulOp, [{ inputs: [{ shape: transposeA ? [k, m] : [m, k] }, { shape: transposeB ? [n, k] : [k, n] }], attrs: { transposeA, transposeB } }]);
    conformance(matmulOp, [
      { inputs: [{ shape: [2, 2, 3] }, { shape: [3, 2] }], attrs: plain },
      { inputs: [{ shape: [2, 1, 2, 3] }, { shape: [3, 3, 2] }], attrs: plain },
    ]);
  });

  it("(AB)C = A(BC) and (AB)^T = B^T A^T", () => {
    const size = fc.integer({ min: 1, max: 9 });
    fc.assert(
      fc.property(size, size, size, size, (m, k, l, n) => {
        const [a, b, c] = [random([m, k]), random([k, l]), random([l, n])];
        const left = matmul(matmul(a, b), c).toArray();
        const right = matmul(a, matmul(b, c)).toArray();
        left.forEach((x, i) => expect(x).toBeCloseTo(right[i], 10)); // float64: a few ulps of sums of at most 81 terms
        const swapped = matmul(b, a, { transposeA: true, transposeB: true }).toArray();
        transpose(matmul(a, b)).toArray().forEach((x, i) => expect(x).toBeCloseTo(swapped[i], 12));
      }),
      { numRuns: 50 },
    );
  });

  it("a vector is a row on the left and a column on the right", () => {
    const m = tensor([[1, 2], [3, 4], [5, 6]]);
    expect(matmul(tensor([1, 1, 1]), m)).toMatchObject({ shape: [2] });
    expect([...matmul(tensor([1, 1, 1]), m).toArray()]).toEqual([9, 12]);
    expect([...matmul(m, tensor([1, -1])).toArray()]).toEqual([-1, -1, -1]);
    expect(matmul(tensor([1, 2]), tensor([3, 4]))).toMatchObject({ shape: [] });
    expect(matmul(tensor([1, 2]), tensor([3, 4])).item()).toBe(11);
    expect(matmul(random([4, 2, 3]), random([3])).shape).toEqual([4, 2]);
    expect(matmul(random([2]), random([4, 2, 3])).shape).toEqual([4, 3]);
  });

  it("sums in double precision: a million terms of 0.1 lose nothing", () => {
    const n = 1_000_000;
    const ones = tensor(new Float32Array(n).fill(1), [1, n]);
    const tenths = tensor(new Float32Array(n).fill(0.1), [n, 1]);
    // Float32 partial sums end at 100958: 1 % off.
    expect(matmul(ones, tenths).item()).toBe(Math.fround(n * Math.fround(0.1)));
  });

  it("refuses inner sizes that differ, with both shapes as given", () => {
    expect(() => matmul(tensor([[1, 2, 3]]), tensor([[1, 2]]))).toThrow("matmul: inner sizes differ: a is [1, 3], b is [1, 2]. matmul needs a [m, k] and b [k, n].");
    expect(() => matmul(tensor([[1, 2, 3]]), tensor([[1, 2]]), { transposeB: true })).toThrow("b is [1, 2] transposed");
    expect(() => matmul(tensor(1), tensor([[1, 2]]))).toThrow("matmul: a is [], b is [1, 2]. Both need at least one axis");
  });
});
