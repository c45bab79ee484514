import type { FloatArray } from "./param.ts";
import type { Hyper } from "./hyper.ts";
import type { ParamSelector } from "./paramSelector.ts";
import type { Range } from "./range.ts";
import type { NormsBefore, UpdateKernels } from "./kernels.ts";
import type { WeightDecay } from "./weightDecay.ts";

/*
 * Every optimizer of this package is one update, told apart by three parts:
 *
 *   d  = inner · (g + l2·w)            the gradient, scaled before the direction sees it
 *   u  = direction(d)                  momentum, Adam ...
 *   Δw = outer · u + decay · w         scaled after the direction; decay is decoupled
 *   w ← w − Δw
 *
 * The layer rate turns the scheduled rate into the layer's own, `rate = lr · trust`. The placement says how it enters:
 * `outside` the direction's memory (outer = rate), `inside` it (inner = rate), or only the `trust` inside. At a constant
 * rate the places agree for momentum. Under a schedule they do not: what is inside lives on in the buffer.
 */

/** The scalars of one parameter's update, in the order of the formula above. */
export interface UpdateFactors {
  readonly inner: number;
  readonly l2: number;
  readonly outer: number;
  readonly decay: number;
}

/** Options with each schedule replaced by its value at this step. */
export type Values<Options> = { readonly [Option in keyof Options]-?: ValueOf<Exclude<Options[Option], undefined>> };
type ValueOf<T> = [T] extends [Hyper | WeightDecay] ? number : T;

/** What an optimizer remembers of one parameter. All of it, and nothing else, is saved. */
export interface ParamState {
  readonly arrays: Record<string, FloatArray>;
  readonly numbers: Record<string, number>;
}

/** Names of the state that a part of the update keeps for each parameter: arrays as long as the parameter, and numbers; all start at 0. */
export interface StateNames<V> {
  /** May depend on the options: plain descent keeps no buffer. A schedule counts as "may be anything". */
  arrays(options: { readonly [Option in keyof V]: unknown }): readonly string[];
  readonly numbers: readonly string[];
}

/** From the scaled gradient to the vector that is subtracted. */
export interface Direction<V> {
  readonly state: StateNames<V>;
  /** Writes `w` and the state in place; returns `‖Δw‖₂`, decay included. */
  update(w: FloatArray, g: FloatArray, state: ParamState, factors: UpdateFactors, values: V, kernels: UpdateKernels, before?: NormsBefore): number;
  /** Whether `update` hands `before` on to a kernel, which writes the norms before the update into it. Default: no. */
  reportsNorms?(values: V): boolean;
}

/** Why a layer did not get the rate that its rule asked for. */
export type Limit =
  /** The scheduled rate is the cap, and the rule asked for more. */
  | "schedule"
  /** The rule asked for less than the smallest rate it may give. */
  | "floor"
  /** The rule asked for a larger step up than one step may bring. */
  | "growth"
  /** The rule has not seen enough steps yet. */
  | "warmup"
  /** A norm that the rule divides by, or multiplies with, is zero (or no number): it has no answer. */
  | "zeroNorm";

/** What a layer rate may look at. Norms are those before the step. */
export interface LayerRateInput {
  readonly w: FloatArray;
  /** The gradient as it was given, before weight decay. */
  readonly g: FloatArray;
  /** The layer's share of the schedule: `lr(t)`, times the layer scale where there is one. */
  readonly lr: number;
  readonly weightNorm: number;
  readonly gradNorm: number;
  /** The coefficient of weight decay, of either kind; 0 for an excluded parameter. */
  readonly weightDecay: number;
  readonly state: ParamState;
  readonly kernels: UpdateKernels;
}

export interface LayerRateResult {
  /** Multiplier of `lr`. */
  readonly trust: number;
  /** `lr · trust`, given as well because some rules find the rate itself and `lr` may be 0. */
  readonly rate: number;
  readonly limitedBy: Limit | null;
  /** False: no weight decay in this step (apex, at a zero norm). */
  readonly decays: boolean;
}

/** From the scheduled rate to the layer's own. */
export interface LayerRate<V> {
  readonly state: StateNames<V>;
  rateOf(layer: LayerRateInput, values: V): LayerRateResult;
}

export type Placement = "outside" | "inside" | "trustInside";

/** An optimizer as data: the presets are such records, and `createOptimizer` is the only step loop. */
export interface UpdateRule<Options> {
  readonly name: string;
  readonly direction: Direction<Values<Options>>;
  readonly layerRate: LayerRate<Values<Options>>;
  readonly placement: Placement;
  /** What a plain number (or schedule) given as `weightDecay` means. */
  readonly plainDecay: WeightDecay["kind"];
  readonly defaults: Partial<Options>;
  /** Every option that is a number, with the values it may take. Those without a default are required. */
  readonly ranges: { readonly [Option in keyof Options]?: Range };
  /** Parameters without weight decay and with `trust = 1`, unless the user says otherwise. */
  readonly exclude?: ParamSelector;
  readonly nonFinite?: NonFinitePolicy;
  /** What is wrong with a combination of options, in words, or null. */
  refusal?(options: Partial<Options>): { readonly option: string; readonly problem: string } | null;
}

/** What to do about a gradient that holds NaN or an infinity. */
export type NonFinitePolicy =
  /** Use it, as PyTorch does: the parameter becomes NaN too. */
  | "propagate"
  /** Leave the parameter and its state as they are, as for a missing gradient; its record says so. */
  | "skip"
  /** Throw before anything is written. */
  | "throw";
