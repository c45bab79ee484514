// var and std.
import { apply } from "../../apply.ts";
import { ArgumentError } from "../../errors.ts";
import type { Primitive } from "../../op.ts";
import { optionsOf } from "../../options.ts";
import { reducedShape } from "../../shape.ts";
import type { Tensor } from "../../tensor.ts";
import { equal } from "../compare/compare.ts";
import { div } from "../elementwise/div.ts";
import { mul } from "../elementwise/mul.ts";
import { where } from "../where/where.ts";
import type { ReduceOptions, Reduction } from "./reduction.ts";
import { countOf, resolveReduction, spread, walk } from "./reduction.ts";

export interface VarianceOptions extends ReduceOptions {
  /** What is taken off the number of elements: the degrees of freedom lost to the mean. Default 1, as PyTorch; NumPy has 0. */
  readonly ddof?: number;
}

export interface Variance extends Reduction {
  readonly ddof: number;
}

/** The mean first, then the squares around it: the difference of two large sums would lose the digits that matter. */
function spreadAround(name: string, finish: (variance: number) => number, derivative: Primitive<Variance>["derivative"], saves: Primitive<Variance>["saves"]): Primitive<Variance> {
  return {
    kind: "primitive",
    name,
    shape: ([x], { axes, keepDims }) => reducedShape(x, axes, keepDims),
    saves,
    nan: "propagates",
    reference: (out, [x], { shapes: [shape], attrs: { axes, ddof } }) => {
      const { starts, terms } = walk(shape, axes);
      for (let o = 0; o < starts.length; o++) {
        let mean = 0;
        for (let i = 0; i < terms.length; i++) mean += x[starts[o] + terms[i]];
        mean /= terms.length;
        let squares = 0;
        for (let i = 0; i < terms.length; i++) squares += (x[starts[o] + terms[i]] - mean) ** 2;
        out[o] = finish(squares / Math.max(0, terms.length - ddof));
      }
    },
    derivative,
  };
}

/** 1 / (n - ddof) */
const weight = (x: Tensor, { axes, ddof }: Variance): number => 1 / Math.max(0, countOf(x.shape, axes) - ddof);
const centered = (x: Tensor, attrs: Reduction): Tensor => apply(centeredOp, [x], attrs);

export const varOp: Primitive<Variance> = spreadAround("var", (v) => v, (dOut, { inputs: [x], attrs }) => [
  mul(spread(mul(dOut, 2 * weight(x, attrs)), x.shape, attrs.axes), centered(x, attrs)),
], [0]);

export const stdOp: Primitive<Variance> = spreadAround("std", Math.sqrt, (dOut, { inputs: [x], output, attrs }) => {
  const isFlat = equal(output, 0);
  const scaled = where(isFlat, 0, div(mul(dOut, weight(x, attrs)), where(isFlat, 1, output)));
  return [mul(spread(scaled, x.shape, attrs.axes), centered(x, attrs))];
}, [0, "output"]);

/** x - mean(x), with the mean in double precision. Linear and symmetric: it is its own derivative. */
export const centeredOp: Primitive<Reduction> = {
  kind: "primitive",
  name: "centered",
  shape: ([x]) => x,
  saves: [],
  nan: "propagates",
  reference: (out, [x], { shapes: [shape], attrs: { axes } }) => {
    const { starts, terms } = walk(shape, axes);
    for (let o = 0; o < starts.length; o++) {
      let mean = 0;
      for (let i = 0; i < terms.length; i++) mean += x[starts[o] + terms[i]];
      mean /= terms.length;
      for (let i = 0; i < terms.length; i++) out[starts[o] + terms[i]] = x[starts[o] + terms[i]] - mean;
    }
  },
  derivative: (dOut, { attrs }) => [centered(dOut, attrs)],
};

function resolve(op: string, x: Tensor, options: VarianceOptions): Variance {
  const { ddof = 1, ...rest } = optionsOf(op, options);
  if (!Number.isFinite(ddof)) throw new ArgumentError(op, `ddof is ${ddof}. It needs a finite number, usually 0 or 1.`);
  return { ...resolveReduction(op, x, rest), ddof };
}

/**
 * Variance over axes: the mean of (x - mean)^2, with n - ddof in place of n. NaN where that is 0 and all are equal.
 *
 * @throws ArgumentError for an axis that does not exist or is named twice, or ddof that is not finite
 * @example
 * import { tensor, variance } from "@llr/tensor";
 * variance(tensor([1, 2, 3, 4]), { ddof: 0 }).item() // => 1.25
 * variance(tensor([1, 2, 3, 4])).item() // => 1.66667
 */
export const variance = (x: Tensor, options: VarianceOptions = {}): Tensor => apply(varOp, [x], resolve("var", x, options));

/**
 * Standard deviation over axes, the square root of the {@link variance}. Its derivative is 0 where it is 0, as PyTorch.
 *
 * @throws as variance
 * @example
 * import { std, tensor } from "@llr/tensor";
 * std(tensor([[1, 3], [2, 2]]), { axes: 1, ddof: 0 }).toArray() // => [1, 0]
 */
export const std = (x: Tensor, options: VarianceOptions = {}): Tensor => apply(stdOp, [x], resolve("std", x, options));
