import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { clipByValue } from "./clipByValue.ts";

const values = fc.array(fc.array(fc.double({ min: -100, max: 100, noNaN: true }), { maxLength: 6 }), { minLength: 1, maxLength: 4 });

describe("clipByValue", () => {
  it("brings every element into the interval, no other element anywhere, and counts its share", () => {
    fc.assert(
      fc.property(values, fc.double({ min: 1e-3, max: 50, noNaN: true }), (lists, limit) => {
        const clipped = lists.map((list) => Float64Array.from(list));
        const all = lists.flat();
        const result = clipByValue(clipped, limit);
        expect(clipped.map((g) => Array.from(g))).toEqual(lists.map((list) => list.map((x) => Math.min(Math.max(x, -limit), limit))));
        const count = all.filter((x) => Math.abs(x) > limit).length;
        expect(result).toMatchObject({ clipped: count > 0, fraction: all.length === 0 ? 0 : count / all.length });
        expect(result.norm).toBeCloseTo(Math.hypot(...all), 9);
      }),
    );
  });

  it("leaves NaN and refuses a limit below 0", () => {
    const g = Float32Array.of(Number.NaN, -Infinity);
    clipByValue([g], 2);
    expect([...g]).toEqual([Number.NaN, -2]);
    expect(() => clipByValue([g], -1)).toThrow("clipByValue: limit is -1. It needs a number >= 0, or Infinity to measure only.");
  });
});
