import * as fc from "fast-check";
import { expect, it } from "vitest";
import { norm, normOfSum } from "./norm.ts";

it("is the root of the sum of squares, and scales with its argument", () => {
  expect(norm(Float32Array.of(3, -4))).toBe(5);
  expect(norm(new Float32Array(0))).toBe(0);
  const values = fc.array(fc.double({ min: -1e3, max: 1e3, noNaN: true }), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(values, fc.integer({ min: -300, max: 280 }), (xs, exponent) => {
      const x = Float64Array.from(xs.map((v) => v * 10 ** exponent));
      // An independent formula; 1e-14: a few roundings. Subnormal results have fewer digits.
      const expected = Math.hypot(...x);
      expect(Math.abs(norm(x) - expected)).toBeLessThanOrEqual(1e-14 * expected + 1e-320);
    }),
  );
});

it("neither vanishes nor overflows for float64 values whose squares do", () => {
  expect(norm(Float64Array.of(3e-200, 4e-200))).toBeCloseTo(5e-200, 210);
  expect(norm(Float64Array.of(3e200, 4e200)) / 5e200).toBeCloseTo(1, 14);
});

it("is NaN for NaN, also beside an infinity, and Infinity for an infinity", () => {
  expect(norm(Float32Array.of(1, Number.NaN))).toBeNaN();
  expect(norm(Float32Array.of(Infinity, Number.NaN))).toBeNaN();
  expect(norm(Float32Array.of(1, -Infinity))).toBe(Infinity);
});

it("adds squares up in float64: 2^24 + 1 ones are not lost", () => {
  expect(norm(new Float32Array(2 ** 24 + 1).fill(1)) ** 2).toBeCloseTo(2 ** 24 + 1, 5);
});

it("of a sum is the norm of the array that holds the sum, at every size that float64 has", () => {
  const values = fc.array(fc.tuple(fc.double({ min: -10, max: 10, noNaN: true }), fc.double({ min: -10, max: 10, noNaN: true })), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(values, fc.double({ min: -2, max: 2, noNaN: true }), fc.constantFrom(1e-200, 1e-12, 1, 1e8, 1e200), (pairs, a, size) => {
      const x = Float64Array.from(pairs, ([xi]) => xi * size);
      const y = Float64Array.from(pairs, ([, yi]) => yi * size);
      const expected = norm(x.map((xi, i) => xi + a * y[i]));
      expect(Math.abs(normOfSum(x, a, y) - expected)).toBeLessThanOrEqual(1e-14 * expected);
    }),
  );
  expect(normOfSum(Float32Array.of(1, Number.NaN), 1, Float32Array.of(1, 1))).toBeNaN();
});
