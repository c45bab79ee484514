import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { adamax } from "./adamax.ts";
import { gradients, pathOf } from "../test/path.ts";

const path = pathOf(adamax);

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
