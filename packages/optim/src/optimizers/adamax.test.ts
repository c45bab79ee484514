import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { adamax } from "./adamax.ts";
import type { FloatArray } from "../param.ts";

/** Weights after each gradient, from w = 1. */
function path(gradients: readonly number[], options: Parameters<typeof adamax>[1]): number[] {
  const w = { name: "w", data: Float64Array.of(1), grad: null as FloatArray | null };
  const optimizer = adamax([w], options);
  return gradients.map((g) => {
    w.grad = Float64Array.of(g);
    optimizer.step();
    return w.data[0];
  });
}
const gradients = fc.array(fc.double({ min: -10, max: 10, noNaN: true }), { minLength: 1, maxLength: 30 });

describe("adamax", () => {
  it("divides the corrected mean gradient by the largest, each faded by beta2 since then", () => {
    fc.assert(
      fc.property(gradients, fc.double({ min: 0, max: 0.99, noNaN: true }), fc.double({ min: 0, max: 0.999, noNaN: true }), (gs, beta1, beta2) => {
        const actual = path(gs, { lr: 0.01, beta1, beta2, eps: 1e-3 });
        let expected = 1;
        for (const t of gs.keys()) {
          const past = gs.slice(0, t + 1);
          const mean = past.reduce((sum, g, i) => sum + (1 - beta1) * beta1 ** (t - i) * g, 0) / (1 - beta1 ** (t + 1));
          expected -= (0.01 * mean) / Math.max(...past.map((g, i) => beta2 ** (t - i) * (Math.abs(g) + 1e-3)));
          expect(actual[t]).toBeCloseTo(expected, 10);
        }
      }),
    );
  });

  it("refuses a beta of 1", () => {
    expect(() => path([], { beta2: 1 })).toThrow("adamax: beta2 is 1. It needs a number in [0, 1).");
  });
});
