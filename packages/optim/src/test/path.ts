// What tests of single optimizers share: one weight, the gradients it is given, and where it goes.
import * as fc from "fast-check";
import type { FloatArray, Param } from "../param.ts";

/** Weights after each gradient, from w = 1. */
export function pathOf<O>(make: (params: Iterable<Param>, options: O) => { step(): unknown }): (gradients: readonly number[], options: O) => number[] {
  return (gradients, options) => {
    const w = { name: "w", data: Float64Array.of(1), grad: null as FloatArray | null };
    const optimizer = make([w], options);
    return gradients.map((g) => {
      w.grad = Float64Array.of(g);
      optimizer.step();
      return w.data[0];
    });
  };
}

export const gradients: fc.Arbitrary<number[]> = fc.array(fc.double({ min: -10, max: 10, noNaN: true }), { minLength: 1, maxLength: 30 });

/** Exponential mean of the first k values, as a weighted sum over all of them, not as the running sum of the implementation. */
export const meanOf = (values: readonly number[], k: number, beta: number): number => values.slice(0, k).reduce((sum, x, i) => sum + (1 - beta) * beta ** (k - 1 - i) * x, 0);
