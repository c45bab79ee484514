import type { LayerRateInput } from "../updateRule.ts";

/**
 * LARS's trust ratio, `η·‖w‖ / (‖g‖ + wd·‖w‖ + eps)` with `wd` the coefficient of weight decay, of either kind: the share of
 * the gradient with which the update is a share η of the weights, whatever the size of the gradient.
 *
 * @returns null where a norm is 0 and the ratio says nothing (or where a float64 norm is so small that the ratio overflows)
 */
export function trustRatio({ weightNorm, gradNorm, weightDecay }: LayerRateInput, trustCoefficient: number, eps: number): number | null {
  if (weightNorm === 0 || gradNorm === 0) return null;
  const ratio = (trustCoefficient * weightNorm) / (gradNorm + weightDecay * weightNorm + eps);
  return ratio === Infinity ? null : ratio;
}
