import type { Parameter } from "@llr/autograd";
import type { CommonOptions, GroupSummary, Param, Plan, Planned, SharedOptions, StateDict, StepRecord, UpdateRule } from "@llr/optim";
import { loadState, OptionError, planOptimizer } from "@llr/optim";
import { assign, type PinnedTensor, scope, type Tensor, tensor, zeros } from "@llr/tensor";
import { deviceBuffer } from "@llr/tensor/engine";
import type { Dims, Gpu } from "@llr/tensor/gpu";
import { type DeviceDirection, deviceDirections, type Elementwise } from "./deviceDirections.ts";
import { type AnyValues, type DeviceRate, deviceRates, LIMITS } from "./deviceRates.ts";
import { type RateKernel, rateKernel } from "./rateKernel.ts";
import { meanSource } from "./runningMeans.ts";
import { Snapshots } from "./snapshots.ts";
import { type Summed, sumsOfSquares } from "./sumsOfSquares.ts";

export interface DeviceOptions {
  /**
   * Steps from one copy of the parameters to the next, which is read without waiting and is what {@link DeviceOptimizer.recover} goes
   * back to. Each takes the way of all parameters to memory: a large model wants a larger number. 0: none. Default 1.
   */
  readonly snapshotEvery?: number;
  /** What else is copied with the parameters, such as running statistics. */
  readonly buffers?: Iterable<PinnedTensor>;
}

/** An optimizer whose parameters, gradients and state lie on a device, and that never waits for it. */
export interface DeviceOptimizer<Options> {
  readonly name: string;
  /** Completed steps. */
  readonly stepCount: number;
  readonly groups: readonly GroupSummary[];
  /**
   * Updates every parameter that has a gradient on the device (`deviceGrad`). Returns at once.
   *
   * @throws OptionError, before anything is written, if a schedule returns what its option may not be; DeviceLostError, and then
   *   parameters and state are those of the step before
   */
  step(): void;
  /** Sets every gradient to null. */
  zeroGrad(): void;
  /** Changes options from the next step on, of all groups or of one. */
  set(options: Partial<Options>, group?: string): void;
  /**
   * What the last step did; empty before the first, and after `loadStateDict`. It waits for the device, so a loop asks every few steps. A gradient that is not
   * finite shows in `gradNorm`. `updateNorm` is that of the weights as they really moved, rounding included.
   */
  readRecords(): Promise<StepRecord[]>;
  /** As that of the optimizer in memory, which can load it; also the other way round. */
  stateDict(): Promise<StateDict>;
  /** @throws StateError, before anything is written, if the state is not that of such an optimizer over such parameters */
  loadStateDict(dict: StateDict): void;
  /**
   * After the device was lost: moves the parameters (and `buffers`) back to memory with the numbers of the last step whose copy
   * arrived as a whole, without gradients.
   *
   * @returns how many steps were completed then; 0: the numbers of the start
   */
  recover(): Promise<number>;
}

interface Slot<Options> extends Planned<Options> {
  readonly parameter: Parameter;
  /** The row of this parameter, for kernels that are compiled once for all of a size. */
  readonly row: Tensor;
  readonly rate: DeviceRate;
  readonly arrays: Record<string, PinnedTensor>;
  /** Counters; MAD-LLR's `rate`, the only other number, is on the device. */
  counters: Record<string, number>;
}

/** One parameter in one step, as far as the host knows it. */
interface Prepared {
  readonly gradient: Tensor | null;
  readonly lr: number;
  readonly scale: number;
  readonly given: Record<string, number>;
  readonly counters: Record<string, number>;
}

