import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { awayFromZero, conformance, positive } from "../../conformance.ts";
import { add, addOp, div, divOp, exp, expOp, log, logOp, mul, mulOp, neg, negOp, relu, reluGradOp, reluOp, type Rng, sigmoid, sigmoidGradOp, sigmoidOp, sqrt, sqrtOp, sub, subOp, tanh, tanhGradOp, tanhOp, tensor } from "../../index.ts";

const shapes = [[], [0], [1], [5], [0, 3], [2, 3], [2, 1, 3]];

describe("elementwise functions of one tensor", () => {
  it.each([negOp, expOp, tanhOp, sigmoidOp])("$name is complete", (op) => {
    conformance(op, shapes.map((shape) => ({ inputs: [{ shape }], attrs: null })));
  });

  it.each([logOp, sqrtOp])("$name is complete on positive numbers", (op) => {
    conformance(op, shapes.map((shape) => ({ inputs: [{ shape, fill: positive }], attrs: null })));
  });

  it("relu is complete away from the kink", () => {
    conformance(reluOp, shapes.map((shape) => ({ inputs: [{ shape, fill: awayFromZero }], attrs: null })));
  });

  it.each([tanhGradOp, sigmoidGradOp])("$name, a derivative in one pass, is complete itself", (op) => {
    conformance(op, shapes.map((shape) => ({ inputs: [{ shape }, { shape }], attrs: null })));
  });

  it("reluGrad is complete away from the kink, and refuses other shapes", () => {
    // A NaN among relu's results lets the gradient through, so `nan` speaks of the gradient only: element 0 is let through anyway.
    const bothSides = (rng: Rng, i: number): number => (i % 2 === 0 ? 1 : -1) * positive(rng);
    conformance(reluGradOp, shapes.map((shape) => ({ inputs: [{ shape }, { shape, fill: bothSides }], attrs: null })));
    expect(() => reluGradOp.shape([[2], [3]], null)).toThrow("reluGrad: inputs have the shapes [2] and [3]. They must be equal.");
  });

  // Known answers where the definition meets the edges of the numbers.
  it.each([
    ["exp", exp, [-Infinity, -1000, 1000, NaN], [0, 0, Infinity, NaN]],
    ["log", log, [0, -1, Infinity, 1], [-Infinity, NaN, Infinity, 0]],
    ["sqrt", sqrt, [0, -1, Infinity, 4], [0, NaN, Infinity, 2]],
    ["tanh", tanh, [-1000, 1000, 0], [-1, 1, 0]],
    ["sigmoid", sigmoid, [-1000, 1000, 0], [0, 1, 0.5]],
    ["relu", relu, [-Infinity, -2, 0, 3, Infinity, NaN], [0, 0, 0, 3, Infinity, NaN]],
    ["neg", neg, [1, -Infinity, NaN], [-1, Infinity, NaN]],
  ] as const)("%s gives the known values at its edges", (_, f, x, y) => {
    expect([...f(tensor([...x])).toArray()]).toEqual([...y]);
  });
});

describe("elementwise functions of two tensors", () => {
  const pairs = [[[], []], [[3], [3]], [[2, 3], [3]], [[3], [2, 3]], [[2, 1], [1, 3]], [[2, 3], []], [[0, 3], [3]], [[4, 1, 2], [3, 1]]];

  it.each([addOp, subOp, mulOp])("$name is complete under broadcasting", (op) => {
    conformance(op, pairs.map(([a, b]) => ({ inputs: [{ shape: a! }, { shape: b! }], attrs: null })));
  });

  it("div is complete under broadcasting", () => {
    conformance(divOp, pairs.map(([a, b]) => ({ inputs: [{ shape: a! }, { shape: b!, fill: positive }], attrs: null })));
  });

  it("any two shapes broadcast as repeating the smaller one by hand does", () => {
    const size = fc.integer({ min: 1, max: 3 });
    const shape = fc.array(size, { maxLength: 4 });
    fc.assert(
      fc.property(shape, fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }), fc.nat(4), fc.boolean(), (out, ones, drop, flip) => {
        // The second operand keeps some axes, has 1 in others, and lacks some leading ones.
        const small = out.slice(Math.min(drop, out.length)).map((n, i) => (ones[i] ? 1 : n));
        const a = Float32Array.from({ length: out.reduce((x, y) => x * y, 1) }, (_, i) => i + 1);
        const b = Float32Array.from({ length: small.reduce((x, y) => x * y, 1) }, (_, i) => 100 * (i + 1));
        const expected = Array.from(a, (x, i) => {
          // Index of element i in the small operand: digit by digit from the last axis.
          let rest = i;
          let index = 0;
          let stride = 1;
          for (let axis = 1; axis <= out.length; axis++) {
            const n = out.at(-axis)!;
            const digit = rest % n;
            rest = Math.floor(rest / n);
            const own = small.at(-axis);
            if (axis > small.length || own === 1) continue;
            index += digit * stride;
            stride *= own!;
          }
          return x + b[index]!;
        });
        const [x, y] = [tensor(a, out), tensor(b, small)];
        expect([...(flip ? add(y, x) : add(x, y)).toArray()]).toEqual(expected);
      }),
    );
  });

  it("a number stands for a scalar of the other operand's dtype", () => {
    expect(mul(tensor([1, 2], { dtype: "f64" }), 0.1).dtype).toBe("f64");
    expect([...sub(10, tensor([1, 2])).toArray()]).toEqual([9, 8]);
    expect(() => add(1, 2)).toThrow("add: neither operand is a tensor. Make one with tensor().");
  });

  it("division by zero follows IEEE 754", () => {
    expect([...div(tensor([1, -1, 0]), tensor([0, 0, 0])).toArray()]).toEqual([Infinity, -Infinity, NaN]);
  });

  it("shapes that do not broadcast are refused with both shapes and the axis", () => {
    expect(() => add(tensor([[1, 2, 3]]), tensor([1, 2]))).toThrow(
      "add: shapes [1, 3] and [2] do not broadcast: sizes 3 and 2 at axis -1. Aligned at the last axis, two sizes must be equal or one of them 1.",
    );
  });

  it("mixed element types are refused instead of converted", () => {
    expect(() => add(tensor([1]), tensor([1], { dtype: "f64" }))).toThrow("add: inputs have the element types f32, f64. It needs all f32 or all f64");
    expect(() => add(tensor([1], { dtype: "i32" }), 1)).toThrow("element types i32, i32");
  });
});
