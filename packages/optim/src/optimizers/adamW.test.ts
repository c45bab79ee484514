import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { adam } from "./adam.ts";
import { adamW } from "./adamW.ts";
import { l2 } from "../weightDecay.ts";
import type { FloatArray } from "../param.ts";

describe("adamW", () => {
  it("without weight decay is Adam's recurrence, recomputed with explicit moments from the definition", () => {
    const gradients = fc.array(fc.double({ min: -10, max: 10, noNaN: true }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(gradients, fc.double({ min: 0, max: 0.99, noNaN: true }), fc.double({ min: 0, max: 0.999, noNaN: true }), (gs, beta1, beta2) => {
        const w = { name: "w", data: Float64Array.of(1), grad: null as FloatArray | null };
        const optimizer = adamW([w], { lr: 0.01, beta1, beta2, eps: 1e-3, weightDecay: 0 });
        let expected = 1;
        for (let k = 1; k <= gs.length; k++) {
          w.grad = Float64Array.of(gs[k - 1]);
          optimizer.step();
          // The moments as weighted means over all gradients so far, not as the running sums of the implementation.
          const mean = (beta: number, power: number): number =>
            gs.slice(0, k).reduce((sum, g, i) => sum + (1 - beta) * beta ** (k - 1 - i) * g ** power, 0) / (1 - beta ** k);
          expected -= (0.01 * mean(beta1, 1)) / (Math.sqrt(mean(beta2, 2)) + 1e-3);
        }
        // 1e-9: 30 steps of rounding in a sum that is added up in another order.
        expect(w.data[0]).toBeCloseTo(expected, 9);
      }),
    );
  });

  it("multiplies the weights with 1 − lr·wd beside the Adam step", () => {
    const w = { name: "w", data: Float64Array.of(2), grad: Float64Array.of(0) };
    const optimizer = adamW([w], { lr: 0.1, weightDecay: 0.5 });
    optimizer.step();
    expect(w.data[0]).toBeCloseTo(2 * 0.95, 14);
    optimizer.step();
    expect(w.data[0]).toBeCloseTo(2 * 0.95 ** 2, 14);
  });

  it("counts updates per parameter, so that a late one is corrected as if it were the first", () => {
    const early = { name: "early", data: Float64Array.of(0), grad: Float64Array.of(1) as FloatArray | null };
    const late = { name: "late", data: Float64Array.of(0), grad: null as FloatArray | null };
    const optimizer = adamW([early, late], { lr: 0.1, weightDecay: 0 });
    for (let t = 0; t < 10; t++) optimizer.step();
    late.grad = Float64Array.of(1);
    const record = optimizer.step()[1];
    // The first step of Adam is the rate, whatever the gradient.
    expect(record.updateNorm).toBeCloseTo(0.1, 8);
  });

  it("corrects the bias with the present beta1 when it is scheduled", () => {
    const w = { name: "w", data: Float64Array.of(0), grad: Float64Array.of(1) };
    const beta1 = (t: number): number => (t === 0 ? 0.9 : 0.5);
    const optimizer = adamW([w], { lr: 0.1, beta1, eps: 0, weightDecay: 0 });
    optimizer.step();
    optimizer.step();
    // m = 0.5·0.1 + 0.5 = 0.55, corrected by 1 − 0.5² = 0.75.
    expect(w.data[0]).toBeCloseTo(-0.1 - (0.1 * 0.55) / 0.75, 14);
  });

  it("with amsgrad divides by the largest second moment so far, before the bias correction", () => {
    const gradients = fc.array(fc.double({ min: -10, max: 10, noNaN: true }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(gradients, (gs) => {
        const w = { name: "w", data: Float64Array.of(1), grad: null as FloatArray | null };
        const optimizer = adamW([w], { lr: 0.01, beta1: 0, beta2: 0.5, eps: 1e-3, amsgrad: true, weightDecay: 0 });
        const second = gs.map((_, t) => gs.slice(0, t + 1).reduce((sum, g, i) => sum + 0.5 ** (t + 1 - i) * g * g, 0));
        let expected = 1;
        for (const [t, g] of gs.entries()) {
          w.grad = Float64Array.of(g);
          optimizer.step();
          expected -= (0.01 * g) / (Math.sqrt(Math.max(...second.slice(0, t + 1)) / (1 - 0.5 ** (t + 1))) + 1e-3);
          expect(w.data[0]).toBeCloseTo(expected, 10);
        }
      }),
    );
  });

  it("with amsgrad is Adam to the bit as long as gradients only grow, and keeps the third array for nothing else", () => {
    const run = (amsgrad: boolean): [number, string[]] => {
      const w = { name: "w", data: Float64Array.of(1), grad: null as FloatArray | null };
      const optimizer = adamW([w], { amsgrad });
      for (let t = 1; t < 10; t++) {
        w.grad = Float64Array.of(t);
        optimizer.step();
      }
      return [w.data[0], Object.keys(optimizer.stateDict().params.w.arrays)];
    };
    expect(run(true)[0]).toBe(run(false)[0]);
    expect([run(false)[1].length, run(true)[1].length]).toEqual([2, 3]);
  });

  it("with l2 decay is adam with weight decay", () => {
    const run = (make: typeof adam): number[] => {
      const w = { name: "w", data: Float64Array.of(1, -2), grad: null as FloatArray | null };
      const optimizer = make([w], { lr: 0.1, weightDecay: l2(0.3) });
      for (let t = 0; t < 10; t++) {
        w.grad = Float64Array.of(Math.sin(t), 1);
        optimizer.step();
      }
      return [...w.data];
    };
    expect(run(adamW)).toEqual(run(adam));
  });

  it("refuses a beta of 1 and names it", () => {
    const w = { name: "w", data: new Float32Array(1), grad: null };
    expect(() => adamW([w], { beta2: 1 })).toThrow("adamW: beta2 is 1. It needs a number in [0, 1).");
    expect(() => adam([w], { beta1: -0.1 })).toThrow("adam: beta1 is -0.1. It needs a number in [0, 1).");
  });
});