/**
 * An optimizer of @llr/optim on a device, by its rule: `sgdRule`, `adamRule`, `adamWRule`, `larsRule`, `larsUnscaledMomentumRule`,
 * `larcRule` and `madLlrRule`, or a rule of your own of the directions and layer rates of these. It takes the options of the
 * optimizer in memory (groups, exclusions, schedules, layer scales) and does the same, step by step: see there for formulas.
 * Norms, trust ratios and limits are computed on the device, and a step reads nothing back.
 *
 * The differences: all is in single precision, so that after a few steps the numbers differ by some 1e-6 of the largest; norms
 * count elements below 1e-19 as 0 and are infinite above 1e19. A gradient that is not finite is used as it is
 * (`nonFinite: "propagate"`, for madLlr too): to skip or to throw one would have to wait. MAD-LLR's secant is that of averages.
 *
 * A step launches for each parameter one kernel for the weights, one for each array of state, and about one more for the norms;
 * the rates of all layers are one. ResNet-20 has 59 parameters: 164 launches with momentum, 223 for adamW, 308 for madLlr.
 *
 * @throws OptionError as the optimizer in memory does, and for what does not run on a device: rules with other parts, and the options
 *   `nonFinite: "skip"` and `"throw"`, `secant: "sameBatch"` and `kernels`; also for parameters that are in memory
 * @example
 * import { backward, parameter } from "@llr/autograd";
 * import { larcRule } from "@llr/optim";
 * import { matmul, scope, tensor } from "@llr/tensor";
 * import { useGpu } from "@llr/tensor/gpu";
 * import { deviceOptimizer } from "@llr/train/gpu";
 * const gpu = await useGpu({ engine: "webasm", software: true }); // for this example: on the CPU
 * const w = parameter([[3], [4]], { name: "w" });
 * gpu.move([w]); // a model's parameters, and its buffers: before the optimizer is made
 * const optimizer = deviceOptimizer(gpu, larcRule, [w], { lr: 0.1, trustCoefficient: 0.02 });
 * const x = gpu.upload(tensor([[0, 10]]));
 * const log: number[][] = [];
 * for (let step = 1; step <= 20; step++) {
 *   const { loss } = scope(() => {
 *     const loss = matmul(x, w);
 *     optimizer.zeroGrad();
 *     backward(loss);
 *     optimizer.step();
 *     return { loss };
 *   });
 *   // Every few steps only, for this waits; and after the scope.
 *   if (step % 10 === 0) log.push([(await loss.read())[0], (await optimizer.readRecords())[0].rate]);
 * }
 * log // => [[31.54045, 0.00871], [23.35762, 0.00760]]
 * w.data // throws await tensor.read()
 * await gpu.retrieve([w]);
 * w.data[0] // => 3
 */
