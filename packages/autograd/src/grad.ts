import type { Tensor } from "@llr/tensor";
import type { BackwardOptions } from "./backward.ts";
import { sweep } from "./sweep.ts";

export interface GradOptions extends BackwardOptions {
  /** Record how the gradients are computed, so that they can be differentiated in turn. Default false. */
  readonly createGraph?: boolean;
}

/**
 * d loss / d input for each input, as fresh tensors; no parameter's `grad` is touched. Inputs are parameters or
 * intermediate results. An input that the loss does not depend on gets zeros.
 *
 * With `createGraph` the result has a history: the only door to second derivatives and Hessian-vector products.
 *
 * @throws as {@link backward}; HistoryError for an input that is a constant
 * @example
 * import { grad, parameter } from "@llr/autograd";
 * import { mul, sum } from "@llr/tensor";
 * const x = parameter([1, 2, 3], { name: "x" });
 * const cube = sum(mul(mul(x, x), x));
 * const [slope] = grad(cube, [x], { createGraph: true });
 * slope.toArray() // => [3, 12, 27]
 * const [curvature] = grad(sum(slope), [x]);
 * curvature.toArray() // => [6, 12, 18]
 */
export function grad(loss: Tensor, inputs: readonly Tensor[], options: GradOptions = {}): Tensor[] {
  return sweep("grad", loss, inputs, options);
}
