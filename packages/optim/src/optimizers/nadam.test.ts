import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nadam } from "./nadam.ts";
import { adam } from "./adam.ts";
import { gradients, meanOf, pathOf } from "../test/path.ts";

const path = pathOf(nadam);

describe("nadam", () => {
  /** From the definition: the momenta as a list, their products taken anew at each step. */
  function expected(gs: readonly number[], beta1: number, beta2: number, decay: number, extra: (mu: number) => number): number[] {
    const mu = (k: number): number => beta1 * (1 - 0.5 * Math.exp(Math.log(0.96) * k * decay));
    const product = (k: number): number => Array.from({ length: k }, (_, i) => mu(i + 1)).reduce((a, b) => a * b, 1);
    let w = 1;
    return gs.map((g, t) => {
      const k = t + 1;
      const ahead = ((1 - mu(k)) / (1 - product(k))) * g + (mu(k + 1) / (1 - product(k + 1) * extra(mu(k)))) * meanOf(gs, k, beta1);
      w -= (0.01 * ahead) / (Math.sqrt(meanOf(gs.map((x) => x * x), k, beta2) / (1 - beta2 ** k)) + 1e-3);
      return w;
    });
  }

  it("is the published look-ahead with momenta that warm up", () => {
    fc.assert(
      fc.property(gradients, fc.double({ min: 0, max: 0.99, noNaN: true }), fc.double({ min: 0, max: 0.999, noNaN: true }), fc.double({ min: 0, max: 0.1, noNaN: true }), (gs, beta1, beta2, momentumDecay) => {
        const actual = path(gs, { lr: 0.01, beta1, beta2, eps: 1e-3, momentumDecay });
        for (const [t, w] of expected(gs, beta1, beta2, momentumDecay, () => 1).entries()) expect(actual[t]).toBeCloseTo(w, 9);
      }),
    );
  });

  it("multiplies the last product with the present momentum once more in the variant torch1", () => {
    const gs = [1, -2, 3, 0.5];
    const actual = path(gs, { lr: 0.01, eps: 1e-3, variant: "torch1" });
    for (const [t, w] of expected(gs, 0.9, 0.999, 4e-3, (mu) => mu).entries()) expect(actual[t]).toBeCloseTo(w, 12);
    expect(actual[0]).not.toBe(path(gs, { lr: 0.01, eps: 1e-3 })[0]);
  });

  it("is Adam with beta1 = 0, where there is no momentum to look ahead by", () => {
    const run = (make: typeof adam): number => {
      const w = { name: "w", data: Float64Array.of(1), grad: Float64Array.of(0.3) };
      const optimizer = make([w], { lr: 0.01, beta1: 0 });
      for (let t = 0; t < 5; t++) optimizer.step();
      return w.data[0];
    };
    expect(run(nadam)).toBeCloseTo(run(adam), 12);
  });

  it("refuses an unknown variant", () => {
    expect(() => path([], { variant: "torch" as never })).toThrow('nadam: variant is "torch". It needs "torch2" or "torch1".');
  });
});