export function deviceOptimizer<Options extends CommonOptions>(gpu: Gpu, rule: UpdateRule<Options>, params: Iterable<Parameter>, options: Options & SharedOptions<Options> & DeviceOptions): DeviceOptimizer<Options> {
  const { snapshotEvery = 1, buffers = [], ...shared } = options;
  const inMemory = shared as unknown as Options & SharedOptions<Options>;
  const { direction, rate } = partsOf(rule, inMemory);
  const plan = planOptimizer(rule, params as Iterable<Parameter & Param>, { ...inMemory, nonFinite: "propagate" });
  const slots = plan.params.map((planned, index) => makeSlot(gpu, plan, planned, rule.name, index));
  for (const { group } of slots) refuse(rule.name, rate.refusal?.(group.options as Record<string, unknown>));
  const kernel = rateKernel(slots.length, rate, direction, rule.placement);
  const size = [slots.length, kernel.decided.count];
  /** The numbers of the last step, one row a parameter, and Σ(Δw)². */
  const decided = onDevice(gpu, zeros(size), "layer rates");
  const changes = onDevice(gpu, zeros([slots.length, 1]), "changes");
  const snapshots = new Snapshots([...slots.map(({ parameter }) => parameter), ...buffers], snapshotEvery, rule.name);
  let completed = 0;
  let last: readonly Prepared[] = [];

  function step(): void {
    plan.evaluateAt(completed);
    const prepared = slots.map(prepare);
    scope(() => {
      const given = tensor(kernel.given.packed(prepared.map((p) => p.given)), [slots.length, kernel.given.count]);
      const sums = sumsOfSquares(gpu, slots.flatMap((slot, i) => summed(slot, prepared[i].gradient, kernel.sumsPerParam)));
      const rates = kernel.run(gpu, given, sums, decided);
      const written = slots.flatMap((slot, i) => updated(gpu, direction, kernel, slot, prepared[i].gradient, rates));
      const movedTo = new Map<Tensor, Tensor>(written);
      const moved = sumsOfSquares(gpu, slots.map(({ parameter }): Summed => (movedTo.has(parameter) ? [movedTo.get(parameter)!, parameter] : null)));
      // Nothing was written so far: a device that fails leaves all as it was.
      for (const [target, value] of [...written, [decided, rates] as const, [changes, moved] as const]) assign(target, value);
    });
    for (const [i, slot] of slots.entries()) slot.counters = prepared[i].counters;
    last = prepared;
    completed++;
    snapshots.take(completed);
  }

  function prepare(slot: Slot<Options>, index: number): Prepared {
    const { parameter, group, excluded, layer, counters } = slot;
    const values = group.values as unknown as AnyValues;
    const { lr, weightDecay } = group.values;
    const scale = plan.scaleAt(slot, completed);
    const gradient = parameter.deviceGrad;
    const isActive = gradient !== null;
    const decay = excluded ? 0 : weightDecay;
    const isL2 = group.options.weightDecay.kind === "l2";
    const ofDirection = direction.scalarsOf(values, counters);
    const given = {
      active: isActive ? 1 : 0,
      adapts: slot.rate === rate ? 1 : 0,
      sign: plan.maximize ? -1 : 1,
      lr: lr * scale,
      l2Decay: isL2 ? decay : 0,
      decoupledDecay: isL2 ? 0 : decay,
      layer: values.scope === "layer" ? layer.index : slots.length + index,
      ...ofDirection.scalars,
      ...slot.rate.scalarsOf(values, counters.seen),
    };
    return { gradient, lr, scale, given, counters: isActive ? { ...counters, ...ofDirection.counters, ...("seen" in counters && { seen: counters.seen + 1 }) } : counters };
  }

  async function readRecords(): Promise<StepRecord[]> {
    const ofStep = last;
    if (ofStep.length === 0) return [];
    const [rows, moved] = await Promise.all([decided.read(), changes.read()]);
    return slots.map(({ name, layer }, i): StepRecord => {
      const { gradient, lr, scale } = ofStep[i];
      const at = (name: string): number => rows[i * kernel.decided.count + kernel.decided.of(name)];
      const record = { name, layer: layer.name, lr, weightNorm: at("weightNorm") };
      if (gradient === null) return { ...record, trust: 0, rate: 0, gradNorm: 0, updateNorm: 0, limitedBy: null, skipped: "noGradient" };
      return { ...record, trust: scale * at("trust"), rate: at("rate"), gradNorm: at("gradNorm"), updateNorm: Math.sqrt(moved[i]), limitedBy: LIMITS[at("limit")], skipped: null };
    });
  }

  async function stateDict(): Promise<StateDict> {
    const saved = { step: completed, counters: slots.map(({ counters }) => counters) };
    const reading = slots.map(({ arrays }) => Promise.all(Object.entries(arrays).map(async ([key, t]) => [key, (await t.read()) as Float32Array] as const)));
    const [rows, arrays] = await Promise.all([decided.read(), Promise.all(reading)]);
    const params = slots.map(({ name, parameter }, i) => {
      const numbers = Object.fromEntries(Object.entries(saved.counters[i]).map(([key, x]) => [key, key === "rate" ? rows[i * kernel.decided.count + kernel.decided.of("lastRate")] : x]));
      return [name, { shape: [...parameter.shape], dtype: "float32" as const, numbers, arrays: Object.fromEntries(arrays[i]) }] as const;
    });
    return { version: 1, optimizer: rule.name, step: saved.step, params: Object.fromEntries(params) };
  }

  function loadStateDict(dict: StateDict): void {
    // Checked and copied by the optimizer in memory, into arrays there.
    const inMemory = slots.map((slot) => ({ ...slot, ranges: plan.stateOf(slot).ranges })).map(({ name, ranges, parameter: { shape, size: length }, arrays, counters }) => ({
      name,
      ranges,
      param: { name, shape, data: new Float32Array(length), grad: null },
      state: { arrays: Object.fromEntries(Object.keys(arrays).map((key) => [key, new Float32Array(length)])), numbers: { ...counters } },
    }));
    completed = loadState(rule.name, dict, inMemory);
    last = [];
    scope(() => {
      for (const [i, { state: { arrays, numbers } }] of inMemory.entries()) {
        const { parameter: { shape }, arrays: own } = slots[i];
        slots[i].counters = numbers;
        for (const key in arrays) assign(own[key], gpu.upload(tensor(arrays[key], shape)));
      }
      const rows = inMemory.map(({ state: { numbers } }) => ({ lastRate: numbers.rate ?? 0 }));
      assign(decided, gpu.upload(tensor(kernel.decided.packed(rows), size)));
    });
    snapshots.take(completed);
  }

  return {
    name: rule.name,
    get stepCount() {
      return completed;
    },
    get groups() {
      return plan.summaryAt(completed);
    },
    step,
    zeroGrad() {
      for (const { parameter } of slots) parameter.deviceGrad = null;
    },
    set(changed, group) {
      refuse(rule.name, rate.refusal?.(changed));
      plan.set(changed, group, completed);
      for (const slot of slots) addState(gpu, plan, slot);
    },
    readRecords,
    stateDict,
    loadStateDict,
    async recover() {
      const found = await snapshots.restore();
      for (const { parameter } of slots) parameter.grad = parameter.deviceGrad = null;
      return found;
    },
  };
}

