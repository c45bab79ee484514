// Gradients whose squares overflow. Each step of these optimizers is a ratio, so a gradient a billion times as large changes
// little: what single precision may not hold must not stop a weight for good.
import { describe, expect, it } from "vitest";
import { adadelta } from "./optimizers/adadelta.ts";
import { adagrad } from "./optimizers/adagrad.ts";
import { adam } from "./optimizers/adam.ts";
import { adamW } from "./optimizers/adamW.ts";
import { lamb } from "./optimizers/lamb.ts";
import { lambTimm } from "./optimizers/lambTimm.ts";
import { larcAdam } from "./optimizers/larcAdam.ts";
import { nadam } from "./optimizers/nadam.ts";
import { radam } from "./optimizers/radam.ts";
import { rmsprop } from "./optimizers/rmsprop.ts";
import type { Optimizer } from "./optimizer.ts";
import type { FloatArray, Param } from "./param.ts";

const named = { adam, adamW, amsgrad: (params: Param[], options: object) => adam(params, { ...options, amsgrad: true }), lamb, lambTimm, larcAdam, nadam, rmsprop, centered: (params: Param[], options: object) => rmsprop(params, { ...options, centered: true }), adadelta, adagrad, radam };
const MAKERS = Object.entries(named) as unknown as readonly (readonly [string, (params: Param[], options: object) => Optimizer])[];

function path(make: (params: Param[], options: object) => Optimizer, array: (x: number) => FloatArray, gradients: readonly number[]): number[] {
  const w = { name: "w", data: array(1), grad: null as FloatArray | null, shape: [1, 1] };
  const optimizer = make([w], { lr: 0.01 });
  return gradients.map((g) => {
    w.grad = array(g);
    optimizer.step();
    return w.data[0];
  });
}

const f32 = (x: number): Float32Array => Float32Array.of(x);
const f64 = (x: number): Float64Array => Float64Array.of(x);

describe.each(MAKERS)("%s", (name, make) => {
  it.each([2e19, 1e20, 1e21, 3e38])("takes a gradient of %s in float32 as in float64, and goes on after it", (spike) => {
    const gradients = [1, spike, 1, 1, 1, 1, 1, 1];
    const [single, double] = [path(make, f32, gradients), path(make, f64, gradients)];
    if (name === "radam") return expect(single.every(Number.isFinite)).toBe(true); // its first steps are as long as the gradient
    // 2e-6: single precision, eight steps of about 0.01.
    for (const [i, x] of single.entries()) expect(Math.abs(x - double[i])).toBeLessThan(2e-6);
  });

  it("takes one of 1e200 in float64 as one of 1e100", () => {
    const [large, larger] = [1e100, 1e200].map((spike) => path(make, f64, [1, spike, 1, 1, 1]));
    if (name === "radam") return expect(larger.every(Number.isFinite)).toBe(true);
    for (const [i, x] of larger.entries()) expect(Math.abs(x - large[i])).toBeLessThan(1e-12);
  });

  it("is still spoiled by an infinity, which is no number but the lack of one", () => {
    if (name === "radam" || name === "adagrad") return;
    expect(Number.isFinite(path(make, f32, [1, Infinity]).at(-1))).toBe(false);
  });
});

it("Adam's values: 0.97 and less after gradients of 1, 2e19, 1, 1 at lr 0.01", () => {
  // By hand, from m and v of the spike alone: u = 0.1·0.9^k/(1 − 0.9^(k+2)) over √(0.001·0.999^k/(1 − 0.999^(k+2))), k = 0, 1, 2.
  const u = [0, 1, 2].map((k) => ((0.1 * 0.9 ** k) / (1 - 0.9 ** (k + 2))) / Math.sqrt((0.001 * 0.999 ** k) / (1 - 0.999 ** (k + 2))));
  const expected = [0.99, ...u.map((_, k) => 0.99 - 0.01 * u.slice(0, k + 1).reduce((a, b) => a + b, 0))];
  for (const [i, x] of path(MAKERS[0][1], f32, [1, 2e19, 1, 1]).entries()) expect(x).toBeCloseTo(expected[i], 6);
});
