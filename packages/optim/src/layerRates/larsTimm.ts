import type { LayerRate } from "../updateRule.ts";
import { scaledBy } from "./lars.ts";
import { sumOfNorms, trustRatio } from "./trustRatio.ts";

export interface LarsTimmValues {
  readonly trustCoefficient: number;
  readonly eps: number;
  readonly mode: "scale" | "clip";
  readonly alwaysAdapt: boolean;
}

/** timm's LARS: the paper's ratio, for layers with weight decay only; in clip mode min(λ/lr, 1), and there with 1 for a missing λ. */
export const larsTimmRate: LayerRate<LarsTimmValues> = {
  state: { arrays: () => [], numbers: [] },
  rateOf(layer, { trustCoefficient, eps, mode, alwaysAdapt }) {
    const { lr, weightDecay } = layer;
    if (weightDecay === 0 && !alwaysAdapt) return { trust: 1, rate: lr, limitedBy: null, decays: true };
    const ratio = trustRatio(layer, trustCoefficient, sumOfNorms(layer, eps));
    if (mode === "scale") return scaledBy(ratio, layer);
    const asked = ratio ?? 1;
    const trust = asked < lr ? asked / lr : 1; // at lr = 0, asked may be 0, too
    return { trust, rate: Math.min(asked, lr), limitedBy: ratio === null ? "zeroNorm" : asked > lr ? "schedule" : null, decays: true };
  },
};
