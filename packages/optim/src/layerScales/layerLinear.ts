import { named } from "../named.ts";
import { readOptions, wholeSteps, type Range } from "../range.ts";
import { depthOf, type LayerScale } from "./layerScale.ts";

export interface LayerLinearOptions {
  /** Share of the plain rate that the first layer gains at t = 0 and the last one loses. Negative turns it round. */
  readonly amount: number;
  /** Length of the ramp; after it the multipliers hold. */
  readonly steps: number;
}

const share: Range = { needs: "a number in [-1, 1]", holds: (x) => x >= -1 && x <= 1 };

/**
 * Layer rates that move in straight lines, the first thing that the thread wanted tested:
 *
 *   x = index/(count − 1), p = min(t/steps, 1)
 *   scale = 1 + amount·(1 − 2x)·(1 − 2p)
 *
 * The multipliers of all layers have the mean 1 at every t: here it is the arithmetic mean of the rates that is the
 * schedule's, where `layerRamp` keeps the geometric one. No layer gets more than twice the plain rate, and with an amount of
 * 1 the last layer stands still at t = 0.
 *
 * @throws OptionError  for an amount outside [-1, 1], or steps that are no whole number >= 1
 * @see forums.fast.ai "Cyclical Layer Learning Rates", posts 1 and 21
 * @example
 * import { layerLinear } from "@llr/optim";
 * const ramp = layerLinear({ amount: 0.5, steps: 100 });
 * const scales = (t: number) => [0, 1, 2].map((index) => ramp({ name: "", index, count: 3 }, t));
 * scales(0) // => [1.5, 1, 0.5]
 * scales(50) // => [1, 1, 1]
 * scales(100) // => [0.5, 1, 1.5]
 */
export function layerLinear(options: LayerLinearOptions): LayerScale {
  const { amount, steps } = readOptions("layerLinear", options, { amount: share, steps: wholeSteps }, {});
  return named("layerLinear", [options], (layer, t) => 1 + amount * (1 - 2 * depthOf(layer)) * (1 - 2 * Math.min(t / steps, 1)));
}
