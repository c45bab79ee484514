import type { LayerRate, LayerRateInput, LayerRateResult } from "../updateRule.ts";
import { sumOfNorms, trustRatio } from "./trustRatio.ts";

/** The trust ratio multiplies the scheduled rate. Without a ratio, trust is 1 and decay still applies. */
export function scaledBy(ratio: number | null, { lr }: LayerRateInput): LayerRateResult {
  const trust = ratio ?? 1;
  return { trust, rate: lr * trust, limitedBy: ratio === null ? "zeroNorm" : null, decays: true };
}

/** LARS as in the paper: λ = η·‖w‖ / (‖g‖ + wd·‖w‖ + eps). */
export const larsRate: LayerRate<{ readonly trustCoefficient: number; readonly eps: number }> = {
  state: { arrays: () => [], numbers: [] },
  rateOf: (layer, { trustCoefficient, eps }) => scaledBy(trustRatio(layer, trustCoefficient, sumOfNorms(layer, eps)), layer),
};

/** What one norm in the denominator needs. */
interface OneNorm {
  readonly trustCoefficient: number;
  /** Default 0. */
  readonly eps?: number;
}

/** λ = η·‖w‖ / (‖g + wd·w‖ + eps): optax, SimCLR's classic form. */
export const larsDecayedRate: LayerRate<OneNorm> = {
  state: { arrays: () => [], numbers: [] },
  normOf: "decayedGradient",
  rateOf: (layer, { trustCoefficient, eps = 0 }) => scaledBy(trustRatio(layer, trustCoefficient, layer.norm + eps), layer),
};

/** λ = η·‖w‖ / (‖u‖ + eps), u with the momentum of all steps: SimCLR's popular form. */
export const larsDirectionRate: LayerRate<OneNorm> = { ...larsDecayedRate, normOf: "direction" };
