// The conformance kit's vocabulary for optimizers, schedules and clipping, in terms of @llr/optim. Null: not offered.
import { adadelta, adagrad, adam, adamax, adamW, clipByGlobalNorm, clipByValue, constant, cosine, decoupled, l2, larc, lars, linear, madLlr, nadam, oneCycle, polynomial, radam, rmsprop, sgd, slantedTriangular, spread } from "@llr/optim";
import type { FloatArray, Hyper, Optimizer, Param, Schedule, WeightDecay } from "@llr/optim";

type Options = Readonly<Record<string, unknown>>;
interface KitParam { readonly name: string; readonly shape: readonly number[]; readonly data: FloatArray; grad: FloatArray | null }
interface OptimizerSpec { readonly algorithm: string; readonly variant: string; readonly options: Options; readonly groups: readonly ({ readonly params: readonly string[] } & Options)[] }
interface ScheduleSpec { readonly kind: string; readonly variant: string; readonly options: Options; readonly baseLr: number; readonly group: number }

// --- optimizers

type Rename = (options: Options) => Record<string, unknown>;

/** Weight decay where the kit's variant puts it, betas one by one; everything else that is not dropped has our name already. */
const renamed = (decay: (wd: Hyper) => WeightDecay, ...drop: string[]): Rename => ({ betas, weightDecay, ...rest }) => {
  const options = Object.fromEntries(Object.entries(rest).filter(([key]) => !["adapt", "base", ...drop].includes(key)));
  if (weightDecay !== undefined) options.weightDecay = decay(weightDecay as Hyper);
  if (Array.isArray(betas)) [options.beta1, options.beta2] = betas;
  return options;
};

interface Offer {
  make(params: readonly Param[], options: unknown): Optimizer;
  readonly rename: Rename;
  /** False for what the variant has and we do not (yet). */
  has?(options: Options): boolean;
}

function offer<O>(preset: (params: readonly Param[], options: O) => unknown, rename: Rename, has?: Offer["has"]): Offer {
  return { make: (params, options) => preset(params, options as O) as Optimizer, rename, ...(has && { has }) };
}

const withAllOf = (given: Options, ...names: string[]): boolean => Object.keys(given).every((name) => names.includes(name));
const paper = ["lr", "momentum", "nesterov", "weightDecay", "trustCoefficient", "eps"];

const OPTIMIZERS: Readonly<Record<string, Offer>> = {
  "sgd/torch": offer(sgd, renamed(l2)),
  "adam/torch": offer(adam, renamed(l2)),
  "adamw/torch": offer(adamW, renamed(decoupled)),
  "rmsprop/torch": offer(rmsprop, renamed(l2)),
  "adagrad/torch": offer(adagrad, renamed(l2)),
  "adadelta/torch": offer(adadelta, renamed(l2)),
  "adamax/torch": offer(adamax, renamed(l2)),
  // The kit's figures are those of PyTorch 1.13, whose formula PyTorch 2 corrected.
  "nadam/torch": offer(nadam, (options) => ({ ...renamed(l2)(options), variant: "torch1" })),
  "radam/torch": offer(radam, renamed(l2)),
  "lars/paper": offer(lars, renamed(l2), (options) => withAllOf(options, ...paper)),
  "lars/mlcommons": offer(lars, renamed(l2), (options) => withAllOf(options, ...paper)),
  "larc/apex": offer(larc, renamed(l2), ({ base = "sgd" }) => base === "sgd"),
  "mad-llr/literal": offer(madLlr, madLlrOptions),
  "mad-llr/cap": offer(madLlr, madLlrOptions),
};

/** The kit's floor is a share of the rate in `options`, whatever rate a group or a step has. */
function madLlrOptions({ coeff, ...rest }: Options): Record<string, unknown> {
  return { ...renamed(decoupled)(rest), ...(coeff !== undefined && { coefficient: coeff }) };
}

export function optimizer(spec: OptimizerSpec, params: readonly KitParam[]): { step(hyper?: readonly Options[]): void } | null {
  const offered = OPTIMIZERS[`${spec.algorithm}/${spec.variant}`];
  if (!offered || offered.has?.(spec.options) === false) return null;
  const { rename } = offered;
  const groups = spec.groups.map(({ params, ...overrides }, i) => Object.assign(rename(overrides), { params, name: `group ${i}` }));
  const exclude = spec.groups.filter((group) => group.adapt === false).flatMap((group) => group.params);
  const built = offered.make(params, { ...rename(spec.options), groups, exclude });
  return {
    step(hyper) {
      for (const [i, changes] of (hyper ?? []).entries()) built.set(rename(changes), `group ${i}`);
      built.step();
    },
  };
}

