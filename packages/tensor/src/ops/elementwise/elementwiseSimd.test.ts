// What is special about the simd kernels: tails, layouts, and functions of their own. That they equal the reference
// kernels is also part of every conformance check.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { homesAgree, positive } from "../../conformance.ts";
import type { Primitive, Tensor } from "../../index.ts";
import { addOp, apply, divOp, exp, expOp, log, logOp, mulOp, negOp, reluGradOp, reluOp, sigmoid, sigmoidGradOp, sigmoidOp, sqrtOp, subOp, tanh, tanhGradOp, tanhOp, tensor } from "../../index.ts";

const lengths = [...Array.from({ length: 34 }, (_, i) => i), 1000];

describe("simd kernels agree with the reference for every length of tail", () => {
  it.each([negOp, sqrtOp, reluOp, expOp, logOp, tanhOp, sigmoidOp])("$name", (op) => {
    homesAgree(op, lengths.map((n) => ({ inputs: [{ shape: [n] }], attrs: null })));
  });

  it.each([addOp, subOp, mulOp, divOp, reluGradOp, tanhGradOp, sigmoidGradOp])("$name of two tensors of one shape", (op) => {
    homesAgree(op, lengths.map((n) => ({ inputs: [{ shape: [n] }, { shape: [n], fill: positive }], attrs: null })));
  });
});

describe("simd kernels of two tensors that broadcast", () => {
  it.each([addOp, subOp, mulOp, divOp])("$name agrees with the reference for any two shapes, either way round", (op) => {
    const size = fc.oneof(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 0, max: 40 }));
    fc.assert(
      fc.property(fc.array(size, { maxLength: 4 }), fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }), fc.nat(4), fc.boolean(), (shape, ones, missing, exchange) => {
        const small = shape.slice(Math.min(missing, shape.length)).map((n, i) => (ones[i] ? 1 : n));
        const inputs = [{ shape, fill: positive }, { shape: small, fill: positive }];
        homesAgree(op, [{ inputs: exchange ? inputs.reverse() : inputs, attrs: null }]);
      }),
      { numRuns: 60 },
    );
  });

  // The layouts that networks use must not fall back to the reference without anybody noticing.
  it.each([
    ["one shape", [2, 3], [2, 3], true],
    ["a scalar", [2, 3], [], true],
    ["a bias", [4, 3], [3], true],
    ["a channel's number", [2, 3, 4, 4], [3, 1, 1], true],
    ["a row's number", [4, 3], [4, 1], true],
    ["an image for the batch", [5, 3, 2, 2], [1, 3, 2, 2], true],
    ["every other axis", [2, 3, 4], [2, 1, 4], false],
    ["both stretched", [2, 1], [1, 3], false],
  ] as const)("%s: taken is %s", (_, a, b, taken) => {
    const op: Primitive<null> = { ...addOp, reference: (out) => out.fill(7) };
    const [x, y] = [a, b].map((shape) => tensor(new Float32Array(shape.reduce((p: number, n) => p * n, 1)).fill(1), shape)) as [Tensor, Tensor];
    for (const pair of [[x, y], [y, x]]) expect(new Set(apply(op, pair, null).toArray())).toEqual(new Set([taken ? 2 : 7]));
  });
});

describe("functions computed by polynomials", () => {
  /** Distance between neighbouring single-precision numbers at |x|. */
  const ulp = (x: number): number => 2 ** Math.max(-149, Math.floor(Math.log2(Math.abs(x))) - 23);
  const any = fc.float({ noNaN: true });

  // The worst cases over every 64th float: exp 0.99, log 0.82, tanh 2.54, sigmoid 2.41.
  it.each([
    ["exp", exp, Math.exp, 1],
    ["log", log, Math.log, 1],
    ["tanh", tanh, Math.tanh, 2.6],
    ["sigmoid", sigmoid, (x: number) => 1 / (1 + Math.exp(-x)), 2.6],
  ] as const)("%s is within %3$d units in the last place of float64, subnormal numbers and overflow included", (_, f, exact, allowed) => {
    fc.assert(
      fc.property(fc.array(fc.oneof(any, fc.float({ min: -110, max: 110, noNaN: true }), fc.float({ min: -1, max: 1, noNaN: true })), { minLength: 1, maxLength: 50 }), (numbers) => {
        const found = f(tensor(Float32Array.from(numbers))).toArray();
        numbers.forEach((x, i) => {
          const wanted = exact(x);
          if (!Number.isFinite(Math.fround(wanted)) || wanted === 0) expect(found[i]).toBe(Math.fround(wanted));
          else expect(Math.abs(found[i]! - wanted), `f(${x})`).toBeLessThanOrEqual(allowed * ulp(wanted));
        });
      }),
    );
  });

  it("tanh and log keep every digit near their zeros", () => {
    expect([...tanh(tensor([1e-30, -1e-30, 1e-40, 0, -0])).toArray()]).toEqual([1e-30, -1e-30, 1e-40, 0, -0].map(Math.fround));
    expect(log(tensor([1 + 2 ** -23])).item()).toBe(Math.fround(Math.log(1 + 2 ** -23)));
  });

  it("sigmoid of very negative numbers is the power, not 0", () => {
    expect(sigmoid(tensor([-100])).item()).toBe(Math.fround(Math.exp(-100)));
  });

  it("whatever bits a NaN has, it stays one", () => {
    const bits = new Uint32Array([0x7fc00000, 0xffc00000, 0x7f800001, 0xffbfffff, 0x7fffffff]);
    for (const f of [exp, log, tanh, sigmoid]) expect(f(tensor(new Float32Array(bits.buffer))).toArray().every(Number.isNaN)).toBe(true);
  });
});
