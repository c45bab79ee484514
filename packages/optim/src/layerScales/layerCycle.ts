import { cos } from "../elementary.ts";
import { named } from "../named.ts";
import { pow } from "../pow.ts";
import { aboveZero, oneOf, readOptions, wholeSteps } from "../range.ts";
import { depthOf, type LayerScale } from "./layerScale.ts";

export interface LayerCycleOptions {
  /** How much more than the plain rate the first layer gets at t = 0. Below 1 turns it round. */
  readonly ratio: number;
  /** Length of all cycles together; after it the multipliers hold. */
  readonly steps: number;
  /** How often the first layers' turn comes again; 0.5 goes once from one end to the other. Default 1. */
  readonly cycles?: number;
  /** Default "cosine". */
  readonly shape?: "cosine" | "triangle";
}

/**
 * Cyclical layer rates that come back: the first layers lead, then the last, then the first again.
 *
 *   x = index/(count − 1), p = min(t/steps, 1)
 *   wave = cos(2π·cycles·p)                              cosine
 *        = 4·|frac(cycles·p) − 1/2| − 1                  triangle
 *   scale = ratio^((1 − 2x)·wave)
 *
 * As with `layerRamp`, the multipliers of all layers multiply to 1 at every t: the geometric mean of the rates is the
 * schedule's. `layerRamp` is half a cycle of the triangle.
 *
 * @throws OptionError  for ratio <= 0, steps that are no whole number >= 1, cycles <= 0
 * @see forums.fast.ai "Cyclical Layer Learning Rates", posts 1 and 21; Smith, arXiv:1506.01186, for one rate
 * @example
 * import { layerCycle } from "@llr/optim";
 * const cycle = layerCycle({ ratio: 4, steps: 100 });
 * const scales = (t: number) => [0, 1, 2].map((index) => cycle({ name: "", index, count: 3 }, t));
 * scales(0) // => [4, 1, 0.25]
 * scales(25) // => [1, 1, 1]
 * scales(50) // => [0.25, 1, 4]
 * scales(100) // => [4, 1, 0.25]
 */
export function layerCycle(options: LayerCycleOptions): LayerScale {
  const ranges = { ratio: aboveZero, steps: wholeSteps, cycles: aboveZero, shape: oneOf("cosine", "triangle") };
  const { ratio, steps, cycles, shape } = readOptions("layerCycle", options, ranges, { cycles: 1, shape: "cosine" });
  const wave = shape === "cosine" ? (turns: number) => cos(2 * Math.PI * (turns % 1)) : (turns: number) => 4 * Math.abs((turns % 1) - 0.5) - 1;
  return named("layerCycle", [options], (layer, t) => pow(ratio, (1 - 2 * depthOf(layer)) * wave(cycles * Math.min(t / steps, 1))));
}