/** The device parts of a rule, or what there is none for. */
function partsOf<Options>(rule: UpdateRule<Options>, { nonFinite, kernels }: SharedOptions<Options>): { readonly direction: DeviceDirection; readonly rate: DeviceRate } {
  if (typeof rule === "function") {
    const { name } = rule as { readonly name: string };
    throw new OptionError(name, "rule", `${name} makes an optimizer in memory. It needs the rule: ${name}Rule of @llr/optim.`);
  }
  const direction = deviceDirections.get(rule.direction);
  const rate = deviceRates.get(rule.layerRate);
  if (direction === undefined || rate === undefined || rule.gradientScale !== undefined)
    throw new OptionError(rule.name, "rule", `${rule.name} has parts without kernels for a device. It needs a direction of sgd or adam and a layer rate of sgd, lars, larc or madLlr; in memory it runs with @llr/optim.`);
  if (nonFinite !== undefined && nonFinite !== "propagate")
    throw new OptionError(rule.name, "nonFinite", `nonFinite is ${JSON.stringify(nonFinite)}, which would have to wait for the device in every step. It needs "propagate" there: look for a gradNorm that is not finite in readRecords().`);
  if (kernels !== undefined) throw new OptionError(rule.name, "kernels", "kernels are given. On a device there are others: leave the option out.");
  return { direction, rate };
}

function refuse(where: string, refusal: { readonly option: string; readonly problem: string } | null | undefined): void {
  if (refusal) throw new OptionError(where, refusal.option, refusal.problem);
}

function makeSlot<Options>(gpu: Gpu, plan: Plan<Options>, planned: Planned<Options>, where: string, index: number): Slot<Options> {
  const parameter = planned.param as unknown as Parameter;
  if (parameter.storage.buffer === null) throw new OptionError(where, "params", `${parameter.name} lies in memory. It needs to lie on the device: model.moveTo(gpu) first, or gpu.move() for parameters without a model.`);
  const slot = { ...planned, parameter, row: onDevice(gpu, tensor([index]), "row"), rate: deviceRates.get(planned.layerRate)!, arrays: {}, counters: {} };
  addState(gpu, plan, slot);
  return slot;
}

/** What the parameter needs by its present options and has not. */
function addState<Options>(gpu: Gpu, plan: Plan<Options>, slot: Slot<Options>): void {
  const { arrays, numbers } = plan.stateOf(slot);
  const { name, shape } = slot.parameter;
  for (const key of arrays) slot.arrays[key] ??= onDevice(gpu, zeros(shape), `${name} ${key}`);
  for (const key of numbers) slot.counters[key] ??= 0;
}

const onDevice = (gpu: Gpu, start: Tensor, madeBy: string): PinnedTensor => scope(() => [deviceBuffer(gpu.upload(start), madeBy)])[0];

/** The sums that the layer rate reads: see {@link RateKernel.sumsPerParam}. */
function summed<Options>({ parameter, rate, arrays }: Slot<Options>, gradient: Tensor | null, count: number): Summed[] {
  if (count === 2) return [parameter, gradient];
  const measures = gradient !== null && rate.keepsMeans;
  return [parameter, gradient, measures ? [parameter, arrays.meanWeight] : null, measures ? [gradient, arrays.meanGradient] : null];
}

/** What holds new numbers after the step, with these. */
function updated<Options>(gpu: Gpu, direction: DeviceDirection, { decided }: RateKernel, slot: Slot<Options>, gradient: Tensor | null, rates: Tensor): (readonly [PinnedTensor | Parameter, Tensor])[] {
  if (gradient === null) return [];
  const { parameter, row, rate, arrays, group } = slot;
  const run: Elementwise = (kernel, operands, sourceOf) => {
    const names = Object.keys(operands);
    const value = sourceOf((scalar) => decided.at("rates", "row[0]", scalar));
    // A kernel is given what it reads: it takes few arguments.
    const more: Readonly<Record<string, Tensor>> = value.includes("rates[") ? { rates, row } : {};
    const elements = names.map((name) => `const ${name} = ${name}s[this.thread.x];`).join(" ");
    const source = `function (${[...names.map((name) => `${name}s`), ...Object.keys(more)].join(", ")}) { ${elements} return ${value}; }`;
    const inputs = [...Object.values(operands).map(({ size }): Dims => [size]), ...Object.values(more).map(({ shape }) => shape as unknown as Dims)];
    return gpu.run({ name: kernel, inputs, output: [parameter.size], source }, [...Object.values(operands), ...Object.values(more)], parameter.shape);
  };
  const { w, state } = direction.update(run, parameter, gradient, arrays, group.values as unknown as AnyValues);
  const means: [PinnedTensor, Tensor][] = !rate.keepsMeans ? [] : [
    [arrays.meanWeight, run("mean weight", { mean: arrays.meanWeight, x: parameter }, (own) => meanSource("mean", "x", own))],
    [arrays.meanGradient, run("mean gradient", { mean: arrays.meanGradient, x: gradient }, (own) => meanSource("mean", "x", own))],
  ];
  return [[parameter, w], ...Object.entries(state).map(([key, value]) => [arrays[key], value] as const), ...means];
}
