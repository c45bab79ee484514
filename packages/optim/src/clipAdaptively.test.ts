import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { clipAdaptively } from "./clipAdaptively.ts";
import type { Param } from "./param.ts";

const numbers = (length: number) => fc.array(fc.double({ min: -10, max: 10, noNaN: true }), { minLength: length, maxLength: length });
const units = fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 })).chain(([rows, size]) => fc.record({ rows: fc.constant(rows), size: fc.constant(size), data: numbers(rows * size), grad: numbers(rows * size) }));
const rowsOf = (values: Iterable<number>, size: number): number[][] => {
  const all = [...values];
  return Array.from({ length: all.length / size }, (_, i) => all.slice(i * size, (i + 1) * size));
};

describe("clipAdaptively", () => {
  it("keeps every row's gradient within `clipping` of its weights, its direction, and the rows that were within it already", () => {
    fc.assert(
      fc.property(units, fc.double({ min: 1e-3, max: 2, noNaN: true }), ({ rows, size, data, grad }, clipping) => {
        const param = { name: "w", shape: [rows, size], data: Float64Array.from(data), grad: Float64Array.from(grad) };
        const { norm, clipped, fraction } = clipAdaptively([param], { clipping });
        const before = rowsOf(grad, size);
        let changed = 0;
        for (const [i, after] of rowsOf(param.grad, size).entries()) {
          const limit = clipping * Math.max(Math.hypot(...rowsOf(data, size)[i]), 1e-3);
          const length = Math.hypot(...before[i]);
          // Lengths at the limit to the last digits may fall on either side.
          if (length < limit * (1 - 1e-12)) expect(after).toEqual(before[i]);
          expect(Math.hypot(...after)).toBeLessThanOrEqual(limit * (1 + 1e-12));
          if (length > limit * (1 + 1e-12)) changed++;
          for (const [j, g] of after.entries()) expect(Math.abs(g * length - before[i][j] * Math.hypot(...after))).toBeLessThanOrEqual(1e-9 * length);
        }
        expect(fraction).toBeCloseTo(changed / rows, 12);
        expect(clipped).toBe(fraction > 0);
        expect(norm).toBeCloseTo(Math.hypot(...grad), 9);
      }),
    );
  });

  it("does not depend on the scale of weights and gradients together, above eps", () => {
    const make = (scale: number): Param => ({ name: "w", shape: [2, 2], data: Float64Array.of(1, 2, 3, 4).map((x) => x * scale), grad: Float64Array.of(5, -6, 0.01, 0).map((x) => x * scale) });
    const [one, ten] = [make(1), make(10)];
    clipAdaptively([one]);
    clipAdaptively([ten]);
    for (const [i, g] of one.grad!.entries()) expect(ten.grad![i]).toBeCloseTo(10 * g, 12);
  });

  it("takes the whole of a bias, and of a parameter without a shape, as one unit; a convolution's output channels as units", () => {
    const of = (shape: number[] | undefined, length: number): Param => ({ name: "w", ...(shape && { shape }), data: new Float64Array(length).fill(1), grad: Float64Array.from({ length }, (_, i) => (i === 0 ? 100 : 1e-6)) });
    const moved = (param: Param): number => {
      clipAdaptively([param]);
      return param.grad!.filter((g) => g < 1e-6).length;
    };
    // Clipped with the first element are those of its unit.
    expect([of([8], 8), of(undefined, 8), of([8, 1], 8), of([2, 2, 2], 8), of([2, 1, 2, 2], 8)].map(moved)).toEqual([7, 7, 0, 3, 3]);
  });

  it("allows a gradient of a hundredth of the weights unless told otherwise", () => {
    const param = { name: "w", data: Float64Array.of(100), grad: Float64Array.of(5) };
    clipAdaptively([param]);
    expect(param.grad[0]).toBeCloseTo(1, 12);
  });

  it("lets zero weights learn, as if their norm were eps", () => {
    const param = { name: "w", shape: [1, 1], data: Float64Array.of(0), grad: Float64Array.of(1) };
    clipAdaptively([param], { clipping: 0.1, eps: 0.01 });
    expect(param.grad[0]).toBeCloseTo(0.001, 15);
  });

  it("lets a unit with NaN or an infinity spoil no other unit, and leaves out parameters without a gradient", () => {
    const param = { name: "w", shape: [3, 2], data: new Float32Array(6).fill(100), grad: Float32Array.of(Number.NaN, 0.5, 0.5, 0.5, Infinity, 0.5) };
    expect(clipAdaptively([param, { name: "b", data: new Float32Array(1), grad: null }]).fraction).toBe(2 / 3);
    expect([...param.grad]).toEqual([Number.NaN, Number.NaN, 0.5, 0.5, Number.NaN, 0]);
  });

  it("refuses a ratio below 0 and an eps of 0", () => {
    expect(() => clipAdaptively([], { clipping: -1 })).toThrow("clipAdaptively: clipping is -1. It needs a number >= 0, or Infinity to measure only.");
    expect(() => clipAdaptively([], { eps: 0 })).toThrow("clipAdaptively: eps is 0. It needs a finite number > 0.");
    expect(clipAdaptively([])).toEqual({ norm: 0, clipped: false, fraction: 0 });
  });
});
