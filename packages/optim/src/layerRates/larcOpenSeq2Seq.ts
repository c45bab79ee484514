import type { LayerRate, Limit } from "../updateRule.ts";

export interface LarcOpenSeq2SeqValues {
  readonly trustCoefficient: number;
  readonly eps: number;
  readonly minUpdate: number;
  readonly mode: "clip" | "scale";
}

/**
 * OpenSeq2Seq's LARC, with d the decayed gradient:
 *
 *   clip    trust = min(max(η·‖w‖ / (lr·(‖d‖ + eps)), minUpdate), 1)
 *   scale   trust = max(η·‖w‖ / (‖d‖ + eps), minUpdate)
 *
 * Norms of 0 have no rule of their own: eps and minUpdate keep the ratio finite and above 0.
 */
export const larcOpenSeq2SeqRate: LayerRate<LarcOpenSeq2SeqValues> = {
  state: { arrays: () => [], numbers: [] },
  normOf: "decayedGradient",
  rateOf({ lr, weightNorm, norm }, { trustCoefficient, eps, minUpdate, mode }) {
    const ratio = (trustCoefficient * weightNorm) / (norm + eps);
    // With lr = 0 there is nothing to clip; 0/0 would be no number.
    const asked = mode === "scale" ? ratio : lr > 0 ? ratio / lr : 1;
    const trust = Math.min(Math.max(asked, minUpdate), mode === "clip" ? 1 : Infinity);
    const limitedBy: Limit | null = asked < minUpdate ? "floor" : mode === "clip" && asked > 1 ? "schedule" : null;
    return { trust, rate: lr * trust, limitedBy, decays: true };
  },
};
