import { GradientError, OptionError } from "./errors.ts";
import { groupsByParam, paramsByName, type Group, type GroupOptions } from "./group.ts";
import { allocate, type UpdateKernels } from "./kernels.ts";
import { constantRate } from "./layerRates/constant.ts";
import type { LayerPosition, LayerScale } from "./layerScales/layerScale.ts";
import { namesOfFunctions } from "./named.ts";
import { norm as plainNorm } from "./norm.ts";
import { completeOptions, evaluate, type CommonOptions } from "./options.ts";
import { dtypeOf, layerOf, shapeOf, type FloatArray, type Param } from "./param.ts";
import { listed, select, type ParamSelector } from "./paramSelector.ts";
import { atLeastZero, checkRange, show } from "./range.ts";
import { loadState, saveState, type StateDict } from "./stateDict.ts";
import type { Limit, NonFinitePolicy, ParamState, Placement, UpdateRule } from "./updateRule.ts";

/** Options that every optimizer takes beside its hyper-parameters. */
export interface SharedOptions<Options> {
  /** Parameters that get other options. A parameter belongs to one group; those in none form the group `default`. */
  readonly groups?: readonly GroupOptions<Options>[];
  /** Parameters without weight decay and, where there is a layer rate, with `trust = 1`; `[]` excludes nothing. */
  readonly exclude?: ParamSelector;
  /** A multiplier for each layer, fixed or moving: `spread`, `layerRamp`, or a function of your own. */
  readonly layerScale?: LayerScale;
  /** What to do about a gradient that holds NaN or an infinity. Default "propagate" (madLlr: "skip"). */
  readonly nonFinite?: NonFinitePolicy;
  /** Faster loops, or memory of your own for the state. Default: plain TypeScript on new arrays. */
  readonly kernels?: UpdateKernels;
}

/** What one step did to one parameter. */
export interface StepRecord {
  readonly name: string;
  readonly layer: string;
  /** The schedule's value, `lr(t)`. */
  readonly lr: number;
  /** The layer's multiplier: layer scale times layer rate. 1 where every layer gets the same; 0 if the update was skipped. */
  readonly trust: number;
  /** `lr · trust`: what the layer really got. */
  readonly rate: number;
  /** `‖w‖₂` before the step. */
  readonly weightNorm: number;
  /** `‖g‖₂` of the gradient as given, before weight decay; 0 if there was none. */
  readonly gradNorm: number;
  /** `‖Δw‖₂`, weight decay included, before rounding to the parameter's type. */
  readonly updateNorm: number;
  /** Why the layer did not get the rate that its rule asked for; null if it did. */
  readonly limitedBy: Limit | null;
  /** Why parameter and state were left as they are; null if they were not. */
  readonly skipped: "noGradient" | "nonFinite" | null;
}

/** Gradients that are not kept on the parameters, by name. A name left out has no gradient in this step. */
export type Gradients = ReadonlyMap<string, FloatArray | null> | Readonly<Record<string, FloatArray | null>>;

export interface GroupSummary {
  readonly name: string;
  /** Options at the present step: schedules as their values, `weightDecay` as a number with its kind beside it. */
  readonly values: Readonly<Record<string, unknown>>;
  /** Options that move over time, with the call that made each schedule; `layerScale` among them. */
  readonly schedules: Readonly<Record<string, string>>;
  readonly decayKind: "l2" | "decoupled";
  readonly params: readonly { readonly name: string; readonly layer: string; readonly shape: readonly number[]; readonly lr: number; readonly excluded: boolean }[];
}

/** `Optimizer` alone is any of them: it can be stepped, saved, and told a rate. */
export interface Optimizer<Options = CommonOptions> {
  readonly name: string;
  /** Completed steps: the `t` that the next step's schedules get. */
  readonly stepCount: number;
  /** Which parameter is in which group, with the options of the next step. `describeGroups` prints it. */
  readonly groups: readonly GroupSummary[];
  /**
   * Updates every parameter that has a gradient, in place. Gradients are taken from the parameters unless they are given.
   *
   * @returns a fresh record for each parameter, in the order of construction
   * @throws GradientError, before anything is written, if a gradient's type or length is not its parameter's
   * @throws OptionError, before anything is written, if a schedule returns what its option may not be
   */
  step(gradients?: Gradients): StepRecord[];
  /** Sets every `grad` to null. */
  zeroGrad(): void;
  /** Changes options from the next step on, of all groups or of one: for interactive use; in programs schedules say it better. */
  set(options: Partial<Options>, group?: string): void;
  /** A copy of all state, by parameter name. The parameters themselves are yours to save. */
  stateDict(): StateDict;
  /** @throws StateError, before anything is written, if the state is not that of such an optimizer over such parameters */
  loadStateDict(dict: StateDict): void;
}

