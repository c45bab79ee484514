// The conformance kit's vocabulary for optimizers and clipping, in terms of @llr/optim. Null: not offered.
import { adam, adamW, clipByGlobalNorm, clipByValue, decoupled, l2, larc, lars, madLlr, sgd } from "@llr/optim";
import type { FloatArray, Hyper, Optimizer, Param, WeightDecay } from "@llr/optim";

type Options = Readonly<Record<string, unknown>>;
interface KitParam { readonly name: string; readonly shape: readonly number[]; readonly data: FloatArray; grad: FloatArray | null }
interface OptimizerSpec { readonly algorithm: string; readonly variant: string; readonly options: Options; readonly groups: readonly ({ readonly params: readonly string[] } & Options)[] }

// --- optimizers

type Rename = (options: Options) => Record<string, unknown>;

/** Weight decay where the kit's variant puts it, betas one by one; everything else that is not dropped has our name already. */
const renamed = (decay: (wd: Hyper) => WeightDecay, ...drop: string[]): Rename => ({ betas, weightDecay, ...rest }) => {
  const options = Object.fromEntries(Object.entries(rest).filter(([key]) => !["maximize", "amsgrad", "adapt", "base", ...drop].includes(key)));
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

const withoutAmsgrad = ({ amsgrad }: Options): boolean => !amsgrad;
const withAllOf = (given: Options, ...names: string[]): boolean => Object.keys(given).every((name) => names.includes(name));
const paper = ["lr", "momentum", "nesterov", "weightDecay", "trustCoefficient", "eps"];

const OPTIMIZERS: Readonly<Record<string, Offer>> = {
  "sgd/torch": offer(sgd, renamed(l2)),
  "adam/torch": offer(adam, renamed(l2), withoutAmsgrad),
  "adamw/torch": offer(adamW, renamed(decoupled), withoutAmsgrad),
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
      // To maximize is to minimize with the gradient turned round; weight decay is added after, so it is not turned.
      if (spec.options.maximize) for (const p of params) p.grad = p.grad && p.grad.map((x) => -x);
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
