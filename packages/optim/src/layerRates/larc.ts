import type { LayerRate } from "../updateRule.ts";
import { sumOfNorms, trustRatio } from "./trustRatio.ts";

/**
 * LARC as in NVIDIA's apex: the trust ratio is read as a rate of its own.
 *
 *   clip   trust = min(ratio/lr, 1)   so that the layer's rate is min(ratio, lr)
 *   scale  trust = ratio              so that it is lr·ratio, as in LARS
 *
 * Without a ratio, apex leaves the gradient alone: trust is 1, and there is no weight decay in this step.
 */
export const larcRate: LayerRate<{ readonly trustCoefficient: number; readonly eps: number; readonly mode: "clip" | "scale" }> = {
  state: { arrays: () => [], numbers: [] },
  rateOf(layer, { trustCoefficient, eps, mode }) {
    const { lr } = layer;
    const ratio = trustRatio(layer, trustCoefficient, sumOfNorms(layer, eps));
    if (ratio === null) return { trust: 1, rate: lr, limitedBy: "zeroNorm", decays: false };
    if (mode === "scale") return { trust: ratio, rate: lr * ratio, limitedBy: null, decays: true };
    // Not min(ratio / lr, 1): at lr = 0 beside a ratio that vanished that would be 0 / 0.
    const trust = ratio < lr ? ratio / lr : 1;
    return { trust, rate: lr * trust, limitedBy: ratio > lr ? "schedule" : null, decays: true };
  },
};
