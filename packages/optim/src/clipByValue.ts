import { gradientArrays } from "./clipByGlobalNorm.ts";
import type { FloatArray, Param } from "./param.ts";
import { aboveZero, checkRange } from "./range.ts";

/**
 * Clips every element of every gradient to [−limit, limit], in place. NaN stays NaN. Unlike clipping by norm it turns the
 * step: large elements shrink, small ones do not.
 *
 * @returns how many elements were clipped
 * @throws OptionError  for limit <= 0
 * @see torch.nn.utils.clip_grad_value_
 * @example
 * import { clipByValue } from "@llr/optim";
 * const g = Float32Array.of(-3, 0.5, 2);
 * clipByValue([g], 1) // => 2
 * g // => [-1, 0.5, 1]
 */
export function clipByValue(gradients: Iterable<Param | FloatArray>, limit: number): number {
  checkRange("clipByValue", "limit", limit, aboveZero);
  let clipped = 0;
  for (const g of gradientArrays(gradients))
    for (let i = 0; i < g.length; i++)
      if (Math.abs(g[i]) > limit) {
        g[i] = Math.sign(g[i]) * limit;
        clipped++;
      }
  return clipped;
}
