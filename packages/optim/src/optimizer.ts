import { GradientError, OptionError } from "./errors.ts";
import type { GroupOptions } from "./group.ts";
import { allocate, type UpdateKernels } from "./kernels.ts";
import { constantRate } from "./layerRates/constant.ts";
import type { LayerPosition, LayerScale } from "./layerScales/layerScale.ts";
import { norm as plainNorm, normOfNorms } from "./norm.ts";
import type { CommonOptions } from "./options.ts";
import { overlapping } from "./overlapping.ts";
import { checkArray, dtypeOf, type FloatArray, type Param } from "./param.ts";
import { listed, type Exclusion, type ParamSelector } from "./paramSelector.ts";
import { planOptimizer, type Planned } from "./plan.ts";
import { show, type Range } from "./range.ts";
import { checkState, loadState, saveState, type StateDict } from "./stateDict.ts";
import { stateChecks } from "./stateChecks.ts";
import { updateParam, type Scratch } from "./updateParam.ts";
import type { LayerRateMeasures, Limit, NonFinitePolicy, ParamState, UpdateRule } from "./updateRule.ts";

/** Options that every optimizer takes beside its hyper-parameters. */
export interface SharedOptions<Options> {
  /** Parameters that get other options. A parameter belongs to one group; those in none form the group `default`. */
  readonly groups?: readonly GroupOptions<Options>[];
  /** Parameters without weight decay and, where there is a layer rate, with `trust = 1`; or one selection for each. `[]` excludes nothing. */
  readonly exclude?: ParamSelector | Exclusion;
  /** A multiplier for each layer, fixed or moving: `spread`, `layerRamp`, or a function of your own. */
  readonly layerScale?: LayerScale;
  /** Climb instead of descend: every gradient is taken with the opposite sign. Weight decay still shrinks. Default false. */
  readonly maximize?: boolean;
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

/** What is known of a gradient before a step writes anything. */
export type MeasuredGradient = Pick<StepRecord, "name" | "layer" | "gradNorm" | "skipped">;

/** Gradients that are not kept on the parameters, by name. A name left out has no gradient in this step. */
export type Gradients = ReadonlyMap<string, FloatArray | null> | Readonly<Record<string, FloatArray | null>>;

export interface GroupSummary {
  readonly name: string;
  /** Options at the present step `t`: schedules as their values, `weightDecay` as a number with its kind beside it. */
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
  /** Gradients left out so far because they were not finite (`nonFinite: "skip"`), counted per parameter and step since construction. */
  readonly skippedCount: number;
  /** What it does about a gradient that is not finite. */
  readonly nonFinite: NonFinitePolicy;
  /** Which parameter is in which group, with the options of the next step. `describeGroups` prints it. */
  readonly groups: readonly GroupSummary[];
  /**
   * Updates every parameter that has a gradient, in place. Gradients are taken from the parameters unless they are given.
   * `previousBatch` is for rules that compare two gradients of one batch (madLlr's `secant: "sameBatch"`): the gradients of
   * the batch of the step before, at the present weights. `inspect` is called before anything is written, with the gradients
   * that were measured by then, in the order of construction: all but those whose norms `kernels.reportsNorms` find during
   * the update. What it throws ends the step.
   *
   * @returns a fresh record for each parameter, in the order of construction
   * @throws GradientError, before anything is written, if a gradient's type or length is not its parameter's, or a parameter
   *         has another length than at construction
   * @throws OptionError, before anything is written, if a schedule returns what its option may not be
   */
  step(gradients?: Gradients, previousBatch?: Gradients, inspect?: (measured: readonly MeasuredGradient[]) => void): StepRecord[];
  /** Sets every `grad` to null. */
  zeroGrad(): void;
  /** Changes options from the next step on, of all groups or of one: for interactive use; in programs schedules say it better. */
  set(options: Partial<Options>, group?: string): void;
  /** A copy of all state, by parameter name. The parameters themselves are yours to save. */
  stateDict(): StateDict;
  /** @throws StateError, before anything is written, if the state is not that of such an optimizer over such parameters */
  loadStateDict(dict: StateDict): void;
}

/** What the loop knows of one parameter; the second part is of the present step. */
interface Slot<Options> extends Planned<Options> {
  /** Values at construction: state is as long. */
  readonly size: number;
  readonly state: ParamState;
  readonly ranges: Readonly<Record<string, Range>>;
  readonly scratch: Scratch | null;

