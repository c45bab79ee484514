import { momentumDirection } from "../directions/momentum.ts";
import type { Hyper } from "../hyper.ts";
import { constantRate } from "../layerRates/constant.ts";
import { createOptimizer, type Optimizer, type SharedOptions } from "../optimizer.ts";
import type { Param } from "../param.ts";
import { atLeastZero, belowOne, upToOne } from "../range.ts";
import type { UpdateRule } from "../updateRule.ts";
import type { WeightDecay } from "../weightDecay.ts";

export interface SgdOptions {
  readonly lr: Hyper;
  /** Default 0: no buffer is kept. */
  readonly momentum?: Hyper;
  /** Share of each new gradient that the buffer does not take in. Default 0. */
  readonly dampening?: Hyper;
  /** Look ahead by the new buffer. Needs momentum and no dampening. Default false. */
  readonly nesterov?: boolean;
  /** A plain number means `l2`. Default 0. */
  readonly weightDecay?: Hyper | WeightDecay;
}

export const sgdRule: UpdateRule<SgdOptions> = {
  name: "sgd",
  direction: momentumDirection,
  layerRate: constantRate,
  placement: "outside",
  plainDecay: "l2",
  defaults: { momentum: 0, dampening: 0, nesterov: false, weightDecay: 0 },
  ranges: { lr: atLeastZero, momentum: belowOne, dampening: upToOne, weightDecay: atLeastZero },
  refusal: nesterovWithoutMomentum,
};

/**
 * Stochastic gradient descent with momentum, as PyTorch defines it:
 *
 *   d = g + wd·w                        weight decay as `l2`, the meaning of a plain number
 *   v ← d the first time, then v ← momentum·v + (1 − dampening)·d
 *   u = nesterov ? d + momentum·v : v   without momentum u = d
 *   w ← w − lr·u                        and − lr·wd·w where decay is `decoupled`
 *
 * The rate stands outside the buffer: a change of `lr` acts at once on all that the buffer holds. Dampening does not apply
 * to the first step. Every layer gets `lr` (times its layer scale), so `trust` is 1 and `limitedBy` null in every record.
 *
 * @throws OptionError  for a negative or NaN rate, momentum outside [0, 1), Nesterov without momentum or with dampening,
 *                      an unknown option, two parameters of one name, a parameter in two groups, no parameters
 * @see Polyak 1964 (heavy ball); Sutskever et al. 2013 (Nesterov in this form); torch.optim.SGD
 * @example
 * import { sgd } from "@llr/optim";
 * const w = { name: "w", data: Float64Array.of(1), grad: null as Float64Array | null };
 * const optimizer = sgd([w], { lr: 0.1, momentum: 0.9 });
 * w.grad = Float64Array.of(1);
 * optimizer.step()[0].updateNorm // => 0.1
 * optimizer.step()[0].updateNorm // => 0.19
 * w.data // => [0.71]
 */
export function sgd(params: Iterable<Param>, options: SgdOptions & SharedOptions<SgdOptions>): Optimizer<SgdOptions> {
  return createOptimizer(sgdRule, params, options);
}

/** What PyTorch refuses as well: looking ahead by a buffer that is not there, or that took in only part of the gradient. */
export function nesterovWithoutMomentum(options: { readonly nesterov?: boolean; readonly momentum?: Hyper; readonly dampening?: Hyper }): { option: string; problem: string } | null {
  if (!options.nesterov || (options.momentum !== 0 && (options.dampening ?? 0) === 0)) return null;
  return { option: "nesterov", problem: `nesterov is true with momentum ${String(options.momentum)} and dampening ${String(options.dampening ?? 0)}. It needs momentum > 0 and no dampening.` };
}
