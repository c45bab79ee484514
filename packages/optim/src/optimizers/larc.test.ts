import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { larc } from "./larc.ts";
import { sgd } from "./sgd.ts";
import type { Param } from "../param.ts";

const matrix = (name: string, data: number[], grad: number[] | null): Param => ({ name, data: Float64Array.from(data), grad: grad && Float64Array.from(grad), shape: [data.length, 1] });
const values = fc.array(fc.double({ min: -10, max: 10, noNaN: true }), { minLength: 3, maxLength: 3 });
const positive = (min: number, max: number): fc.Arbitrary<number> => fc.double({ min, max, noNaN: true });

describe("larc", () => {
  it("caps lr at the layer's own ratio, and says so where the ratio asked for more than lr", () => {
    const params = [matrix("capped", [3, 4], [10, 0]), matrix("free", [3, 4], [0.01, 0])];
    const records = larc(params, { lr: 0.5, eps: 0 }).step();
    expect(records.map((r) => r.limitedBy)).toEqual([null, "schedule"]);
    expect(records[0].rate).toBeCloseTo(0.01, 14);
    expect(records[1]).toMatchObject({ trust: 1, rate: 0.5 });
    expect(params[0].data[0]).toBeCloseTo(3 - 0.1, 12);
    expect(params[1].data[0]).toBeCloseTo(3 - 0.005, 12);
  });

  it("scales by the ratio in scale mode, with the rate outside the buffer", () => {
    const w = matrix("w", [2], [1]);
    const optimizer = larc([w], { lr: (t) => (t === 0 ? 2 : 1), mode: "scale", momentum: 0.5, trustCoefficient: 0.1, eps: 0 });
    const [first] = optimizer.step();
    expect(first).toMatchObject({ trust: 0.2, rate: 0.4, limitedBy: null });
    w.grad = Float64Array.of(0);
    optimizer.step();
    // v = 0.2, then 0.5·0.2; the second step reads it at the new rate.
    expect(w.data[0]).toBeCloseTo(2 - 2 * 0.2 - 1 * 0.1, 14);
  });

  it("never gives a layer more than lr in clip mode", () => {
    fc.assert(
      fc.property(values, values, positive(0, 100), positive(1e-6, 10), positive(0, 1), (start, gradient, lr, trustCoefficient, weightDecay) => {
        const [record] = larc([matrix("w", start, gradient)], { lr, trustCoefficient, weightDecay }).step();
        expect(record.rate).toBeLessThanOrEqual(lr);
        expect(record.trust).toBeLessThanOrEqual(1);
      }),
    );
  });

  it("leaves the weights alone at lr 0, even where the ratio vanishes with them", () => {
    const w = matrix("w", [5e-324, 0, 0], [10, 0, 0]);
    expect(larc([w], { lr: 0 }).step()[0]).toMatchObject({ trust: 1, rate: 0, updateNorm: 0 });
    expect([...w.data]).toEqual([5e-324, 0, 0]);
  });

  it("is SGD bit for bit when lr is small enough, decay and Nesterov included", () => {
    fc.assert(
      fc.property(fc.array(values, { minLength: 1, maxLength: 6 }), positive(0, 1e-6), fc.boolean(), (gradients, lr, nesterov) => {
        const options = { lr, momentum: 0.9, nesterov, weightDecay: 0.01 };
        const [a, b] = [matrix("w", [1, -2, 3], null), matrix("w", [1, -2, 3], null)];
        const [capped, plain] = [larc([a], options), sgd([b], options)];
        for (const g of gradients) {
          // A zero gradient is another matter: there apex leaves weight decay out.
          a.grad = b.grad = Float64Array.from(g, (x) => x || 1);
          capped.step();
          plain.step();
        }
        expect([...a.data]).toEqual([...b.data]);
      }),
    );
  });

  it("leaves decay out where a norm is zero, as apex does, and takes the plain gradient", () => {
    const params = [matrix("zero weight", [0, 0], [1, 0]), matrix("zero gradient", [2, 0], [0, 0])];
    const records = larc(params, { lr: 0.1, weightDecay: 0.5 }).step();
    expect(records.map((r) => [r.trust, r.rate, r.limitedBy])).toEqual([[1, 0.1, "zeroNorm"], [1, 0.1, "zeroNorm"]]);
    expect(params.map((p) => p.data[0])).toEqual([-0.1, 2]);
  });

  it("excludes nothing unless told so", () => {
    const bias = { name: "bias", data: Float64Array.of(0.01), grad: Float64Array.of(1), shape: [1] };
    expect(larc([bias], { lr: 0.1 }).step()[0].rate).toBeCloseTo(0.0002, 9);
    expect(larc([bias], { lr: 0.1, exclude: "bias" }).step()[0].rate).toBe(0.1);
  });

  it("caps at the layer's share of lr where there is a layer scale", () => {
    const [record] = larc([matrix("w", [3, 4], [0.01, 0])], { lr: 0.5, layerScale: () => 0.5 }).step();
    expect(record).toMatchObject({ lr: 0.5, trust: 0.5, rate: 0.25, limitedBy: "schedule" });
  });

  it("refuses an unknown mode", () => {
    expect(() => larc([matrix("w", [1], null)], { lr: 1, mode: "cap" as never })).toThrow('larc: mode is "cap". It needs "clip" or "scale".');
  });
});
