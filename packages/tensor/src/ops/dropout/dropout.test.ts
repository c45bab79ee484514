import { describe, expect, it } from "vitest";
import { below, conformance, homesAgree } from "../../conformance.ts";
import { dropout, dropoutMask, dropoutMaskOp, ones, Rng, scope, tensor } from "../../index.ts";

describe("dropoutMask", () => {
  it("is complete", () => {
    for (const p of [0, 0.25, 0.9, 1])
      conformance(dropoutMaskOp, [[4, 5], [], [0]].map((shape) => ({ inputs: [{ shape }, { shape, dtype: "bool", fill: below(2) }], attrs: { p } })));
    for (const mask of [[2, 3, 1], [1, 1, 1], [2], [3, 1], []]) conformance(dropoutMaskOp, [{ inputs: [{ shape: [2, 3, 2] }, { shape: mask, dtype: "bool", fill: below(2) }], attrs: { p: 0.5 } }]);
  });

  it("is the same in all homes for every length of tail", () => {
    for (const n of [1, 3, 4, 7, 8, 63, 1000]) homesAgree(dropoutMaskOp, [{ inputs: [{ shape: [n] }, { shape: [n], dtype: "bool", fill: below(2) }], attrs: { p: 0.3 } }]);
  });

  it("refuses other shapes, masks of numbers, and probabilities outside [0, 1]", () => {
    expect(() => dropoutMask(ones([2]), ones([2]), { p: 0.5 })).toThrow("dropoutMask: inputs have the element types f32, f32. It needs f32 or f64, and a bool mask");
    expect(() => dropoutMask(ones([2]), tensor([[true], [true]]), { p: 0.5 })).toThrow("dropoutMask: x is [2], the mask is [2, 1]. The mask must have the shape of x, or broadcast to it.");
    expect(() => dropoutMask(ones([2]), tensor([true, true, true]), { p: 0.5 })).toThrow("dropoutMask: shapes [2] and [3] do not broadcast");
    expect(() => dropoutMask(ones([1]), tensor([true]), { p: 1.5 })).toThrow("dropoutMask: p is 1.5. It must lie in [0, 1]");
  });
});

describe("dropout", () => {
  it("drops a share of p and keeps the mean", () => {
    const n = 100_000;
    for (const p of [0.1, 0.5, 0.8]) {
      const y = Array.from(dropout(ones([n]), { p, training: true, rng: new Rng(1) }).toArray());
      const dropped = y.reduce((count, v) => count + Number(v === 0), 0);
      // Five standard deviations of a binomial count; the seed is fixed.
      expect(Math.abs(dropped - n * p)).toBeLessThan(5 * Math.sqrt(n * p * (1 - p)));
      expect(y.reduce((total, v) => total + v, 0)).toBeCloseTo((n - dropped) / (1 - p), -1);
    }
  });

  it("drops the same numbers again from a generator in the same state, inside and outside scopes", () => {
    const rng = new Rng(3);
    const state = rng.state();
    const run = (from: Rng) => [...dropout(ones([50]), { p: 0.5, training: true, rng: from }).toArray()];
    const first = run(rng);
    expect(run(rng)).not.toEqual(first);
    expect(scope(() => run(Rng.fromState(state)))).toEqual(first);
  });

  it("draws nothing in evaluation or with p = 0, and drops all with p = 1", () => {
    const x = ones([3]);
    expect(dropout(x, { p: 0.5, training: false })).toBe(x);
    expect(dropout(x, { p: 0, training: true })).toBe(x);
    expect([...dropout(x, { p: 1, training: true, rng: new Rng(1) }).toArray()]).toEqual([0, 0, 0]);
    expect(() => dropout(x, { p: 0.5, training: true })).toThrow("dropout: there is no generator. Give one as rng in training: new Rng(seed).");
    expect(() => dropout(x, { p: NaN, training: false })).toThrow("dropout: p is NaN.");
  });
});
