import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { rmsprop } from "./rmsprop.ts";
import { gradients, meanOf, pathOf } from "../test/path.ts";

const path = pathOf(rmsprop);

describe("rmsprop", () => {
  it("divides by the root mean square of all gradients so far, recomputed as a weighted sum", () => {
    fc.assert(
      fc.property(gradients, fc.double({ min: 0, max: 0.99, noNaN: true }), (gs, alpha) => {
        const actual = path(gs, { lr: 0.01, alpha, eps: 1e-3 });
        let expected = 1;
        for (const [t, g] of gs.entries()) {
          expected -= (0.01 * g) / (Math.sqrt(meanOf(gs.map((x) => x * x), t + 1, alpha)) + 1e-3);
          // 1e-9: 30 steps of rounding in a sum that is added up in another order.
          expect(actual[t]).toBeCloseTo(expected, 9);
        }
      }),
    );
  });

  it("divides by the standard deviation when centered, and sums the quotients up with momentum", () => {
    const gs = [1, -2, 0.5, 3, -1];
    const actual = path(gs, { lr: 0.01, alpha: 0.8, eps: 0.1, centered: true, momentum: 0.5 });
    const quotients = gs.map((g, t) => g / (Math.sqrt(meanOf(gs.map((x) => x * x), t + 1, 0.8) - meanOf(gs, t + 1, 0.8) ** 2) + 0.1));
    let expected = 1;
    for (const t of gs.keys()) {
      expected -= 0.01 * quotients.slice(0, t + 1).reduce((sum, q, i) => sum + 0.5 ** (t - i) * q, 0);
      expect(actual[t]).toBeCloseTo(expected, 12);
    }
  });

  it("stays finite when centered on a gradient that never changes, where the variance rounds to something below 0", () => {
    fc.assert(
      fc.property(fc.double({ min: 0.1, max: 10, noNaN: true }), (g) => {
        const weights = path(Array.from({ length: 500 }, () => g), { alpha: 0.5, centered: true });
        expect(weights.every(Number.isFinite)).toBe(true);
      }),
    );
  });

  it("rests the momentum buffer while momentum is 0", () => {
    const momentum = (t: number): number => (t === 1 ? 0 : 0.5);
    const [first, second, third] = path([1, 1, 1], { lr: 1, alpha: 0, eps: 0, momentum });
    expect([first, second, third]).toEqual([0, -1, -2.5]);
  });

  it("refuses alpha of 1", () => {
    expect(() => path([], { alpha: 1 })).toThrow("rmsprop: alpha is 1. It needs a number in [0, 1).");
  });
});
