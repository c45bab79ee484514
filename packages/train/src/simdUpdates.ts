import type { AdamFactors, FloatArray, MomentumFactors, NormsBefore, UpdateKernels } from "@llr/optim";
import { adamUpdate, allocate, momentumUpdate, norm, trackMean } from "@llr/optim";
import { adamInPlace, descendInPlace, momentumInPlace, normInPlace, pinnedArray, runsInPlace, trackMeanInPlace, type UpdateNorms } from "@llr/tensor/engine";

/**
 * The loops of @llr/optim's optimizers as compiled kernels, for parameters of @llr/autograd: one pass over weights, gradient
 * and state, ten times as fast as the plain loops. They take `Float32Array`s in the tensors' memory, where parameters and
 * their gradients are and where `allocate` puts the state; any others go to the plain loops.
 *
 * All is computed in single precision, where the plain loops compute in double and round what they store: a step differs
 * by a few of its own last digits (2^-24). Sums of squares are in double precision from 128 numbers on. `updateNorm`, and
 * `weightNorm` where it is found on the way, count numbers below 1e-19 as 0 and are infinite above 1e19.
 *
 * @example
 * import { mlp } from "@llr/nn";
 * import { adamW } from "@llr/optim";
 * import { Rng } from "@llr/tensor";
 * import { simdUpdates } from "@llr/train";
 * const model = mlp([4, 3], { rng: new Rng(1) });
 * const optimizer = adamW(model.parameters(), { lr: 0.01, kernels: simdUpdates });
 * optimizer.step().map((record) => record.skipped) // => ["noGradient", "noGradient"]
 */
export const simdUpdates: UpdateKernels = {
  reportsNorms: true,

  allocate: (like) => (runsInPlace(like) ? (pinnedArray("f32", [like.length], "optimizer state", like) as FloatArray) : allocate(like)),

  norm: (x) => (runsInPlace(x) ? normInPlace(x) : norm(x)),

  momentum(w, g, v, factors, before) {
    if (!runsInPlace(w, g, v)) return measureFirst(w, g, before, () => momentumUpdate(w, g, v, factors));
    return report(momentum(w, g, v, factors), g, before);
  },

  adam(w, g, m, v, factors, before) {
    const { beta2, eps } = factors;
    // With a short memory the kernel's v + (1 - beta2)(d^2 - v) would cancel; an eps below single precision would vanish.
    const isExact = beta2 >= 0.5 && (eps === 0 || Math.fround(eps) > 0);
    if (!isExact || !runsInPlace(w, g, m, v)) return measureFirst(w, g, before, () => adamUpdate(w, g, m, v, factors));
    return report(adam(w, g, m, v, factors), g, before);
  },

  trackMean(mean, x, beta) {
    if (!runsInPlace(mean, x)) return trackMean(mean, x, beta);
    const distance = trackMeanInPlace(mean, x, 1 - beta);
    // Then the mean is x, to the last bit.
    if (beta === 0) mean.set(x);
    return distance;
  },
};

function momentum(w: FloatArray, g: FloatArray, v: FloatArray | null, factors: MomentumFactors): UpdateNorms {
  const { inner, outer, decay, momentum: kept, dampening, nesterov, first } = factors;
  const scalars = { inner, l2: inner * factors.l2, decay };
  if (v === null) return descendInPlace(w, g, { ...scalars, ofGradient: outer });
  const [carried, added] = first ? [0, 1] : [kept, 1 - dampening];
  const [ofGradient, ofBuffer] = nesterov ? [outer, outer * kept] : [0, outer];
  return momentumInPlace(w, g, v, { ...scalars, carried, added, ofGradient, ofBuffer });
}

function adam(w: FloatArray, g: FloatArray, m: FloatArray, v: FloatArray, factors: AdamFactors): UpdateNorms {
  const { inner, outer, decay, beta1, beta2, eps, correction1, correction2 } = factors;
  return adamInPlace(w, g, m, v, { inner, l2: inner * factors.l2, decay, new1: 1 - beta1, new2: 1 - beta2, rate: outer / correction1, scale: 1 / Math.sqrt(correction2), eps });
}

function report({ weight, gradient, change }: UpdateNorms, g: FloatArray, before: NormsBefore | undefined): number {
  // Squares that were added up in single precision overflow before the gradient does, and that would read as a gradient without end.
  if (before) Object.assign(before, { weightNorm: weight, gradNorm: gradient > 0 && gradient < Infinity ? gradient : normInPlace(g) });
  return change;
}

/** The plain loops do not measure. */
function measureFirst(w: FloatArray, g: FloatArray, before: NormsBefore | undefined, update: () => number): number {
  if (before) Object.assign(before, { weightNorm: norm(w), gradNorm: norm(g) });
  return update();
}
