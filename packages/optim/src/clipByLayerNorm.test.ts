import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { clipByGlobalNorm } from "./clipByGlobalNorm.ts";
import { clipByLayerNorm } from "./clipByLayerNorm.ts";
import type { Param } from "./param.ts";

const param = (name: string, grad: readonly number[] | null, extra: Partial<Param> = {}): Param => ({ name, data: new Float64Array(grad?.length ?? 1), grad: grad && Float64Array.from(grad), ...extra });
const gradient = fc.array(fc.double({ min: -100, max: 100, noNaN: true }), { minLength: 1, maxLength: 5 });

describe("clipByLayerNorm", () => {
  it("is clipByGlobalNorm on each layer's gradients alone, with the norm over all", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom("a", "b", "c"), gradient), { minLength: 1, maxLength: 6 }), fc.constantFrom(1, 2, 3, Infinity), fc.constantFrom("torch" as const, "optax" as const), fc.double({ min: 0.01, max: 200, noNaN: true }), (list, normType, variant, maxNorm) => {
        const make = (): Param[] => list.map(([layer, grad], i) => param(`p${i}`, grad, { layer }));
        const [params, alone] = [make(), make()];
        const options = { maxNorm, normType, variant };
        const { norm, layers, fraction, clipped } = clipByLayerNorm(params, options);
        expect(norm).toBeCloseTo(clipByGlobalNorm(make(), { ...options, maxNorm: 1e9 }).norm, 9);
        const names = [...new Set(list.map(([layer]) => layer))];
        const expected = names.map((layer) => ({ layer, ...clipByGlobalNorm(alone.filter((p) => p.layer === layer), options) }));
        expect(layers).toEqual(expected.map((e) => ({ layer: e.layer, norm: e.norm, factor: e.factor })));
        expect(params.map((p) => p.grad)).toEqual(alone.map((p) => p.grad));
        expect(fraction).toBe(expected.filter((e) => e.clipped).length / names.length);
        expect(clipped).toBe(fraction > 0);
      }),
    );
  });

  it("lets a layer with NaN or an infinity spoil no other layer", () => {
    const params = [param("a.weight", [Number.NaN]), param("a.bias", [1]), param("b.weight", [3]), param("c.weight", [Infinity])];
    const { fraction } = clipByLayerNorm(params, { maxNorm: 10 });
    expect(params.map((p) => p.grad![0])).toEqual([Number.NaN, Number.NaN, 3, Number.NaN]);
    expect(fraction).toBe(2 / 3);
  });

  it("leaves layers without a gradient out, and has nothing to clip where there is none", () => {
    expect(clipByLayerNorm([param("a", null), param("b", [3])], { maxNorm: 1 }).layers.map((l) => l.layer)).toEqual(["b"]);
    expect(clipByLayerNorm([param("a", null)], { maxNorm: 1 })).toEqual({ norm: 0, clipped: false, fraction: 0, layers: [] });
  });

  it("refuses a limit below 0 under its own name", () => {
    expect(() => clipByLayerNorm([], { maxNorm: -1 })).toThrow("clipByLayerNorm: maxNorm is -1. It needs a number >= 0, or Infinity to measure only.");
    expect(() => clipByLayerNorm([], { maxNorm: 1, variant: "jax" as never })).toThrow('clipByLayerNorm: variant is "jax". It needs "torch" or "optax".');
  });
});
