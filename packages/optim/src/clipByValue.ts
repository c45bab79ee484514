import { gradientArrays, normOfAll, type Clipped } from "./clip.ts";
import type { FloatArray, Param } from "./param.ts";
import { checkRange, limitOrNone } from "./range.ts";

/**
 * Clips every element of every gradient to [−limit, limit], in place. NaN stays NaN. Unlike clipping by norm it turns the
 * step: large elements shrink, small ones do not. A limit of Infinity only measures.
 *
 * @returns the 2-norm before clipping, and the share of elements that were clipped
 * @throws OptionError  for limit < 0
 * @see torch.nn.utils.clip_grad_value_
 * @example
 * import { clipByValue } from "@llr/optim";
 * const g = Float32Array.of(-4, 0.5, 3, 0);
 * clipByValue([g], 1) // => { norm: 5.0249, clipped: true, fraction: 0.5 }
 * g // => [-1, 0.5, 1, 0]
 */
export function clipByValue(gradients: Iterable<Param | FloatArray>, limit: number): Clipped {
  checkRange("clipByValue", "limit", limit, limitOrNone);
  const arrays = gradientArrays("clipByValue", gradients);
  const norm = normOfAll(arrays);
  let elements = 0;
  let clipped = 0;
  for (const g of arrays) {
    elements += g.length;
    for (let i = 0; i < g.length; i++)
      if (Math.abs(g[i]) > limit) {
        g[i] = Math.sign(g[i]) * limit;
        clipped++;
      }
  }
  return { norm, clipped: clipped > 0, fraction: elements === 0 ? 0 : clipped / elements };
}
