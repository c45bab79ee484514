import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { adagrad } from "./adagrad.ts";
import type { FloatArray } from "../param.ts";
import { gradients, pathOf } from "../test/path.ts";

const path = pathOf(adagrad);

describe("adagrad", () => {
  it("divides by the root of the sum of all squares, the initial value included, and its rate falls by lrDecay", () => {
    fc.assert(
      fc.property(gradients, fc.double({ min: 0, max: 2, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }), (gs, initialAccumulatorValue, lrDecay) => {
        const actual = path(gs, { lr: 0.1, lrDecay, initialAccumulatorValue, eps: 1e-3 });
        let expected = 1;
        for (const [t, g] of gs.entries()) {
          const squares = gs.slice(0, t + 1).map((x) => x * x);
          expected -= ((0.1 / (1 + t * lrDecay)) * g) / (Math.sqrt(initialAccumulatorValue + squares.reduce((a, b) => a + b)) + 1e-3);
          expect(actual[t]).toBeCloseTo(expected, 10);
        }
      }),
    );
  });

  it("begins with the initial value for a parameter whose first gradient comes late", () => {
    const w = { name: "w", data: Float64Array.of(0), grad: null as FloatArray | null };
    const optimizer = adagrad([w], { lr: 1, initialAccumulatorValue: 3, lrDecay: 1 });
    for (let t = 0; t < 5; t++) optimizer.step();
    w.grad = Float64Array.of(1);
    expect(optimizer.step()[0].updateNorm).toBeCloseTo(1 / 2, 9);
    expect(optimizer.stateDict().params.w.numbers).toEqual({ updates: 1 });
  });

  it("refuses a negative initial value", () => {
    expect(() => path([], { initialAccumulatorValue: -1 })).toThrow("adagrad: initialAccumulatorValue is -1. It needs a finite number >= 0.");
  });
});
