// The conformance kit's vocabulary for optimizers and clipping, in terms of @llr/optim. Null: not offered.
import { adadelta, adagrad, adam, adamax, adamW, clipByGlobalNorm, clipByValue, decoupled, l2, lamb, lambTimm, larc, larcAdam, larcFastai, larcNvcaffe, larcOpenSeq2Seq, lars, larsOptax, larsSimclr, larsSimclrPopular, larsTimm, larsUnscaledMomentum, madLlr, nadam, radam, rmsprop, sgd } from "@llr/optim";
import type { FloatArray, Hyper, Optimizer, Param, UpdateKernels, WeightDecay } from "@llr/optim";

type Options = Readonly<Record<string, unknown>>;
interface KitParam { readonly name: string; readonly shape: readonly number[]; readonly data: FloatArray; grad: FloatArray | null }
interface OptimizerSpec { readonly algorithm: string; readonly variant: string; readonly options: Options; readonly groups: readonly ({ readonly params: readonly string[] } & Options)[] }

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
