import type { LayerRateInput } from "../updateRule.ts";

/**
 * LARS's trust ratio, `η·‖w‖ / denominator`: the share of the gradient with which the update is a share η of the weights,
 * whatever the size of the gradient. The variants differ in the denominator; the paper's is `‖g‖ + wd·‖w‖ + eps`.
 *
 * @returns null where ‖w‖ or the norm that the rule reads is 0 and the ratio says nothing (or where a float64 norm is so small
 *          that the ratio of finite weights overflows)
 */
export function trustRatio({ weightNorm, norm }: LayerRateInput, trustCoefficient: number, denominator: number): number | null {
  if (weightNorm === 0 || norm === 0) return null;
  const ratio = (trustCoefficient * weightNorm) / denominator;
  return ratio === Infinity && weightNorm < Infinity ? null : ratio;
}

/** The paper's denominator, with `wd` the coefficient of weight decay of either kind. */
export function sumOfNorms({ weightNorm, norm, weightDecay }: LayerRateInput, eps: number): number {
  return norm + weightDecay * weightNorm + eps;
}
