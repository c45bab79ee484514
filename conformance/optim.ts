// The conformance kit's vocabulary for optimizers, schedules and clipping, in terms of @llr/optim. Null: not offered.
import { adadelta, adagrad, adam, adamax, adamW, clipByGlobalNorm, clipByValue, constant, cosine, decoupled, l2, lamb, lambTimm, larc, larcAdam, larcFastai, larcNvcaffe, larcOpenSeq2Seq, lars, larsOptax, larsSimclr, larsSimclrPopular, larsTimm, larsUnscaledMomentum, linear, madLlr, nadam, oneCycle, polynomial, radam, rmsprop, sgd, slantedTriangular, spread } from "@llr/optim";
import type { FloatArray, Hyper, Optimizer, Param, Schedule, UpdateKernels, WeightDecay } from "@llr/optim";

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
  make(params: readonly Param[], options: object): Optimizer;
  readonly rename: Rename;
}

function offer<O>(preset: (params: readonly Param[], options: O) => unknown, rename: Rename, kernels: UpdateKernels = {}): Offer {
  return { make: (params, options) => preset(params, { ...options, kernels } as O) as Optimizer, rename };
}

/** The kit follows a diverging run to where squares overflow: weights of 1e155, whose norm is then Infinity there. Ours is not. */
function overflowingNorm(x: FloatArray): number {
  let sum = 0;
  for (const value of x) sum += value * value;
  return Math.sqrt(sum);
}

/** Switches that are a named mode here. */
const clipped: Rename = ({ trustClip, ...options }) => ({ ...renamed(l2)(options), ...(trustClip !== undefined && { mode: trustClip ? "clip" : "scale" }) });

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
  "lars/paper": offer(lars, renamed(l2)),
  "lars/mlcommons": offer(lars, renamed(l2)),
  "lars/unscaled-momentum": offer(larsUnscaledMomentum, renamed(l2)),
  "lars/timm": offer(larsTimm, clipped),
  "lars/optax": offer(larsOptax, renamed(l2)),
  "lars/simclr-classic": offer(larsSimclr, renamed(l2)),
  "lars/simclr-popular": offer(larsSimclrPopular, renamed(l2)),
  "larc/apex": offer(larc, renamed(l2)),
  "larc/nvcaffe-l2": offer(larcNvcaffe, renamed(l2)),
  "larc/nvcaffe-decoupled": offer(larcNvcaffe, renamed(decoupled), { norm: overflowingNorm }),
  "larc/openseq2seq": offer(larcOpenSeq2Seq, renamed(l2)),
  "larc/fastai": offer(larcFastai, fastaiOptions),
  "lamb/timm": offer(lambTimm, lambTimmOptions),
  "lamb/optax": offer(lamb, renamed(decoupled)),
  "mad-llr/literal": offer(madLlr, madLlrOptions),
  "mad-llr/cap": offer(madLlr, madLlrOptions),
};

/** Over Adam the kit's eps is that of the ratio; Adam's stays the default. Over AdamW apex has AdamW's decay, in the gradient. */
const larcOverAdam: Offer = offer(larcAdam, ({ eps, ...options }) => ({ ...renamed(l2)(options), ...(eps !== undefined && { trustEps: eps }) }));

function fastaiOptions({ decoupledDecay = true, ...options }: Options): Record<string, unknown> {
  return renamed(decoupledDecay ? decoupled : l2)(options);
}

function lambTimmOptions({ trustClip, decoupledDecay, maxGradNorm, ...options }: Options): Record<string, unknown> {
  return {
    ...renamed(decoupled)(options),
    ...(trustClip !== undefined && { mode: trustClip ? "clip" : "scale" }),
    ...(decoupledDecay !== undefined && { decayOrder: decoupledDecay ? "first" : "withUpdate" }),
    ...(maxGradNorm !== undefined && { maxGradNorm: maxGradNorm ?? Infinity }),
  };
}

/** The kit's floor is a share of the rate in `options`, whatever rate a group or a step has. */
function madLlrOptions({ coeff, ...rest }: Options): Record<string, unknown> {
  return { ...renamed(decoupled)(rest), ...(coeff !== undefined && { coefficient: coeff }) };
}

export function optimizer(spec: OptimizerSpec, params: readonly KitParam[]): { step(hyper?: readonly Options[]): void } | null {
  const { base = "sgd" } = spec.options;
  const offered = spec.algorithm === "larc" && base !== "sgd" ? larcOverAdam : OPTIMIZERS[`${spec.algorithm}/${spec.variant}`];
  if (!offered) return null;
  const { rename } = offered;
  const groups = spec.groups.map(({ params, ...overrides }, i) => Object.assign(rename(overrides), { params, name: `group ${i}` }));
  const exclude = spec.groups.filter((group) => group.adapt === false).flatMap((group) => group.params);
  const options = base === "adamw" ? { weightDecay: 0.01, ...spec.options } : spec.options;
  const built = offered.make(params, { ...rename(options), groups, exclude });
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