// --- schedules

type Curves = { readonly lr: Schedule; readonly momentum?: Schedule };

const SCHEDULES: Readonly<Record<string, (options: never, baseLr: number) => Curves | null>> = {
  "oneCycle/torch": ({ maxLr, totalSteps, threePhase, ...rest }: { maxLr: number; totalSteps: number; threePhase?: boolean }) =>
    oneCycle({ ...rest, peak: maxLr, steps: totalSteps, phases: threePhase ? 3 : 2 }),
  "slantedTriangular/ulmfit": ({ totalSteps, cutFrac, ratio, maxLr }: { totalSteps: number; cutFrac?: number; ratio?: number; maxLr: number }) => ({
    lr: slantedTriangular({ peak: maxLr, steps: totalSteps, ...(cutFrac !== undefined && { cutFraction: cutFrac }), ...(ratio !== undefined && { ratio }) }),
  }),
  "polynomial/torch": ({ totalIters = 5, power = 1 }: { totalIters?: number; power?: number }, baseLr) => ({ lr: polynomial({ start: baseLr, steps: totalIters, power }) }),
  "polynomial/optax": ({ initValue, endValue, power, totalSteps, transitionBegin = 0 }: { initValue: number; endValue: number; power: number; totalSteps: number; transitionBegin?: number }) => ({
    lr: polynomial({ start: initValue, end: endValue, power, steps: totalSteps, begin: transitionBegin }),
  }),
  "linear/torch": ({ startFactor = 1 / 3, endFactor = 1, totalIters = 5 }: { startFactor?: number; endFactor?: number; totalIters?: number }, baseLr) => ({
    lr: linear({ start: baseLr * startFactor, end: baseLr * endFactor, steps: totalIters }),
  }),
  "linear/optax": ({ initValue, endValue, totalSteps, transitionBegin = 0 }: { initValue: number; endValue: number; totalSteps: number; transitionBegin?: number }) => ({
    lr: polynomial({ start: initValue, end: endValue, steps: totalSteps, begin: transitionBegin }),
  }),
  "cosineDecay/optax": ({ initValue, decaySteps, alpha = 0, exponent = 1 }: { initValue: number; decaySteps: number; alpha?: number; exponent?: number }) =>
    exponent === 1 ? { lr: cosine({ start: initValue, end: alpha * initValue, steps: decaySteps }) } : null,
  "constant/torch": ({ factor = 1 / 3, totalIters = 5 }: { factor?: number; totalIters?: number }, baseLr) => {
    const [reduced, full] = [constant(baseLr * factor), constant(baseLr)];
    return { lr: (t) => (t < totalIters ? reduced(t) : full(t)) };
  },
  // Any function of t is a schedule.
  "lambda/torch": ({ factor }: { factor: Schedule }, baseLr) => ({ lr: (t) => baseLr * factor(t) }),
};

export function schedule(spec: ScheduleSpec): Curves | null {
  if (`${spec.kind}/${spec.variant}` === "discriminative/geometric") {
    const { start, stop, n } = spec.options as { start: number; stop: number; n: number };
    const rate = spread(start, stop)({ name: `group ${spec.group}`, index: spec.group, count: n }, 0);
    return { lr: constant(rate) };
  }
  return SCHEDULES[`${spec.kind}/${spec.variant}`]?.(spec.options as never, spec.baseLr) ?? null;
}

// --- clipping

interface ClipOptions { readonly maxNorm: number; readonly normType: number; readonly eps: number; readonly variant: "torch" | "optax"; readonly clipValue: number }

export function clip(kind: "norm" | "value", options: ClipOptions, grads: FloatArray[]): { totalNorm: number; grads: FloatArray[] } {
  if (kind === "value") {
    clipByValue(grads, options.clipValue);
    return { totalNorm: Number.NaN, grads };
  }
  const { maxNorm, normType, variant, eps } = options;
  const { norm } = clipByGlobalNorm(grads, { maxNorm, normType, variant, ...(variant === "torch" && { eps }) });
  return { totalNorm: norm, grads };
}
