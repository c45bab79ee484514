import type { LayerRate } from "../updateRule.ts";
import { sumOfNorms } from "./trustRatio.ts";

export interface LarcFastaiValues {
  readonly trustCoefficient: number;
  readonly eps: number;
  readonly mode: "clip" | "scale";
}

/**
 * fastai's LARC: local = lr·η·‖w‖ / (‖d‖ + wd·‖w‖ + eps), d the decayed gradient; clip: min(lr, local). Decoupled decay comes
 * first, and ‖w‖ is that of the decayed weights. Norms of 0 have no rule: without weights the rate is 0.
 */
export const larcFastaiRate: LayerRate<LarcFastaiValues> = {
  state: { arrays: () => [], numbers: [] },
  normOf: "decayedGradient",
  decaysFirst: () => true,
  rateOf(layer, { trustCoefficient, eps, mode }) {
    const { lr, weightNorm } = layer;
    const ratio = (trustCoefficient * weightNorm) / sumOfNorms(layer, eps);
    const trust = mode === "clip" ? Math.min(1, ratio) : ratio;
    return { trust, rate: lr * trust, limitedBy: weightNorm === 0 ? "zeroNorm" : mode === "clip" && ratio > 1 ? "schedule" : null, decays: true };
  },
};
