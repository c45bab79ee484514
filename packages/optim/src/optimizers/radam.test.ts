import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { radam } from "./radam.ts";
import { adam } from "./adam.ts";
import { gradients, meanOf, pathOf } from "../test/path.ts";

const path = pathOf(radam);

describe("radam", () => {
  it("rectifies by the ratio of variances that the number of gradients allows, from the definition", () => {
    fc.assert(
      fc.property(gradients, fc.double({ min: 0, max: 0.99, noNaN: true }), fc.double({ min: 0.5, max: 0.999, noNaN: true }), (gs, beta1, beta2) => {
        const actual = path(gs, { lr: 0.01, beta1, beta2, eps: 1e-3 });
        const longest = 2 / (1 - beta2) - 1;
        let expected = 1;
        for (const t of gs.keys()) {
          const k = t + 1;
          const faded = beta2 ** k;
          const length = longest - (2 * k * faded) / (1 - faded);
          // Too near the threshold of 5 rounding decides, and any answer is right.
          fc.pre(Math.abs(length - 5) > 1e-9);
          const variance = (p: number): number => ((p - 4) * (p - 2)) / p;
          const scale = length > 5 ? Math.sqrt(variance(length) / variance(longest)) * (Math.sqrt(1 - faded) / (Math.sqrt(meanOf(gs.map((x) => x * x), k, beta2)) + 1e-3)) : 1;
          expected -= 0.01 * (meanOf(gs, k, beta1) / (1 - beta1 ** k)) * scale;
          expect(actual[t]).toBeCloseTo(expected, 8);
        }
      }),
    );
  });

  it("is Adam in the end", () => {
    const run = (make: typeof adam): number => {
      const w = { name: "w", data: Float64Array.of(1), grad: Float64Array.of(0.3) };
      const optimizer = make([w], { lr: 0.01, beta2: 0.9 });
      for (let t = 0; t < 500; t++) optimizer.step();
      return optimizer.step()[0].updateNorm;
    };
    expect(run(radam) / run(adam)).toBeCloseTo(1, 6);
  });

  it("never divides where beta2 is too small for a variance", () => {
    expect(path([10, 10], { lr: 0.1, beta2: 0 })).toEqual([0, -1]);
  });
});
