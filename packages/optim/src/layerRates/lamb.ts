import type { LayerRate } from "../updateRule.ts";
import { scaledBy } from "./lars.ts";
import { trustRatio } from "./trustRatio.ts";

/** LAMB: λ = ‖w‖/‖u‖, u Adam's direction with its weight decay. */
export const lambRate: LayerRate<unknown> = {
  state: { arrays: () => [], numbers: [] },
  normOf: "direction",
  rateOf: (layer) => scaledBy(trustRatio(layer, 1, layer.norm), layer),
};

export interface LambTimmValues {
  readonly mode: "scale" | "clip";
  readonly alwaysAdapt: boolean;
  readonly decayOrder: "withUpdate" | "first";
}

/** timm's LAMB: for layers with weight decay only; clip: min(λ, 1); decay in u, or before everything. */
export const lambTimmRate: LayerRate<LambTimmValues> = {
  ...lambRate,
  decaysFirst: ({ decayOrder }) => decayOrder === "first",
  rateOf(layer, { mode, alwaysAdapt }) {
    const { lr, norm, weightDecay } = layer;
    if (weightDecay === 0 && !alwaysAdapt) return { trust: 1, rate: lr, limitedBy: null, decays: true };
    const ratio = trustRatio(layer, 1, norm);
    if (mode === "clip" && ratio !== null && ratio > 1) return { trust: 1, rate: lr, limitedBy: "schedule", decays: true };
    return scaledBy(ratio, layer);
  },
};
