import { descend } from "./descend.ts";
import type { NormsBefore, UpdateKernels } from "./kernels.ts";
import { norm as plainNorm, normOfSum } from "./norm.ts";
import type { CommonOptions, CompleteValues } from "./options.ts";
import type { FloatArray } from "./param.ts";
import type { AtStep, LayerRate, LayerRateMeasures, LayerRateResult, Placement, UpdateRule, Values } from "./updateRule.ts";
import type { WeightDecay } from "./weightDecay.ts";

/** Arrays of a parameter's length for rules that read the direction before it is applied: not state, nothing outlives a step. */
export interface Scratch {
  readonly direction: FloatArray;
  readonly decayedGradient: FloatArray;
}

/** One parameter in one step, with everything that does not depend on the rule looked up. */
export interface ParamStep<Options> extends LayerRateMeasures {
  readonly layerRate: LayerRate<Values<Options> & AtStep>;
  readonly values: CompleteValues<Options>;
  readonly lr: number;
  readonly gradNorm: number;
  readonly weightDecay: number;
  readonly decayKind: WeightDecay["kind"];
  /** What the gradient is multiplied with before anything else: 1, −1 to maximize, or what a rule's own clipping says. */
  readonly gradientScale: number;
  readonly measured: readonly number[];
  readonly scratch: Scratch | null;
}

/** Writes the weights and the state of one parameter, in the order of the formula in updateRule.ts. */
export function updateParam<Options extends CommonOptions>(rule: UpdateRule<Options>, step: ParamStep<Options>, before?: NormsBefore): LayerRateResult & { readonly updateNorm: number } {
  const { layerRate, values, w, g, state, kernels, lr, weightDecay, decayKind, gradientScale } = step;
  const isL2 = decayKind === "l2";
  const decaysFirst = !isL2 && weightDecay > 0 && (layerRate.decaysFirst?.(values) ?? false);
  // inner · (g + l2·w) with the scale in `inner` is scale · g + wd·w. A scale of 0 is that of a norm without end: nothing is left to decay with.
  const l2 = isL2 && weightDecay > 0 && gradientScale !== 0 ? weightDecay / gradientScale : 0;
  const weightNorm = decaysFirst ? Math.abs(1 - lr * weightDecay) * step.weightNorm : step.weightNorm;

  const u = layerRate.normOf === "direction" ? moveOn(rule, step, l2) : null;
  const norm = u !== null ? normWith(u, isL2 || decaysFirst ? 0 : weightDecay, w, kernels) : layerRate.normOf === "decayedGradient" ? Math.abs(gradientScale) * normWith(g, l2, w, kernels) : step.gradNorm;

  const result = layerRate.rateOf({ ...step, weightNorm, norm }, values);
  const { trust, rate, decays } = result;
  const decay = isL2 || !decays ? 0 : (decaysFirst ? lr : rate) * weightDecay;
  if (u !== null) return { ...result, updateNorm: subtract(w, u, rate, decay, kernels) };
  const { inner, outer } = factorsOf(rule.placement, lr, trust, rate);
  const updateNorm = rule.direction.update(w, g, state, { inner: gradientScale * inner, l2: decays ? l2 : 0, outer, decay }, values, kernels, before);
  return { ...result, updateNorm };
}

/** Moves the direction's state on and returns u, with which no weight was changed yet. */
function moveOn<Options>(rule: UpdateRule<Options>, { w, g, state, values, kernels, gradientScale, scratch }: ParamStep<Options>, l2: number): FloatArray {
  const { direction: u, decayedGradient } = scratch!;
  if (l2 !== 0) for (let i = 0; i < g.length; i++) decayedGradient[i] = g[i] + l2 * w[i];
  // A step of −1 from zero: what is left is the direction.
  u.fill(0);
  rule.direction.update(u, l2 === 0 ? g : decayedGradient, state, { inner: gradientScale, l2: 0, outer: -1, decay: 0 }, values, kernels);
  return u;
}

function normWith(x: FloatArray, a: number, y: FloatArray, kernels: UpdateKernels): number {
  return a === 0 ? (kernels.norm ?? plainNorm)(x) : normOfSum(x, a, y);
}

/** w ← w − outer·u − decay·w, which is what the momentum kernel does without a buffer. */
function subtract(w: FloatArray, u: FloatArray, outer: number, decay: number, kernels: UpdateKernels): number {
  const factors = { inner: 1, l2: 0, outer, decay, momentum: 0, dampening: 0, nesterov: false, first: true };
  return kernels.momentum ? kernels.momentum(w, u, null, factors) : descend(w, u, factors);
}

function factorsOf(placement: Placement, lr: number, trust: number, rate: number): { inner: number; outer: number } {
  if (placement === "inside") return { inner: rate, outer: 1 };
  if (placement === "trustInside") return { inner: trust, outer: lr };
  return { inner: 1, outer: rate };
}
