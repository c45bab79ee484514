import { OptionError } from "../errors.ts";
import type { Schedule } from "../hyper.ts";
import { named } from "../named.ts";
import { anything, atLeastZero, checkRange, readOptions } from "../range.ts";

export interface MultiStepOptions {
  /** Value before the first milestone. */
  readonly start: number;
  /** Steps from which on the value is multiplied once more. One that is listed twice multiplies twice. */
  readonly milestones: readonly number[];
  /** Factor of each milestone: one for all, or a list of as many. Default 0.1. */
  readonly gamma?: number | readonly number[];
}

/**
 * Stairs at given steps: value = start · the product of the gammas of all milestones <= t.
 *
 * @throws OptionError  for a negative start, gamma or milestone, or a list of gammas that is not as long as the milestones
 * @see torch.optim.lr_scheduler.MultiStepLR; optax.piecewise_constant_schedule (a gamma for each milestone)
 * @example
 * import { multiStep } from "@llr/optim";
 * [0, 4, 5, 8, 9].map(multiStep({ start: 1, milestones: [5, 9, 9] })) // => [1, 1, 0.1, 0.1, 0.001]
 * [0, 5, 9].map(multiStep({ start: 1, milestones: [5, 9], gamma: [0.5, 0.1] })) // => [1, 0.5, 0.05]
 */
export function multiStep(options: MultiStepOptions): Schedule {
  const lists = { needs: "a list of steps", fits: Array.isArray };
  const { start, milestones, gamma } = readOptions("multiStep", options, { start: atLeastZero, milestones: lists, gamma: anything }, { gamma: 0.1 });
  const gammas: readonly number[] = Array.isArray(gamma) ? gamma : milestones.map(() => gamma as number);
  if (gammas.length !== milestones.length)
    throw new OptionError("multiStep", "gamma", `there are ${gammas.length} gammas for ${milestones.length} milestones. It needs one for all, or as many.`);
  for (const [i, milestone] of milestones.entries()) {
    checkRange("multiStep", "milestones", milestone, atLeastZero, ` in place ${i + 1}`);
    checkRange("multiStep", "gamma", gammas[i], atLeastZero, ` for milestone ${milestone}`);
  }
  return named("multiStep", [options], (t) => gammas.reduce((value, factor, i) => (milestones[i] <= t ? value * factor : value), start));
}
