import { apply } from "../../apply.ts";
import { ArgumentError, ShapeError } from "../../errors.ts";
import type { Primitive } from "../../op.ts";
import { optionsOf } from "../../options.ts";
import { formatShape } from "../../shape.ts";
import { checkTensor, type Tensor } from "../../tensor.ts";
import { greater } from "../compare/compare.ts";
import { reshape } from "../shape/reshape.ts";
import { where } from "../where/where.ts";
import { pieces } from "./map.ts";
import { mul } from "./mul.ts";

export const leakyReluOp: Primitive<{ readonly slope: number }> = pieces({
  name: "leakyRelu",
  f: (x, { slope }) => (x > 0 ? x : slope * x),
  derivative: (dOut, { inputs: [x], attrs: { slope } }) => [where(greater(x, 0), dOut, mul(dOut, slope))],
});

/**
 * x where it is positive, else slope x; elementwise. Derivative 1 or slope; at 0 it is slope, as PyTorch.
 *
 * @param slope default 0.01
 * @throws ArgumentError if the slope is not finite
 * @example
 * import { leakyRelu, tensor } from "@llr/tensor";
 * leakyRelu(tensor([-10, 3]), { slope: 0.1 }).toArray() // => [-1, 3]
 */
export function leakyRelu(x: Tensor, options: { readonly slope?: number } = {}): Tensor {
  const { slope = 0.01 } = optionsOf("leakyRelu", options);
  checkTensor("leakyRelu", x);
  if (!Number.isFinite(slope)) throw new ArgumentError("leakyRelu", `slope is ${slope}. It needs a finite number.`);
  return apply(leakyReluOp, [x], { slope });
}

/**
 * Leaky relu with a learned slope for each channel, or one for all: x where it is positive, else slope x. At 0 the
 * derivative is the slope, as PyTorch.
 *
 * @param x [batch, channels, ...]; with fewer than two axes it counts as one channel
 * @param slope [channels] or [1]
 * @returns the shape of x
 * @throws ShapeError if the number of slopes is neither 1 nor the number of channels
 * @example
 * import { prelu, tensor } from "@llr/tensor";
 * prelu(tensor([[-1, -1], [2, 2]]), tensor([0.5, 0.1])).toArray() // => [-0.5, -0.1, 2, 2]
 */
export function prelu(x: Tensor, slope: Tensor): Tensor {
  checkTensor("prelu", x);
  checkTensor("prelu", slope);
  const channels = x.shape[1] ?? 1;
  if (slope.shape.length > 1 || (slope.size !== 1 && slope.size !== channels))
    throw new ShapeError("prelu", `x is ${formatShape(x.shape)}, the slope is ${formatShape(slope.shape)}. It needs one slope, [1], or one for each channel, [${channels}].`, [x.shape, slope.shape]);
  const perChannel = reshape(slope, slope.size === 1 ? [] : [channels, ...x.shape.slice(2).map(() => 1)]);
  const isPositive = greater(x, 0);
  // The inner choice keeps positive numbers, which may be infinite, out of the slope's gradient.
  return where(isPositive, x, mul(perChannel, where(isPositive, 0, x)));
}
