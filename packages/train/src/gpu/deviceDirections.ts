// The directions of @llr/optim as kernels: one for each array that they write.
import { adamDirection, type Direction, momentumDirection, wholePower } from "@llr/optim";
import type { Tensor } from "@llr/tensor";
import type { AnyValues } from "./deviceRates.ts";
import { meanScalars, meanSource } from "./runningMeans.ts";

/** Runs one kernel over arrays of a parameter's length. `source` gives an element from those of the arrays, named in `arrays`, and numbers of the parameter's row. */
export type Elementwise = (name: string, arrays: Readonly<Record<string, Tensor>>, source: (own: (scalar: string) => string) => string) => Tensor;

type Arrays = Readonly<Record<string, Tensor>>;

export interface DeviceDirection {
  /** Numbers that its kernels need, beside `inner`, `l2`, `outer` and `decay`. */
  readonly scalars: readonly string[];
  /** The numbers of a step, and what the parameter's counters are after it. */
  scalarsOf(values: AnyValues, counters: Readonly<Record<string, number>>): { readonly scalars: Record<string, number>; readonly counters: Record<string, number> };
  /** New weights and state, in new arrays. */
  update(run: Elementwise, w: Tensor, g: Tensor, state: Arrays, values: AnyValues): { readonly w: Tensor; readonly state: Arrays };
}

/** In single precision. */
const LARGEST = "3.4028234e38";

type Own = (scalar: string) => string;

/** d = inner·(g + l2·w), as updateRule.ts of @llr/optim has it. */
const scaled = (own: Own): string => `${own("inner")} * (g + ${own("l2")} * w)`;
/** As withinSquares of @llr/optim: finite numbers whose squares are finite, and what is not finite as it is. */
const withinSquares = (d: string): string => `(${d} > 1.8e19 && ${d} <= ${LARGEST} ? 1.8e19 : (${d} < -1.8e19 && ${d} >= -${LARGEST} ? -1.8e19 : ${d}))`;
const descended = (own: Own, u: string): string => `w - (${own("outer")} * ${u} + ${own("decay")} * w)`;

const momentum: DeviceDirection = {
  scalars: ["carried", "added", "momentum"],
  scalarsOf(values, { momentumSteps }) {
    const { dampening = 0, momentum: kept } = values;
    const isFirst = momentumSteps === 0;
    return {
      scalars: { carried: isFirst ? 0 : Number(kept), added: isFirst ? 1 : 1 - Number(dampening), momentum: Number(kept) },
      counters: { momentumSteps: momentumSteps + (kept === 0 ? 0 : 1) },
    };
  },
  update(run, w, g, state, { momentum: kept, nesterov = false }) {
    if (kept === 0) return { w: run("descent", { w, g }, (own) => descended(own, `(${scaled(own)})`)), state: {} };
    const v = run("momentum", { w, g, v: state.momentum }, (own) => `${own("carried")} * v + ${own("added")} * (${scaled(own)})`);
    const after = nesterov
      ? run("Nesterov's momentum", { w, g, v }, (own) => descended(own, `(${scaled(own)} + ${own("momentum")} * v)`))
      : run("descent with momentum", { w, v }, (own) => descended(own, "v"));
    return { w: after, state: { momentum: v } };
  },
};

const adam: DeviceDirection = {
  scalars: ["firstKept", "firstAdded", "firstLean", "secondKept", "secondAdded", "secondLean", "correction1", "scale", "eps"],
  scalarsOf({ beta1, beta2, eps, biasCorrection = true }, { updates }) {
    const k = updates + 1;
    const correction = (beta: number): number => (biasCorrection ? 1 - wholePower(beta, k) : 1);
    return {
      scalars: {
        ...meanScalars(Number(beta1), "first"),
        ...meanScalars(Number(beta2), "second"),
        correction1: 1 / correction(Number(beta1)),
        scale: 1 / Math.sqrt(correction(Number(beta2))),
        eps: Number(eps),
      },
      counters: { updates: k },
    };
  },
  update(run, w, g, { firstMoment, secondMoment, largestSecondMoment }, { amsgrad = false }) {
    const d = (own: Own): string => withinSquares(`(${scaled(own)})`);
    const m = run("first moment", { w, g, m: firstMoment }, (own) => meanSource("m", d(own), own, "first"));
    const v = run("second moment", { w, g, v: secondMoment }, (own) => meanSource("v", `${d(own)} * ${d(own)}`, own, "second"));
    // Not Math.max, which drops a NaN.
    const largest = amsgrad ? run("largest second moment", { v, x: largestSecondMoment }, () => "(x > v ? x : v)") : v;
    const after = run("Adam", { w, m, v: largest }, (own) => descended(own, `${own("correction1")} * m / (${own("scale")} * Math.sqrt(v) + ${own("eps")})`));
    return { w: after, state: { firstMoment: m, secondMoment: v, ...(amsgrad && { largestSecondMoment: largest }) } };
  },
};

export const deviceDirections: ReadonlyMap<Direction<never>, DeviceDirection> = new Map<Direction<never>, DeviceDirection>([
  [momentumDirection, momentum],
  [adamDirection, adam],
]);
