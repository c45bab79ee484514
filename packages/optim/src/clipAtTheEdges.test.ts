// Norms that overflow or vanish before their elements do, limits of 0 and Infinity, and gradients that share memory.
import { describe, expect, it } from "vitest";
import { clipAdaptively } from "./clipAdaptively.ts";
import { clipByGlobalNorm } from "./clipByGlobalNorm.ts";
import { clipByLayerNorm } from "./clipByLayerNorm.ts";
import { clipByValue } from "./clipByValue.ts";
import { lambTimm } from "./optimizers/lambTimm.ts";
import type { FloatArray, Param } from "./param.ts";
import { l2 } from "./weightDecay.ts";

const param = (grad: FloatArray, weights: number): Param => ({ name: "fc.weight", data: grad.map(() => weights), grad });

/** Rules that shrink 3:4 to a norm of 1, whatever the size of the gradients. */
const RULES: readonly (readonly [string, (grad: FloatArray) => { readonly norm: number }])[] = [
  ["clipByGlobalNorm", (grad) => clipByGlobalNorm([grad.subarray(0, 1), grad.subarray(1)], { maxNorm: 1, eps: 0 })],
  ["clipByGlobalNorm, optax", (grad) => clipByGlobalNorm([grad], { maxNorm: 1, variant: "optax" })],
  ["clipByLayerNorm", (grad) => clipByLayerNorm([param(grad, 0)], { maxNorm: 1, eps: 0 })],
  ["clipAdaptively", (grad) => clipAdaptively([param(grad, Math.SQRT1_2)], { clipping: 1 })],
];

describe.each(RULES)("%s", (_, clip) => {
  it.each([1e150, 1e200, 1e300])("clips finite gradients of %s by their norm, which is finite", (size) => {
    const grad = Float64Array.of(3 * size, 4 * size);
    expect(clip(grad).norm / size).toBeCloseTo(5, 12);
    expect(grad[0]).toBeCloseTo(0.6, 12);
    expect(grad[1]).toBeCloseTo(0.8, 12);
  });
});

it("norms of tiny gradients do not vanish", () => {
  for (const size of [1e-200, 1e-300]) {
    expect(clipByGlobalNorm([Float64Array.of(3 * size), Float64Array.of(4 * size)], { maxNorm: 1 }).norm / size).toBeCloseTo(5, 12);
    expect(clipByValue([Float64Array.of(3 * size, 4 * size)], 1).norm / size).toBeCloseTo(5, 12);
  }
});

it("clipByValue measures 5e200 as that", () => {
  expect(clipByValue([Float64Array.of(3e200, 4e200)], 1).norm / 1e200).toBeCloseTo(5, 12);
});

it.each([0.5, 1, 3, 10, 300])("the %s-norm of gradients at the edges of float32 is that of their shares", (p) => {
  for (const size of [1e-38, 1e-20, 1e35]) {
    const g = Float32Array.of(size, size, size);
    const { norm } = clipByGlobalNorm([g], { maxNorm: 1, normType: p });
    // 1e-6: float32's rounding of the size. Huge p add roundings of powers.
    expect(norm / (size * 3 ** (1 / p))).toBeCloseTo(1, 5);
    if (size > 1) expect(g[0] * 3 ** (1 / p)).toBeCloseTo(1, 4);
  }
});

it("lambTimm clips huge gradients by a finite norm, and its l2 decay stays a number", () => {
  const w: Param = { name: "w", data: Float64Array.of(1, 1), grad: Float64Array.of(3e200, 4e200) };
  const huge = lambTimm([w], { lr: 0.1, weightDecay: l2(0.1) });
  const v: Param = { name: "w", data: Float64Array.of(1, 1), grad: Float64Array.of(3e20, 4e20) };
  const large = lambTimm([v], { lr: 0.1, weightDecay: l2(0.1) });
  for (let t = 0; t < 3; t++) [huge, large].map((optimizer) => optimizer.step());
  for (const [i, x] of w.data.entries()) expect(x).toBeCloseTo(v.data[i], 12);
});

describe("a limit of Infinity", () => {
  it("measures and writes nothing, also where a gradient is not finite", () => {
    for (const odd of [1, Number.NaN, Infinity])
      for (const variant of ["torch", "optax"] as const) {
        const g = Float64Array.of(3, odd);
        expect(clipByGlobalNorm([g], { maxNorm: Infinity, variant })).toEqual({ norm: Math.sqrt(9 + odd * odd), factor: 1, clipped: false, fraction: 0 });
        expect(clipByLayerNorm([param(g, 1)], { maxNorm: Infinity, variant }).clipped).toBe(false);
        expect(clipAdaptively([param(g, 1)], { clipping: Infinity }).clipped).toBe(false);
        expect(clipByValue([g], Infinity).clipped).toBe(false);
        expect([...g]).toEqual([3, odd]);
      }
  });
});

describe("a limit of 0", () => {
  it("makes every gradient 0, and leaves zeros", () => {
    for (const start of [[3, -4], [0, 0]]) {
      const rules: ((g: Float64Array) => unknown)[] = [
        (g) => clipByGlobalNorm([g], { maxNorm: 0 }), (g) => clipByGlobalNorm([g], { maxNorm: 0, eps: 0 }), (g) => clipByGlobalNorm([g], { maxNorm: 0, variant: "optax" }),
        (g) => clipByLayerNorm([param(g, 1)], { maxNorm: 0 }), (g) => clipByValue([g], 0), (g) => clipAdaptively([param(g, 1)], { clipping: 0 }),
      ];
      for (const rule of rules) {
        const g = Float64Array.from(start);
        rule(g);
        expect([...g].map(Math.abs)).toEqual([0, 0]);
      }
    }
  });
});
