import { OptionError, StateError } from "../errors.ts";
import type { Schedule } from "../hyper.ts";
import { named } from "../named.ts";
import { atLeastZero, belowOne, oneOf, readOptions, show, wholeOrZero } from "../range.ts";

export interface ReduceOnPlateauOptions {
  /** Value until the first reduction. */
  readonly start: number;
  /** What a reduction multiplies the value with. Default 0.1. */
  readonly factor?: number;
  /** Observations without improvement that are put up with; the next one reduces. Default 10. */
  readonly patience?: number;
  /** How much better than the best an observation needs to be to count. Default 1e-4. */
  readonly threshold?: number;
  /** Whether `threshold` is a share of the best or a difference from it. Default "rel". */
  readonly thresholdMode?: "rel" | "abs";
  /** Observations after a reduction that are not held against it. Default 0. */
  readonly cooldown?: number;
  /** The value is not reduced below this. Default 0. */
  readonly min?: number;
  /** Whether small observations are good (a loss) or large ones (an accuracy). Default "min". */
  readonly mode?: "min" | "max";
  /** Reductions by no more than this are left out. Default 1e-8. */
  readonly eps?: number;
}

/** Plain data: JSON can hold it. */
export interface PlateauState {
  readonly version: 1;
  readonly value: number;
  /** Null before the first observation. */
  readonly best: number | null;
  readonly badObservations: number;
  readonly cooldownLeft: number;
}

export interface ReduceOnPlateau {
  /** Tell it the metric, after each evaluation. Returns whether the value was reduced. */
  observe(metric: number): boolean;
  /** The present value, for an optimizer's option: `sgd(params, { lr: plateau.value })`. It is the same for every t. */
  readonly value: Schedule;
  stateDict(): PlateauState;
  /** @throws StateError, before anything is changed, if it is not what `stateDict` returned */
  loadStateDict(state: PlateauState): void;
}

/**
 * Lowers a rate when a metric has stopped improving. This is the one schedule that is no function of t: it has seen things,
 * so it is an object with a state to save. After each observation:
 *
 *   better   rel: metric < best·(1 − threshold)     abs: metric < best − threshold        (mode "max": >, +)
 *   bad      = better ? 0 : bad + 1;  in cooldown, which then counts down by one, always 0
 *   bad > patience:  value ← max(value·factor, min), if that lowers it by more than eps;  bad ← 0, cooldown begins
 *
 * NaN is never better, so it counts as bad. With `rel` a negative best asks for less than no
 * improvement: use `abs` where metrics may be negative.
 *
 * @throws OptionError  for a negative start, factor outside [0, 1), patience or cooldown that is no whole number >= 0, and
 *                      for an observation that is no number
 * @see torch.optim.lr_scheduler.ReduceLROnPlateau
 * @example
 * import { reduceOnPlateau, sgd } from "@llr/optim";
 * const plateau = reduceOnPlateau({ start: 0.1, factor: 0.5, patience: 1 });
 * const optimizer = sgd([{ name: "w", data: new Float32Array(1), grad: null }], { lr: plateau.value });
 * [1, 0.9, 0.9, 0.9].map((loss) => plateau.observe(loss)) // => [false, false, false, true]
 * optimizer.step()[0].lr // => 0.05
 */
export function reduceOnPlateau(options: ReduceOnPlateauOptions): ReduceOnPlateau {
  const numbers = { start: atLeastZero, factor: belowOne, patience: wholeOrZero, threshold: atLeastZero, cooldown: wholeOrZero, min: atLeastZero, eps: atLeastZero };
  const ranges = { ...numbers, thresholdMode: oneOf("rel", "abs"), mode: oneOf("min", "max") };
  const defaults = { factor: 0.1, patience: 10, threshold: 1e-4, thresholdMode: "rel", cooldown: 0, min: 0, mode: "min", eps: 1e-8 } as const;
  const { start, factor, patience, threshold, thresholdMode, cooldown, min, mode, eps } = readOptions("reduceOnPlateau", options, ranges, defaults);

  let value = start;
  let best: number | null = null;
  let bad = 0;
  let cooldownLeft = 0;

  const isBetter = (metric: number): boolean => {
    if (best === null) return mode === "min" ? metric < Infinity : metric > -Infinity;
    const sign = mode === "min" ? -1 : 1;
    const needed = thresholdMode === "rel" ? best * (1 + sign * threshold) : best + sign * threshold;
    return mode === "min" ? metric < needed : metric > needed;
  };

  return {
    observe(metric) {
      if (typeof metric !== "number") throw new OptionError("reduceOnPlateau", "metric", `the metric is ${show(metric)}. It needs a number.`);
      if (isBetter(metric)) {
        best = metric;
        bad = 0;
      } else bad++;
      if (cooldownLeft > 0) {
        cooldownLeft--;
        bad = 0;
      }
      if (bad <= patience) return false;
      cooldownLeft = cooldown;
      bad = 0;
      const reduced = Math.max(value * factor, min);
      if (!(value - reduced > eps)) return false;
      value = reduced;
      return true;
    },
    value: named("reduceOnPlateau", [options], () => value, ".value"),
    stateDict: () => ({ version: 1, value, best, badObservations: bad, cooldownLeft }),
    loadStateDict(state) {
      if (typeof state !== "object" || state === null || state.version !== 1) throw new StateError("reduceOnPlateau", `the state has the version ${show((state as PlateauState | null | undefined)?.version)}. It needs what stateDict() returned, version 1.`);
      const ofState = { value: atLeastZero, badObservations: wholeOrZero, cooldownLeft: wholeOrZero } as const;
      for (const [key, { needs, holds }] of Object.entries(ofState)) {
        const number: unknown = state[key as keyof typeof ofState];
        if (typeof number !== "number" || !holds(number)) throw new StateError("reduceOnPlateau", `${key} in the state is ${show(number)}. It needs ${needs}.`);
      }
      if (state.best !== null && (typeof state.best !== "number" || Number.isNaN(state.best))) throw new StateError("reduceOnPlateau", `best in the state is ${show(state.best)}. It needs a number or null.`);
      ({ value, best, badObservations: bad, cooldownLeft } = state);
    },
  };
}