  gradient: FloatArray | null;
  previousBatch: FloatArray | null;
  /** Nothing is decided by its norms in this step: a kernel finds them in its one pass, and until then they are 0. */
  normsComeWithUpdate: boolean;
  gradNorm: number;
  weightNorm: number;
  skipped: StepRecord["skipped"];
  scale: number;
  measured: readonly number[];
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
  const plan = planOptimizer(rule, params, options);
  const arrays = plan.params.map(({ param }) => checkArray(rule.name, param).data);
  const shared = overlapping(arrays);
  if (shared) {
    const [one, other] = shared.map((i) => plan.params[i].name);
    throw new OptionError(rule.name, "params", `${one} and ${other} share memory, and would be updated twice in a step. It needs shared weights once, as one parameter.`);
  }
  const { kernels = {} } = options;
  const norm = kernels.norm ?? plainNorm;
  const newArray = kernels.allocate ?? allocate;
  const { byName, maximize, nonFinite } = plan;
  const slots = plan.params.map(makeSlot);
  /** Sums over parameters have the same bits in whatever order the parameters were given. */
  const byNameOrder = [...slots].sort((a, b) => (a.name < b.name ? -1 : 1));
  let completed = 0;
  let skippedCount = 0;

  function makeSlot(planned: Planned<Options>): Slot<Options> {
    const { param, layerRate } = planned;
    const scratch = layerRate.normOf === "direction" ? { direction: newArray(param.data), decayedGradient: newArray(param.data) } : null;
    const slot = { ...planned, size: param.data.length, state: { arrays: {}, numbers: {} }, ranges: plan.stateOf(planned).ranges, scratch, gradient: null, previousBatch: null, normsComeWithUpdate: false, gradNorm: 0, weightNorm: 0, skipped: null, scale: 1, measured: [] };
    allocateState(slot);
    return slot;
  }

  /** All state is made here, so that a step allocates none; the same again after an option has changed. */
  function allocateState(slot: Slot<Options>): void {
    const { arrays, numbers } = plan.stateOf(slot);
    for (const key of arrays) slot.state.arrays[key] ??= newArray(slot.param.data);
    for (const key of numbers) slot.state.numbers[key] ??= 0;
  }

  function step(gradients?: Gradients, previousBatch?: Gradients, inspect?: (measured: readonly MeasuredGradient[]) => void): StepRecord[] {
    if (inspect !== undefined && typeof inspect !== "function") throw new OptionError(rule.name, "inspect", `inspect is ${show(inspect)}. It needs a function, or nothing.`);
    plan.evaluateAt(completed);
    receive(gradients, previousBatch);
    for (const slot of slots) slot.scale = plan.scaleAt(slot, completed);
    inspect?.(slots.filter((slot) => !slot.normsComeWithUpdate).map(({ name, layer, gradNorm, skipped }) => ({ name, layer: layer.name, gradNorm, skipped })));
    // Nothing is refused from here on, and everything is measured before the first weight is written.
    for (const slot of slots) slot.weightNorm = slot.normsComeWithUpdate ? 0 : norm(slot.param.data);
    measureLayers();
    const globalNorm = rule.gradientScale ? normOverAll() : 0;
    const records = slots.map((slot) => update(slot, globalNorm));
    for (const slot of slots) slot.gradient = slot.previousBatch = null;
    completed++;
    return records;
  }

  /** Takes over this step's gradients, or refuses them. */
  function receive(gradients?: Gradients, previousBatch?: Gradients): void {
    const [given, second] = [gradients, previousBatch].map((batch) => (batch === undefined || batch === null ? undefined : named(batch)));
    for (const slot of slots) {
      const { param, name, size, group, layerRate } = slot;
      if (param.data?.length !== size)
        throw new GradientError(rule.name, name, `${name} has ${param.data?.length} values at step ${completed} and had ${size} at construction. It needs the size that its state has.`);
      slot.gradient = (given ? given.get(name) : param.grad) ?? null;
      slot.previousBatch = second?.get(name) ?? null;
      for (const gradient of [slot.gradient, slot.previousBatch]) if (gradient !== null) checkGradient(slot, gradient);
      slot.normsComeWithUpdate = slot.gradient !== null && decidesNothingByNorms(slot);
      slot.gradNorm = slot.gradient === null || slot.normsComeWithUpdate ? 0 : norm(slot.gradient);
      if (nonFinite === "throw" && !Number.isFinite(slot.gradNorm))
        throw new GradientError(rule.name, name, `the gradient of ${name} is not finite (its norm is ${slot.gradNorm}) at step ${completed}. nonFinite: "throw" needs finite gradients.`);
      if (completed > 0 && !second && layerRate.readsPreviousBatch?.(group.values))
        throw new GradientError(rule.name, name, `step ${completed} has no gradients of the batch before. It needs them as step(gradients, previousBatch); pass {} to leave the estimate as it is.`);
      slot.skipped = slot.gradient === null ? "noGradient" : nonFinite === "skip" && !Number.isFinite(slot.gradNorm) ? "nonFinite" : null;
    }
  }

  /** Whether neither a policy nor a layer rate nor clipping asks for the norms before the update, and the update reports them. */
  function decidesNothingByNorms({ layerRate, group }: Slot<Options>): boolean {
    const nothingDecidedByThem = nonFinite === "propagate" && layerRate === constantRate && rule.gradientScale === undefined;
    return nothingDecidedByThem && kernels.reportsNorms === true && (rule.direction.reportsNorms?.(group.values) ?? false);
  }

