import type { LayerRate } from "../updateRule.ts";
import { trustRatio } from "./trustRatio.ts";

export interface LarcNvcaffeValues {
  readonly trustCoefficient: number;
  readonly momentum: number;
  readonly mode: "clip" | "scale";
}

/** NVCaffe's LARC: λ = (1 − momentum)·η·‖w‖/‖g‖ of the raw gradient, 1 without a ratio; clip: min(λ, lr), scale: lr·λ. */
export const larcNvcaffeRate: LayerRate<LarcNvcaffeValues> = {
  state: { arrays: () => [], numbers: [] },
  rateOf(layer, { trustCoefficient, momentum, mode }) {
    const { lr, norm } = layer;
    const ratio = trustRatio(layer, (1 - momentum) * trustCoefficient, norm);
    const asked = ratio ?? 1;
    if (mode === "scale") return { trust: asked, rate: lr * asked, limitedBy: ratio === null ? "zeroNorm" : null, decays: true };
    const rate = Math.min(asked, lr);
    return { trust: lr > 0 ? rate / lr : 0, rate, limitedBy: ratio === null ? "zeroNorm" : asked > lr ? "schedule" : null, decays: true };
  },
};
