// The layer rates of @llr/optim as pieces of a kernel. One thread decides for one layer; it must never lose a NaN that the
// rule there would keep, so a comparison stands so that a NaN falls on the side where it does in the rule.
import { constantRate, larcRate, larsRate, type LayerRate, madLlrRate } from "@llr/optim";
import { MEAN_COLUMNS, meanScalars } from "./runningMeans.ts";

/** Options at a step, whatever their type. */
export type AnyValues = Readonly<Record<string, number | boolean | string>>;

export interface DeviceRate {
  /** Numbers of a parameter in a step that the kernel needs. */
  readonly scalars: readonly string[];
  /** Numbers that update kernels need of it. */
  readonly updateScalars: readonly string[];
  /** `seen`: gradients that the parameter has had. */
  scalarsOf(values: AnyValues, seen: number): Record<string, number>;
  /** What this has no kernel for, in words, or null. */
  refusal?(options: Readonly<Record<string, unknown>>): { readonly option: string; readonly problem: string } | null;
  /** Keeps running means of weights and gradient, and needs the distances to them. */
  readonly keepsMeans: boolean;
  /**
   * Sets `trust`, `rate`, `limit` and `decays` from `lr`, `weightNorm`, `gradNorm`, `decay` and its own numbers; `last` is the rate before, and
   * `weightMoved`, `gradientMoved` and `noise` are sums of squares, where it keeps means.
   */
  source(own: (scalar: string) => string): string;
}

/** Codes of `limitedBy`; 0 is null. */
export const LIMITS = [null, "schedule", "floor", "growth", "warmup", "zeroNorm"] as const;
const [, SCHEDULE, FLOOR, GROWTH, WARMUP, ZERO_NORM] = LIMITS.keys();

/** Nothing that single precision holds is above it but infinity. */
const LARGEST = "3.4e38";

const constant: DeviceRate = { scalars: [], updateScalars: [], keepsMeans: false, scalarsOf: () => ({}), source: () => "" };

/** The trust ratio, or `known = 0`: see trustRatio.ts of @llr/optim. */
const ratioSource = (own: (scalar: string) => string): string => `
  const ratio = ${own("trustCoefficient")} * weightNorm / (gradNorm + decay * weightNorm + ${own("eps")});
  let known = 1;
  if (weightNorm === 0 || gradNorm === 0) { known = 0; }
  if (ratio > ${LARGEST} && weightNorm < ${LARGEST}) { known = 0; }`;

const lars: DeviceRate = {
  scalars: ["trustCoefficient", "eps"],
  updateScalars: [],
  keepsMeans: false,
  scalarsOf: ({ trustCoefficient, eps }) => ({ trustCoefficient: Number(trustCoefficient), eps: Number(eps) }),
  source: (own) => `${ratioSource(own)}
  if (known > 0) { trust = ratio; } else { limit = ${ZERO_NORM}; }
  rate = lr * trust;`,
};

const larc: DeviceRate = {
  ...lars,
  scalars: [...lars.scalars, "clips"],
  scalarsOf: (values) => ({ ...lars.scalarsOf(values, 0), clips: values.mode === "clip" ? 1 : 0 }),
  source: (own) => `${ratioSource(own)}
  if (known < 1) { limit = ${ZERO_NORM}; decays = 0; }
  else if (${own("clips")} < 1) { trust = ratio; }
  else if (ratio < lr) { trust = ratio / lr; }
  else if (ratio > lr) { limit = ${SCHEDULE}; }
  rate = lr * trust;`,
};

const madLlr: DeviceRate = {
  scalars: ["seen", "warmsUp", "coefficient", "guards", "growth", "lowest"],
  updateScalars: MEAN_COLUMNS,
  keepsMeans: true,
  scalarsOf: (values, seen) => ({
    seen,
    warmsUp: seen < Math.max(1, Number(values.warmup)) ? 1 : 0,
    coefficient: Number(values.coefficient) * (values.momentumCorrection ? 1 - Number(values.momentum) : 1),
    guards: values.mode === "literal" ? 0 : 1,
    growth: Number(values.growth),
    lowest: Number(values.floor) * Number(values.baseLr),
    ...meanScalars(seen === 0 ? 0 : Number(values.beta)),
  }),
  refusal: ({ secant }) => (secant === "sameBatch" ? { option: "secant", problem: 'secant is "sameBatch". On a device it needs to be "averages": two gradients of one batch are compared in memory only.' } : null),
  source: (own) => `
  const estimate = ${own("coefficient")} * Math.sqrt(weightMoved) / Math.sqrt(gradientMoved);
  let known = 0;
  if (weightMoved > noise && gradientMoved > 0 && estimate < ${LARGEST}) { known = 1; }
  rate = last;
  if (known > 0) { rate = estimate; } else { limit = ${ZERO_NORM}; }
  if (${own("guards")} > 0) {
    if (known > 0 && rate > ${own("growth")} * last) { rate = ${own("growth")} * last; limit = ${GROWTH}; }
    if (rate < ${own("lowest")}) { rate = ${own("lowest")}; limit = ${FLOOR}; }
    if (rate > lr) { rate = lr; limit = ${SCHEDULE}; }
  }
  if (${own("warmsUp")} > 0) { rate = lr; limit = ${WARMUP}; }
  trust = 0;
  if (lr > 0) { trust = rate / lr; }`,
};

export const deviceRates: ReadonlyMap<LayerRate<never>, DeviceRate> = new Map<LayerRate<never>, DeviceRate>([
  [constantRate, constant],
  [larsRate, lars],
  [larcRate, larc],
  [madLlrRate, madLlr],
]);