interface Slot<Options> {
  readonly param: Param;
  readonly layer: LayerPosition;
  readonly group: Group<Options>;
  readonly excluded: boolean;
  readonly state: ParamState;
  gradient: FloatArray | null;
  gradNorm: number;
}

/**
 * The one step loop: every preset is this function with a rule, and so is an optimizer of your own. Groups, schedules, layer
 * scales, records, saved state and refusals come with it.
 *
 * A step evaluates each group's options, checks every gradient, and only then writes, parameter by parameter: layer rate,
 * direction, record.
 *
 * @example
 * import { constantRate, createOptimizer, type Param, type UpdateRule } from "@llr/optim";
 * // Descent by the sign of the gradient, as an optimizer.
 * interface SignOptions { readonly lr: number; readonly weightDecay?: number }
 * const signRule: UpdateRule<SignOptions> = {
 *   name: "signDescent",
 *   direction: {
 *     state: { arrays: () => [], numbers: [] },
 *     update(w, g, _state, { outer }) {
 *       for (let i = 0; i < w.length; i++) w[i] -= outer * Math.sign(g[i]);
 *       return outer * Math.sqrt(w.length);
 *     },
 *   },
 *   layerRate: constantRate,
 *   placement: "outside",
 *   plainDecay: "l2",
 *   defaults: { weightDecay: 0 },
 *   ranges: { lr: { needs: "a number > 0", holds: (x) => x > 0 } },
 * };
 * const w: Param = { name: "w", data: Float64Array.of(1, 1), grad: Float64Array.of(100, -0.01) };
 * createOptimizer(signRule, [w], { lr: 0.1 }).step()[0].rate // => 0.1
 * w.data // => [0.9, 1.1]
 * createOptimizer(signRule, [w], { lr: 0 }) // throws signDescent: lr is 0. It needs a number > 0.
 */
