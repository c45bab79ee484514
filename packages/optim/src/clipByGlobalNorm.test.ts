import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { clipByGlobalNorm } from "./clipByGlobalNorm.ts";

const values = fc.array(fc.array(fc.double({ min: -100, max: 100, noNaN: true }), { maxLength: 6 }), { minLength: 1, maxLength: 4 });

describe("clipByGlobalNorm", () => {
  it("knows the 1-, 2- and largest-element norm over all arrays together", () => {
    const norms = [1, 2, Infinity].map((normType) => clipByGlobalNorm([Float64Array.of(3), Float64Array.of(-4, 0)], { maxNorm: 100, normType }).norm);
    expect(norms).toEqual([7, 5, 4]);
  });

  it("multiplies with torch's min(1, max/(norm + 1e-6)), also when the norm just fits", () => {
    const g = Float64Array.of(3, 4);
    expect(clipByGlobalNorm([g], { maxNorm: 5 })).toEqual({ norm: 5, factor: 5 / (5 + 1e-6), clipped: true, fraction: 1 });
    expect(g[0]).toBe(3 * (5 / (5 + 1e-6)));
  });

  it("leaves gradients below the limit bit for bit as they are, and says so", () => {
    const g = Float64Array.of(0.1, -0.2);
    expect(clipByGlobalNorm([g], { maxNorm: 1 })).toMatchObject({ factor: 1, clipped: false, fraction: 0 });
    expect([...g]).toEqual([0.1, -0.2]);
  });

  it("never leaves a norm above the limit, for any p, and keeps the direction", () => {
    fc.assert(
      fc.property(values, fc.constantFrom(0.5, 1, 2, 3, Infinity), fc.constantFrom("torch" as const, "optax" as const), fc.double({ min: 1e-3, max: 100, noNaN: true }), (lists, normType, variant, maxNorm) => {
        const before = lists.map((list) => Float64Array.from(list));
        const after = before.map((g) => g.slice());
        const { norm, factor } = clipByGlobalNorm(after, { maxNorm, normType, variant });
        const left = clipByGlobalNorm(after.map((g) => g.slice()), { maxNorm: 1, normType }).norm;
        expect(left).toBeLessThanOrEqual(maxNorm * (1 + 1e-9));
        expect(left).toBeLessThanOrEqual(norm);
        for (const [i, g] of after.entries()) expect([...g]).toEqual(Array.from(before[i], (x) => x * factor));
      }),
    );
  });

  it("takes parameters and leaves those without gradient out", () => {
    const params = [
      { name: "a", data: new Float32Array(1), grad: Float32Array.of(30) },
      { name: "b", data: new Float32Array(1), grad: null },
    ];
    expect(clipByGlobalNorm(params, { maxNorm: 3 }).norm).toBe(30);
    expect(params[0].grad![0]).toBeCloseTo(3, 5);
  });

  it("makes every gradient NaN from one NaN, and zero beside an infinity", () => {
    const nan = [Float32Array.of(1, Number.NaN), Float32Array.of(2)];
    expect(clipByGlobalNorm(nan, { maxNorm: 1 })).toEqual({ norm: Number.NaN, factor: Number.NaN, clipped: true, fraction: 1 });
    expect(nan.flatMap((g) => Array.from(g))).toEqual([Number.NaN, Number.NaN, Number.NaN]);
    const infinite = [Float32Array.of(1, Infinity), Float32Array.of(2)];
    expect(clipByGlobalNorm(infinite, { maxNorm: 1 })).toEqual({ norm: Infinity, factor: 0, clipped: true, fraction: 1 });
    expect(infinite.flatMap((g) => Array.from(g))).toEqual([0, Number.NaN, 0]);
  });

  it("refuses a limit below 0, and unknown variants", () => {
    expect(() => clipByGlobalNorm([], { maxNorm: -1 })).toThrow("clipByGlobalNorm: maxNorm is -1. It needs a number >= 0, or Infinity to measure only.");
    expect(() => clipByGlobalNorm([], { maxNorm: 1, normType: 0 })).toThrow("clipByGlobalNorm: normType is 0. It needs a number > 0, or Infinity.");
    expect(() => clipByGlobalNorm([], { maxNorm: 1, variant: "jax" as never })).toThrow('variant is "jax". It needs "torch" or "optax".');
  });
});
