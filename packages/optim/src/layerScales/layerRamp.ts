import { named } from "../named.ts";
import { pow } from "../pow.ts";
import { aboveZero, readOptions, wholeSteps } from "../range.ts";
import { depthOf, type LayerScale } from "./layerScale.ts";

export interface LayerRampOptions {
  /** How much more than the plain rate the first layer gets at t = 0, and the last layer at the end. Below 1 turns it round. */
  readonly ratio: number;
  /** Length of the ramp; after it the multipliers hold. */
  readonly steps: number;
}

/**
 * Cyclical layer rates: the first layers begin with the larger rates and end with the smaller ones.
 *
 *   x = index/(count − 1), p = min(t/steps, 1)
 *   scale = ratio^((1 − 2x)·(1 − 2p))
 *
 * Half-way all layers are equal. At every t the multipliers of all layers multiply to 1, so the geometric mean of the rates
 * is the schedule's: what differs from a plain run is where the rate goes, not how much there is. The middle layer of an
 * odd number, and a single layer, stay at 1.
 *
 * @throws OptionError  for ratio <= 0, or steps that are no whole number >= 1
 * @see forums.fast.ai "Cyclical Layer Learning Rates", post 1 (Smith's hypothesis 2), in geometric form
 * @example
 * import { layerRamp } from "@llr/optim";
 * const ramp = layerRamp({ ratio: 4, steps: 100 });
 * const scales = (t: number) => [0, 1, 2].map((index) => ramp({ name: "", index, count: 3 }, t));
 * scales(0) // => [4, 1, 0.25]
 * scales(50) // => [1, 1, 1]
 * scales(100) // => [0.25, 1, 4]
 */
export function layerRamp(options: LayerRampOptions): LayerScale {
  const { ratio, steps } = readOptions("layerRamp", options, { ratio: aboveZero, steps: wholeSteps }, {});
  return named("layerRamp", [options], (layer, t) => {
    const p = Math.min(t / steps, 1);
    return pow(ratio, (1 - 2 * depthOf(layer)) * (1 - 2 * p));
  });
}