  function named(gradients: Gradients): ReadonlyMap<string, FloatArray | null> {
    const isMap = typeof gradients === "object" && gradients !== null && Symbol.iterator in gradients;
    const entries: readonly unknown[] | null = typeof gradients !== "object" || gradients === null || ArrayBuffer.isView(gradients) ? null : isMap ? [...gradients] : Object.entries(gradients);
    if (entries === null || !entries.every(isNamed)) throw new GradientError(rule.name, "", `the gradients are ${show(gradients)}. It needs a map or an object of arrays by the names of parameters.`);
    const given = new Map(entries);
    for (const name of given.keys())
      if (!byName.has(name)) throw new GradientError(rule.name, name, `there is a gradient for ${name}, which is none of the parameters: ${listed([...byName.keys()])}.`);
    return given;
  }

  function checkGradient({ name, param: { data } }: Slot<Options>, gradient: FloatArray): void {
    const [type, needed] = [dtypeOf(gradient), dtypeOf(data)];
    if (type === needed && gradient.length === data.length) return;
    throw new GradientError(rule.name, name, `the gradient of ${name} is ${type === null ? show(gradient) : `${type} of length ${gradient.length}`}. It needs ${needed} of length ${data.length}, as the parameter${Array.isArray(gradient) ? `: ${needed === "float32" ? "Float32Array" : "Float64Array"}.from(gradient)` : ""}.`);
  }

  function normOverAll(): number {
    return normOfNorms(byNameOrder.map(({ skipped, gradNorm }) => (skipped === null ? gradNorm : 0)));
  }

  /** For layer rates that compare parameters, or look at them before any has moved. */
  function measureLayers(): void {
    if (!rule.layerRate.measure) return;
    const sums = new Map<LayerPosition, number[]>();
    const active = byNameOrder.filter(({ skipped, layerRate }) => skipped === null && layerRate.measure);
    for (const slot of active) {
      const { layerRate, layer, group } = slot;
      slot.measured = layerRate.measure!(measures(slot), group.values);
      if (!layerRate.sumsOverLayer?.(group.values)) continue;
      const sum = sums.get(layer);
      sums.set(layer, sum ? sum.map((x, i) => x + slot.measured[i]) : [...slot.measured]);
    }
    for (const slot of active) if (slot.layerRate.sumsOverLayer?.(slot.group.values)) slot.measured = sums.get(slot.layer)!;
  }

  function measures({ param, gradient, previousBatch, weightNorm, state }: Slot<Options>): LayerRateMeasures {
    return { w: param.data, g: gradient!, previousBatch, weightNorm, state, kernels };
  }

  function update(slot: Slot<Options>, globalNorm: number): StepRecord {
    const { param, name, layer, group, excluded, layerRate, gradNorm, weightNorm, skipped, scale, measured, scratch } = slot;
    const { values, options } = group;
    const record = { name, layer: layer.name, lr: values.lr, trust: 0, rate: 0, weightNorm, gradNorm, updateNorm: 0, limitedBy: null, skipped };
    if (skipped === "nonFinite") skippedCount++;
    if (skipped !== null) return record;
    const before = slot.normsComeWithUpdate ? { weightNorm: 0, gradNorm: 0 } : undefined;
    const { trust, rate, limitedBy, updateNorm } = updateParam(rule, {
      ...measures(slot),
      layerRate,
      values,
      lr: values.lr * scale,
      gradNorm,
      weightDecay: excluded ? 0 : values.weightDecay,
      decayKind: options.weightDecay.kind,
      gradientScale: (maximize ? -1 : 1) * (rule.gradientScale?.(globalNorm, values) ?? 1),
      measured,
      scratch,
    }, before);
    param.afterUpdate?.();
    return { ...record, ...before, trust: scale * trust, rate, updateNorm, limitedBy };
  }

  const optimizer: Optimizer<Options> = {
    name: rule.name,
    get stepCount() {
      return completed;
    },
    get skippedCount() {
      return skippedCount;
    },
    nonFinite,
    get groups() {
      return plan.summaryAt(completed);
    },
    step,
    zeroGrad() {
      for (const { param } of slots) param.grad = null;
    },
    set(changes, group) {
      plan.set(changes, group, completed);
      for (const slot of slots) allocateState(slot);
    },
    stateDict: () => saveState(rule.name, completed, slots),
    loadStateDict(dict) {
      completed = loadState(rule.name, dict, slots);
    },
  };
  stateChecks.set(optimizer, (dict) => checkState(rule.name, dict, slots));
  return optimizer;
}

const isNamed = (entry: unknown): entry is readonly [string, FloatArray | null] => Array.isArray(entry) && typeof entry[0] === "string";
