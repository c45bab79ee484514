// Clipping, and the activations that are made of straight pieces.
import { apply } from "../../apply.ts";
import { ArgumentError } from "../../errors.ts";
import type { Derivative, Primitive } from "../../op.ts";
import { optionsOf } from "../../options.ts";
import { checkTensor, type Tensor } from "../../tensor.ts";
import { where } from "../where/where.ts";
import { map, pieces, plain, predicate } from "./map.ts";
import { mul } from "./mul.ts";

export interface Range {
  readonly low: number;
  readonly high: number;
}

const clamp = (x: number, { low, high }: Range): number => Math.min(Math.max(x, low), high);

export const withinOp: Primitive<Range> = predicate("within", (x, { low, high }) => x >= low && x <= high);
export const insideOp: Primitive<Range> = predicate("inside", (x, { low, high }) => x > low && x < high);

export const clipOp: Primitive<Range> = pieces<Range>({ name: "clip", f: clamp, derivative: (dOut, { inputs: [x], attrs }) => [where(apply(withinOp, [x], attrs), dOut, 0)] });

/** The derivative of a function that rises by `slope` inside the range and is constant outside and at its ends. */
const rises = (range: Range, slope: number): Derivative<null> => (dOut, { inputs: [x] }) => [where(apply(insideOp, [x], range), mul(dOut, slope), 0)];

export const relu6Op: Primitive<null> = pieces({ name: "relu6", f: (x) => clamp(x, { low: 0, high: 6 }), derivative: rises({ low: 0, high: 6 }, 1) });

export const hardSigmoidOp: Primitive<null> = pieces({ name: "hardSigmoid", f: (x) => clamp(x + 3, { low: 0, high: 6 }) / 6, derivative: rises({ low: -3, high: 3 }, 1 / 6) });

export const hardSwishOp: Primitive<null> = map({ name: "hardSwish", f: (x) => (x * clamp(x + 3, { low: 0, high: 6 })) / 6, slope: (x) => plain(hardSwishSlopeOp)(x) });

/** 0 below -3, x/3 + 1/2 up to 3, and then 1. */
export const hardSwishSlopeOp: Primitive<null> = pieces({ name: "hardSwishSlope", f: (x) => (x < -3 ? 0 : x > 3 ? 1 : x / 3 + 0.5), derivative: rises({ low: -3, high: 3 }, 1 / 3) });

/**
 * x, but not below `min` and not above `max`, elementwise; NaN stays. Derivative 1 from min to max, both included, as
 * PyTorch; 0 outside. Where min is above max, the result is max.
 *
 * @throws ArgumentError if neither bound is given, or one is NaN
 * @example
 * import { clip, tensor } from "@llr/tensor";
 * clip(tensor([-2, 0.5, 2]), { min: 0, max: 1 }).toArray() // => [0, 0.5, 1]
 */
export function clip(x: Tensor, options: { readonly min?: number; readonly max?: number }): Tensor {
  const { min, max } = optionsOf("clip", options);
  checkTensor("clip", x);
  if ((min === undefined && max === undefined) || min !== min || max !== max) throw new ArgumentError("clip", `min is ${min}, max is ${max}. It needs a number for at least one of them.`);
  return apply(clipOp, [x], { low: min ?? -Infinity, high: max ?? Infinity });
}

/**
 * min(max(x, 0), 6), elementwise. Derivative 1 between 0 and 6, else 0, as PyTorch at both kinks.
 *
 * @example
 * import { relu6, tensor } from "@llr/tensor";
 * relu6(tensor([-1, 3, 9])).toArray() // => [0, 3, 6]
 */
export const relu6: (x: Tensor) => Tensor = plain(relu6Op);

/**
 * min(max(x + 3, 0), 6) / 6, elementwise. Derivative 1/6 between -3 and 3, else 0, as PyTorch at both kinks.
 *
 * @example
 * import { hardSigmoid, tensor } from "@llr/tensor";
 * hardSigmoid(tensor([-4, 0, 4])).toArray() // => [0, 0.5, 1]
 */
export const hardSigmoid: (x: Tensor) => Tensor = plain(hardSigmoidOp);

/**
 * x hardSigmoid(x), elementwise. Derivative 0 below -3, x/3 + 1/2 from -3 to 3, both included as in PyTorch 1.13, and then 1.
 *
 * @example
 * import { hardSwish, tensor } from "@llr/tensor";
 * hardSwish(tensor([-4, 1, 4])).toArray() // => [0, 0.6667, 4]
 */
export const hardSwish: (x: Tensor) => Tensor = plain(hardSwishOp);
