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
 * Where a rule scales the gradient itself (its sign to maximize, a clipping rule of its own), g is the scaled one.
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

/** Beside the options' values: the step that they belong to. */
export interface AtStep {
  /** Completed steps of the optimizer. A parameter may have had fewer updates: see its state. */
  readonly t: number;
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
  arrays(options: { readonly [Option in keyof V as Exclude<Option, keyof AtStep>]: unknown }): readonly string[];
  readonly numbers: readonly string[];
  /** What these numbers, and the elements of these arrays, may be: a saved state with others is refused. Left out: finite numbers. */
  readonly ranges?: Readonly<Record<string, Range>>;
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

/** The vector whose norm a layer rate divides by. */
export type NormOf =
  /** g as given, whose norm every record holds anyway. */
  | "gradient"
  /** g + wd·w where decay is l2, else g: another pass over gradient and weights. */
  | "decayedGradient"
  /** u, with decoupled decay u + wd·w: the direction moves on first, into an array of its own. Needs the placement outside. */
  | "direction";

/** What a layer rate may look at before anything of this step is written. */
export interface LayerRateMeasures {
  readonly w: FloatArray;
  /** The gradient as it was given, before weight decay. */
  readonly g: FloatArray;
  /** The gradient of the batch before at the present weights, where the caller gave one to `step`. */
  readonly previousBatch: FloatArray | null;
  /** ‖w‖. */
  readonly weightNorm: number;
  readonly state: ParamState;
  readonly kernels: UpdateKernels;
}

/** What a layer rate may look at. Norms are those before the step. */
export interface LayerRateInput extends LayerRateMeasures {
  /** The layer's share of the schedule: `lr(t)`, times the layer scale where there is one. */
  readonly lr: number;
  /** ‖w‖; where the rule decays first, that of the decayed weights. */
  readonly weightNorm: number;
  /** ‖g‖. */
  readonly gradNorm: number;
  /** Norm of what the rule names in `normOf`. */
  readonly norm: number;
  /** The coefficient of weight decay, of either kind; 0 for an excluded parameter. */
  readonly weightDecay: number;
  /** What `measure` returned; empty without it. */
  readonly measured: readonly number[];
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
  /** Default "gradient". */
  readonly normOf?: NormOf;
  /** True: decoupled decay comes first, at the scheduled rate, and the rule sees the decayed weights. Default: beside the update, at the layer's rate. */
  decaysFirst?(values: V): boolean;
  /** Called for every parameter with a gradient before the first one is written. What it returns is handed to `rateOf`. */
  measure?(param: LayerRateMeasures, values: V): readonly number[];
  /** True: what `measure` returned is added up over the parameters of the layer. */
  sumsOverLayer?(values: V): boolean;
  /** True: from the second step on, `step` must be given the gradients of the batch before. */
  readsPreviousBatch?(values: V): boolean;
  rateOf(layer: LayerRateInput, values: V): LayerRateResult;
}

export type Placement = "outside" | "inside" | "trustInside";

/** An optimizer as data: the presets are such records, and `createOptimizer` is the only step loop. */
export interface UpdateRule<Options> {
  readonly name: string;
  readonly direction: Direction<Values<Options> & AtStep>;
  readonly layerRate: LayerRate<Values<Options> & AtStep>;
  readonly placement: Placement;
  /** What a plain number (or schedule) given as `weightDecay` means. */
  readonly plainDecay: WeightDecay["kind"];
  readonly defaults: Partial<Options>;
  /** Every option that is a number, with the values it may take. Those without a default are required. */
  readonly ranges: { readonly [Option in keyof Options]?: Range };
  /** Parameters without weight decay and with `trust = 1`, unless the user says otherwise. */
  readonly exclude?: ParamSelector;
  readonly nonFinite?: NonFinitePolicy;
  /** What every gradient is multiplied with before anything else: a clipping rule that belongs to the optimizer. `globalNorm` is ‖g‖ over all parameters. */
  gradientScale?(globalNorm: number, values: Values<Options>): number;
  /** Defaults that follow from the optimizer's other options; also the place to refuse options for what they lack. */
  derivedOptions?(options: Options): Partial<Options>;
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
