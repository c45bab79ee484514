import { OptionError } from "../errors.ts";
import { valueAt, type Hyper, type Schedule } from "../hyper.ts";
import { named } from "../named.ts";
import { checkRange, hyper, show, type Range } from "../range.ts";

/**
 * One schedule after the other. Each has a clock of its own, which starts at 0 when its turn comes:
 *
 *   value = schedules[i](t − boundaries[i − 1])    while boundaries[i − 1] <= t < boundaries[i]
 *
 * A number stands for a constant. The last schedule goes on for ever.
 *
 * @throws OptionError  unless there is one boundary less than schedules, and none is smaller than the one before
 * @see optax.join_schedules; torch.optim.lr_scheduler.SequentialLR
 * @example
 * import { cosine, join, linear } from "@llr/optim";
 * const lr = join([linear({ start: 0, end: 1, steps: 4 }), 1, cosine({ start: 1, steps: 10 })], [4, 6]);
 * [0, 2, 4, 5, 6, 11, 16].map(lr) // => [0, 0.5, 1, 1, 1, 0.5, 0]
 */
export function join(schedules: readonly Hyper[], boundaries: readonly number[]): Schedule {
  for (const [what, list] of Object.entries({ schedules, boundaries })) if (!Array.isArray(list)) throw new OptionError("join", what, `${what} is ${show(list)}. It needs a list.`);
  for (const [i, schedule] of schedules.entries()) checkRange("join", "schedules", schedule, hyper, ` in place ${i + 1}`);
  if (schedules.length === 0 || boundaries.length !== schedules.length - 1)
    throw new OptionError("join", "boundaries", `there are ${boundaries.length} boundaries for ${schedules.length} schedules. It needs a schedule, and a boundary between any two.`);
  for (const [i, boundary] of boundaries.entries()) {
    const before = boundaries[i - 1] ?? 0;
    const later: Range = { needs: `a finite number >= ${before}`, holds: (x) => x >= before && x < Infinity };
    checkRange("join", "boundaries", boundary, later, ` in place ${i + 1}`);
  }
  return named("join", [schedules, boundaries], (t) => {
    const i = boundaries.findLastIndex((boundary) => boundary <= t) + 1;
    return valueAt(schedules[i], i === 0 ? t : t - boundaries[i - 1]);
  });
}
