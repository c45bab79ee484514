import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { homesAgree, positive } from "../../conformance.ts";
import type { Primitive } from "../../index.ts";
import { apply, mean, meanOp, Rng, sum, sumOp, tensor } from "../../index.ts";
import type { Reduction } from "./reduction.ts";

// Positive numbers: the error of a single-precision sum is measured against the sum of magnitudes, and where numbers of both
// signs cancel by chance, the sum is much smaller than that.
describe("simd sums", () => {
  it.each([sumOp, meanOp])("$name agrees with the reference for every length, and long ones", (op) => {
    const lengths = [...Array.from({ length: 70 }, (_, i) => i), 1000, 16_384, 16_385, 50_001];
    homesAgree(op, lengths.map((n) => ({ inputs: [{ shape: [n], fill: positive }], attrs: { axes: [0], keepDims: false }, terms: n })));
  });

  it.each([sumOp, meanOp])("$name agrees with the reference over any axes of any shape", (op) => {
    const size = fc.oneof(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: 40 }));
    fc.assert(
      fc.property(fc.array(size, { maxLength: 4 }), fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }), fc.boolean(), (shape, summed, keepDims) => {
        const axes = shape.map((_, axis) => axis).filter((axis) => summed[axis]);
        const terms = axes.reduce((product, axis) => product * shape[axis]!, 1);
        if (shape.reduce((a, b) => a * b, 1) > 30_000) return;
        homesAgree(op, [{ inputs: [{ shape, fill: positive }], attrs: { axes, keepDims }, terms }]);
      }),
      { numRuns: 150 },
    );
  });

  it("numbers of both signs lose at most 6 roundings of the sum of magnitudes", () => {
    fc.assert(
      fc.property(fc.array(fc.float({ min: -1e6, max: 1e6, noNaN: true }), { maxLength: 300 }), (numbers) => {
        const x = Float32Array.from(numbers);
        const [exact, magnitudes] = x.reduce(([s, m], y) => [s + y, m + Math.abs(y)], [0, 0] as [number, number]);
        expect(Math.abs(sum(tensor(x)).item() - exact)).toBeLessThanOrEqual(7 * 2 ** -24 * magnitudes);
      }),
    );
  });

  // The layouts that networks use must not fall back to the reference without anybody noticing.
  it.each([
    ["everything", [2, 3, 4], [0, 1, 2], true],
    ["rows", [4, 3], [1], true],
    ["columns: a bias' gradient", [4, 3], [0], true],
    ["all but channels: a convolution's bias' gradient", [2, 3, 4, 5], [0, 2, 3], true],
    ["the middle", [2, 3, 4], [1], true],
    ["every other axis", [2, 3, 4, 5], [0, 2], false],
  ] as const)("%s: taken is %s", (_, shape, axes, taken) => {
    const op: Primitive<Reduction> = { ...sumOp, reference: (out) => out.fill(-1) };
    const x = tensor(new Float32Array(shape.reduce((p: number, n) => p * n, 1)).fill(1), shape);
    expect(apply(op, [x], { axes, keepDims: false }).toArray().every((y) => (taken ? y > 0 : y === -1))).toBe(true);
  });

  it("a million numbers lose no digits: the sum is the float64 sum, rounded", () => {
    const rng = new Rng(1);
    const x = Float32Array.from({ length: 1_000_000 }, () => rng.uniform(0, 1));
    const exact = x.reduce((a, b) => a + b, 0); // in float64
    // 2^-24 is the last rounding, to float32; before it no more than that is lost.
    expect(Math.abs(sum(tensor(x)).item() - exact)).toBeLessThanOrEqual(2 ** -23 * exact);
    expect(Math.abs(mean(tensor(x)).item() - exact / 1e6)).toBeLessThanOrEqual((2 ** -23 * exact) / 1e6);
    const columns = sum(tensor(x, [250_000, 4]), { axes: 0 }).toArray();
    [0, 1, 2, 3].forEach((c) => {
      let column = 0;
      for (let i = c; i < x.length; i += 4) column += x[i]!;
      expect(Math.abs(columns[c]! - column)).toBeLessThanOrEqual(2 ** -23 * column);
    });
  });
});
