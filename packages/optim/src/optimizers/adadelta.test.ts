import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { adadelta } from "./adadelta.ts";
import { gradients, pathOf } from "../test/path.ts";

const path = pathOf(adadelta);

describe("adadelta", () => {
  it("moves by the ratio of the root mean squares of past updates and gradients, recomputed from their histories", () => {
    fc.assert(
      fc.property(gradients, fc.double({ min: 0, max: 0.99, noNaN: true }), (gs, rho) => {
        const mean = (values: readonly number[]): number => values.reduce((sum, x, i) => sum + (1 - rho) * rho ** (values.length - 1 - i) * x * x, 0);
        const actual = path(gs, { lr: 0.5, rho, eps: 1e-3 });
        const updates: number[] = [];
        for (const [t, g] of gs.entries()) {
          updates.push((Math.sqrt(mean(updates) + 1e-3) / Math.sqrt(mean(gs.slice(0, t + 1)) + 1e-3)) * g);
          expect(actual[t]).toBeCloseTo(1 - 0.5 * updates.reduce((a, b) => a + b), 9);
        }
      }),
    );
  });

  it("has steps in units of the weight: gradients a million times as large change them only through eps", () => {
    const run = (scale: number): number[] => path([1, -2, 3, 1].map((g) => g * scale), { eps: 1e-30 });
    for (const [i, x] of run(1e6).entries()) expect(x).toBeCloseTo(run(1)[i], 12);
  });

  it("refuses eps of 0, with which it would never move", () => {
    expect(() => path([], { eps: 0 })).toThrow("adadelta: eps is 0. It needs a finite number > 0.");
  });
});
