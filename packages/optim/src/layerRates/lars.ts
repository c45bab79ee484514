import type { LayerRate } from "../updateRule.ts";
import { sumOfNorms, trustRatio } from "./trustRatio.ts";

/** LARS: the trust ratio multiplies the scheduled rate. Without a ratio, trust is 1 and decay still applies. */
export const larsRate: LayerRate<{ readonly trustCoefficient: number; readonly eps: number }> = {
  state: { arrays: () => [], numbers: [] },
  rateOf(layer, { trustCoefficient, eps }) {
    const ratio = trustRatio(layer, trustCoefficient, sumOfNorms(layer, eps));
    const trust = ratio ?? 1;
    return { trust, rate: layer.lr * trust, limitedBy: ratio === null ? "zeroNorm" : null, decays: true };
  },
};
