import { normOfAll, scale, withGradient, type Clipped } from "./clip.ts";
import { normOfRange } from "./norm.ts";
import { checkArray, shapeOf, type Param } from "./param.ts";
import { aboveZero, limitOrNone, readOptions } from "./range.ts";

export interface ClipAdaptivelyOptions {
  /** Largest ratio of a unit's gradient to its weights; Infinity only measures. Default 0.01. */
  readonly clipping?: number;
  /** Norm that a unit's weights count as having at least; without it, zeros could never learn. Default 1e-3. */
  readonly eps?: number;
}

/**
 * Adaptive gradient clipping (AGC): the gradient of each unit is at most `clipping` times as long as the unit's weights. A
 * unit is what one output is computed from: a slice along the first axis of the weight, `[out, in, ...]`; a parameter with
 * at most one axis, or without a `shape`, is a unit as a whole.
 *
 *   limit = clipping · max(‖w_u‖, eps)
 *   ‖g_u‖ < limit   g_u stays
 *   otherwise       g_u ← g_u · limit / max(‖g_u‖, 1e-6)
 *
 * The paper leaves the last linear layer out: give it the parameters of the others. NaN and infinite elements spoil the
 * gradient of their own unit only.
 *
 * @returns the 2-norm of all gradients before clipping, and the share of units that were clipped
 * @throws OptionError  for clipping < 0 or eps <= 0
 * @see Brock et al., arXiv:2102.06171 (NFNets), equation 3, and their nfnets/optim.py; timm.utils.agc, which has our axes
 * @example
 * import { clipAdaptively } from "@llr/optim";
 * const weight = { name: "fc.weight", shape: [2, 2], data: Float64Array.of(3, 4, 0, 0), grad: Float64Array.of(0.6, 0.8, 0.001, 0) };
 * // The limits of the two units are 0.01·5 and 0.01·0.001.
 * clipAdaptively([weight]) // => { norm: 1.0000, clipped: true, fraction: 1 }
 * weight.grad // => [0.03, 0.04, 0.00001, 0]
 */
export function clipAdaptively(params: Iterable<Param>, options: ClipAdaptivelyOptions = {}): Clipped {
  const { clipping, eps } = readOptions("clipAdaptively", options, { clipping: limitOrNone, eps: aboveZero }, { clipping: 0.01, eps: 1e-3 });
  const clippable = withGradient("clipAdaptively", params);
  for (const param of clippable) checkArray("clipAdaptively", param);
  const total = normOfAll(clippable.map((param) => param.grad));
  let units = 0;
  let clipped = 0;
  for (const param of clippable) {
    const { data, grad } = param;
    const shape = shapeOf(param);
    const size = shape.length > 1 ? data.length / shape[0] : data.length;
    for (let begin = 0; begin < data.length; begin += size, units++) {
      const limit = clipping * Math.max(normOfRange(data, begin, begin + size), eps);
      const gradNorm = normOfRange(grad, begin, begin + size);
      const factor = gradNorm < limit || limit === Infinity ? 1 : limit / Math.max(gradNorm, 1e-6);
      scale(grad, factor, begin, begin + size);
      if (factor !== 1) clipped++;
    }
  }
  return { norm: total, clipped: clipped > 0, fraction: units === 0 ? 0 : clipped / units };
}
