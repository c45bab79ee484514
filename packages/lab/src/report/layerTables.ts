// What the layers' rates say in numbers: how they stand to each other in the course of training, and what limited them.
import type { ArmRun } from "./comparison.ts";
import { layersOf } from "./comparison.ts";

/** Parts of the training at which layers are compared. */
export const MOMENTS: readonly number[] = [0.05, 0.5, 0.95];
/** Each with the steps around it, since a single step of an adaptive rate is noise. */
const WINDOW = 0.05;

export interface RelativeRates {
  readonly arm: string;
  /** Layer -> its rate over the geometric mean of all layers' rates, at each of the moments; NaN where a rate is 0. */
  readonly ratios: ReadonlyMap<string, readonly number[]>;
}

/**
 * The thread's question in numbers (#1, #27): do first layers get more than last ones, and does that change? Medians over the
 * steps within 5 % of training around each moment.
 */
export function relativeRates(arm: ArmRun): RelativeRates {
  const layers = layersOf(arm.layers);
  const count = arm.layers.steps.length;
  const medians = layers.map(({ columns }) => MOMENTS.map((moment) => median(columns.rate.slice(Math.floor((moment - WINDOW) * count), Math.ceil((moment + WINDOW) * count)))));
  const means = MOMENTS.map((_, m) => Math.exp(medians.reduce((total, own) => total + Math.log(own[m]), 0) / layers.length));
  return { arm: arm.label, ratios: new Map(layers.map(({ layer }, l) => [layer, MOMENTS.map((_, m) => medians[l][m] / means[m])])) };
}

function median(values: readonly number[]): number {
  const sorted = values.filter(Number.isFinite).sort((a, b) => a - b);
  return sorted.length === 0 ? NaN : sorted[sorted.length >> 1];
}

export interface LimitShare {
  readonly layer: string;
  /** Reason -> share of the steps, 0 to 1. */
  readonly shares: ReadonlyMap<string, number>;
}

/** How often a layer did not get the rate that its rule asked for, and why; empty for arms whose rule was never limited. */
export function limitShares(arm: ArmRun): LimitShare[] {
  const shares = layersOf(arm.layers).map(({ layer, columns: { limitedBy } }) => {
    const counts = new Map<string, number>();
    for (const reason of limitedBy) if (reason !== null) counts.set(reason, (counts.get(reason) ?? 0) + 1);
    return { layer, shares: new Map([...counts].map(([reason, n]) => [reason, n / limitedBy.length])) };
  });
  return shares.some((s) => s.shares.size > 0) ? shares : [];
}