export function createOptimizer<Options extends CommonOptions>(rule: UpdateRule<Options>, params: Iterable<Param>, options: Options & SharedOptions<Options>): Optimizer<Options> {
  const { groups: groupList = [], exclude = rule.exclude ?? [], layerScale, nonFinite = rule.nonFinite ?? "propagate", kernels = {}, ...common } = options;
  if (!["propagate", "skip", "throw"].includes(nonFinite))
    throw new OptionError(rule.name, "nonFinite", `nonFinite is ${show(nonFinite)}. It needs "propagate", "skip" or "throw".`);
  const norm = kernels.norm ?? plainNorm;
  const byName = paramsByName(rule.name, params);
  const slots = makeSlots();
  const groups = [...new Set(slots.map((slot) => slot.group))];
  let completed = 0;

  function makeSlots(): Slot<Options>[] {
    const groupOf = groupsByParam(rule, byName, common as unknown as Partial<Options>, groupList);
    const excluded = select(rule.name, "exclude", exclude, byName);
    const layers = new Map([...new Set([...byName.values()].map(layerOf))].map((name, index, all) => [name, { name, index, count: all.length }]));
    return [...byName.values()].map((param) => {
      const slot = { param, layer: layers.get(layerOf(param))!, group: groupOf.get(param)!, excluded: excluded.has(param), state: { arrays: {}, numbers: {} }, gradient: null, gradNorm: 0 };
      allocateState(slot);
      return slot;
    });
  }

  /** All state is made here, so that a step allocates none; the same again after an option has changed. */
  function allocateState({ param, group, excluded, state }: Slot<Options>): void {
    for (const { state: names } of [rule.direction, excluded ? constantRate : rule.layerRate]) {
      for (const key of names.arrays(group.options)) state.arrays[key] ??= (kernels.allocate ?? allocate)(param.data);
      for (const key of names.numbers) state.numbers[key] ??= 0;
    }
  }

  function step(gradients?: Gradients): StepRecord[] {
    for (const group of groups) group.values = evaluate(rule, group.options, completed, group.name);
    const given = gradients === undefined ? null : givenGradients(gradients);
    for (const slot of slots) {
      slot.gradient = (given === null ? slot.param.grad : given.get(slot.param.name)) ?? null;
      if (slot.gradient !== null) checkGradient(slot.param, slot.gradient);
      slot.gradNorm = slot.gradient === null ? 0 : norm(slot.gradient);
      if (nonFinite === "throw" && !Number.isFinite(slot.gradNorm))
        throw new GradientError(rule.name, slot.param.name, `the gradient of ${slot.param.name} is not finite (its norm is ${slot.gradNorm}) at step ${completed}. nonFinite: "throw" needs finite gradients.`);
    }
    const scales = slots.map(scaleOf);
    const records = slots.map((slot, i) => update(slot, scales[i]));
    for (const slot of slots) slot.gradient = null;
    completed++;
    return records;
  }

  function givenGradients(gradients: Gradients): ReadonlyMap<string, FloatArray | null> {
    const given = new Map(Symbol.iterator in gradients ? gradients : Object.entries(gradients));
    for (const name of given.keys())
      if (!byName.has(name)) throw new GradientError(rule.name, name, `there is a gradient for ${name}, which is none of the parameters: ${listed([...byName.keys()])}.`);
    return given;
  }

  function checkGradient({ name, data }: Param, gradient: FloatArray): void {
    if (gradient.constructor === data.constructor && gradient.length === data.length) return;
    const [type, needed] = [dtypeOf(gradient), dtypeOf(data)];
    if (type === needed && gradient.length === data.length) return;
    throw new GradientError(rule.name, name, `the gradient of ${name} is ${type ?? show(gradient)} of length ${gradient.length}. It needs ${needed} of length ${data.length}, as the parameter.`);
  }

  function scaleOf({ layer }: Slot<Options>): number {
    if (layerScale === undefined) return 1;
    const scale = layerScale(layer, completed);
    checkRange(rule.name, "layerScale", scale, atLeastZero, ` for layer ${layer.name} at step ${completed}`);
    return scale;
  }

  function update({ param, layer, group, excluded, state, gradient, gradNorm }: Slot<Options>, scale: number): StepRecord {
    const { data: w, name } = param;
    const { values, options } = group;
    const weightNorm = norm(w);
    const record = { name, layer: layer.name, lr: values.lr, trust: 0, rate: 0, weightNorm, gradNorm, updateNorm: 0, limitedBy: null };
    if (gradient === null) return { ...record, skipped: "noGradient" };
    if (nonFinite === "skip" && !Number.isFinite(gradNorm)) return { ...record, skipped: "nonFinite" };

    const lr = values.lr * scale;
    const weightDecay = excluded ? 0 : values.weightDecay;
    const layerRate = excluded ? constantRate : rule.layerRate;
    const { trust, rate, limitedBy, decays } = layerRate.rateOf({ w, g: gradient, lr, weightNorm, gradNorm, weightDecay, state, kernels }, values);
    const wd = decays ? weightDecay : 0;
    const decay = options.weightDecay.kind === "l2" ? { l2: wd, decay: 0 } : { l2: 0, decay: rate * wd };
    const factors = { ...factorsOf(rule.placement, lr, trust, rate), ...decay };
    const updateNorm = rule.direction.update(w, gradient, state, factors, values, kernels);
    param.afterUpdate?.();
    return { ...record, trust: scale * trust, rate, updateNorm, limitedBy, skipped: null };
  }

  function set(changes: Partial<Options>, groupName?: string): void {
    const chosen = groups.filter((group) => groupName === undefined || group.name === groupName);
    if (chosen.length === 0)
      throw new OptionError(rule.name, "group", `there is no group ${show(groupName)}. The groups are ${groups.map((group) => show(group.name)).join(", ")}.`);
    const changed = chosen.map((group) => completeOptions(rule, { ...group.options, ...changes }, completed, group.name));
    for (const [i, group] of chosen.entries()) group.options = changed[i];
    for (const slot of slots) allocateState(slot);
  }

  function summary(group: Group<Options>): GroupSummary {
    const values = evaluate(rule, group.options, completed, group.name);
    const members = slots.filter((slot) => slot.group === group);
    const params = members.map((slot) => ({ name: slot.param.name, layer: slot.layer.name, shape: shapeOf(slot.param), lr: values.lr * scaleOf(slot), excluded: slot.excluded }));
    const hypers: Record<string, unknown> = { ...group.options, weightDecay: group.options.weightDecay.value, layerScale };
    const schedules = namesOfFunctions([...Object.keys(rule.ranges), "layerScale"].map((option) => [option, hypers[option]]));
    return { name: group.name, values, schedules, decayKind: group.options.weightDecay.kind, params };
  }

  return {
    name: rule.name,
    get stepCount() {
      return completed;
    },
    get groups() {
      return groups.map(summary);
    },
    step,
    zeroGrad() {
      for (const { param } of slots) param.grad = null;
    },
    set,
    stateDict: () => saveState(rule.name, completed, slots),
    loadStateDict(dict) {
      completed = loadState(rule.name, dict, slots);
    },
  };
}

function factorsOf(placement: Placement, lr: number, trust: number, rate: number): { inner: number; outer: number } {
  if (placement === "inside") return { inner: rate, outer: 1 };
  if (placement === "trustInside") return { inner: trust, outer: lr };
  return { inner: 1, outer: rate };
}
