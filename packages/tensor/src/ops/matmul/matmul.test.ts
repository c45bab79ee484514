import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { conformance, homesAgree } from "../../conformance.ts";
import { add, linear, matmul, matmulOp, ones, outer, tensor, transpose, withKernels } from "../../index.ts";
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

  const operands = (m: number, n: number, k: number, transposeA: boolean, transposeB: boolean, batchA: number[] = [], batchB: number[] = []) => ({
    inputs: [{ shape: [...batchA, ...(transposeA ? [k, m] : [m, k])] }, { shape: [...batchB, ...(transposeB ? [n, k] : [k, n])] }],
    attrs: { transposeA, transposeB }, terms: k,
  });

  it("simd agrees with the reference for every size around its tiles", () => {
    const sizes = [1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 13, 16, 17];
    const cases = sizes.flatMap((m) => sizes.map((n, i) => operands(m, n, sizes[(i + m) % sizes.length], m % 2 === 0, n % 2 === 0)));
    homesAgree(matmulOp, cases);
  });

  it("simd agrees with the reference for any sizes, transposes and batches", () => {
    const size = fc.integer({ min: 0, max: 40 });
    const batch = fc.constantFrom<[number[], number[]]>([[], []], [[2], []], [[], [3]], [[2, 1], [3]], [[0], []]);
    fc.assert(fc.property(size, size, size, fc.boolean(), fc.boolean(), batch, (m, n, k, ta, tb, [batchA, batchB]) =>
      homesAgree(matmulOp, [operands(m, n, k, ta, tb, batchA, batchB)])), { numRuns: 60 });
  });

  it("simd agrees with the reference beyond every block: of rows, of columns, of terms", () => {
    for (const [ta, tb] of [[false, false], [true, true]] as const) homesAgree(matmulOp, [operands(247, 9, 5, ta, tb), operands(7, 1033, 3, ta, tb), operands(7, 9, 771, ta, tb), operands(241, 1025, 2, ta, tb), operands(1927, 9, 3, ta, tb)]);
  });

  it("simd agrees with the reference where blocks of rows and of columns meet", () => homesAgree(matmulOp, [operands(1923, 1026, 1, false, true)]));

  it("simd agrees with the reference for vectors of every length of tail, on either side", () => {
    const lengths = [1, 3, 15, 16, 17, 31, 32, 33, 65];
    for (const t of [false, true]) homesAgree(matmulOp, [...lengths, 400, 801].flatMap((k) => lengths.flatMap((n) => [operands(1, n, k, false, t), operands(n, 1, k, t, false)])));
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

  it("the reference sums in double precision: a million terms of 0.1 lose nothing; simd loses no more than is stated", () => {
    const n = 1_000_000;
    const ones = tensor(new Float32Array(n).fill(1), [1, n]);
    const tenths = tensor(new Float32Array(n).fill(0.1), [n, 1]);
    // Float32 partial sums end at 100958: 1 % off.
    const exact = n * Math.fround(0.1);
    expect(withKernels("reference", () => matmul(ones, tenths).item())).toBe(Math.fround(exact));
    // The simd kernel adds 384 terms at a time to the total; equal terms are the worst case, all errors have one sign.
    expect(Math.abs(matmul(ones, tenths).item() - exact)).toBeLessThan(2e-6 * Math.sqrt(n / 256) * exact);
  });

  it("refuses inner sizes that differ, with both shapes as given", () => {
    expect(() => matmul(tensor([[1, 2, 3]]), tensor([[1, 2]]))).toThrow("matmul: inner sizes differ: a is [1, 3], b is [1, 2]. matmul needs a [m, k] and b [k, n].");
    expect(() => matmul(tensor([[1, 2, 3]]), tensor([[1, 2]]), { transposeB: true })).toThrow("b is [1, 2] transposed");
    expect(() => matmul(tensor(1), tensor([[1, 2]]))).toThrow("matmul: a is [], b is [1, 2]. Both need at least one axis");
  });

  it("a batch against one matrix is every product by itself", () => {
    for (const transposeB of [false, true]) {
      const [a, b] = [random([3, 2, 4]), random(transposeB ? [5, 4] : [4, 5])];
      const product = matmul(a, b, { transposeB });
      expect(product.shape).toEqual([3, 2, 5]);
      for (let i = 0; i < 3; i++) {
        const one = matmul(tensor(a.toArray().slice(i * 8, i * 8 + 8), [2, 4]), b, { transposeB });
        expect(product.toArray().slice(i * 10, i * 10 + 10)).toEqual(one.toArray());
      }
    }
    expect(matmul(random([0, 2, 3]), random([3, 4])).shape).toEqual([0, 2, 4]);
    expect(() => matmul(random([2, 2, 3]), random([4, 4]))).toThrow("matmul: inner sizes differ: a is [2, 2, 3], b is [4, 4].");
  });
});

describe("linear", () => {
  it("is x W^T + b, over the last axis of any number", () => {
    const [w, b] = [random([4, 3]), random([4])];
    for (const shape of [[3], [2, 3], [2, 2, 3], [0, 3]]) {
      const x = random(shape);
      const y = linear(x, w, b);
      expect(y.shape).toEqual([...shape.slice(0, -1), 4]);
      const expected = add(matmul(x, transpose(w)), b).toArray();
      y.toArray().forEach((value, i) => expect(value).toBeCloseTo(expected[i], 12)); // float64: sums of three terms
    }
    expect(linear(random([2, 3]), w).shape).toEqual([2, 4]);
  });

  it("refuses sizes that differ", () => {
    expect(() => linear(ones([2, 3]), ones([4, 2]), ones([4]))).toThrow("linear: x is [2, 3], the weight is [4, 2], the bias is [4]. linear needs x [..., in], weight [out, in] and bias [out].");
    expect(() => linear(ones([2, 3]), ones([4, 3]), ones([1]))).toThrow("the bias is [1]");
    expect(() => linear(tensor(1), ones([4, 3]))).toThrow("linear: x is []");
  });
});

describe("outer", () => {
  it("is the product of every pair", () => {
    expect([...outer(tensor([1, 2]), tensor([3, 4])).toArray()]).toEqual([3, 4, 6, 8]);
    expect(outer(ones([0]), ones([2])).shape).toEqual([0, 2]);
    expect(() => outer(ones([2, 1]), ones([2]))).toThrow("outer: a is [2, 1], b is [2]. It needs two vectors, [m] and [n].");
  });
});
