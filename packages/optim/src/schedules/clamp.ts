import { OptionError } from "../errors.ts";
import { valueAt, type Hyper, type Schedule } from "../hyper.ts";
import { named } from "../named.ts";
import { checkRange, hyper, readOptions, type Range } from "../range.ts";

export interface ClampOptions {
  /** Default: no lower limit. */
  readonly min?: number;
  /** Default: no upper limit. */
  readonly max?: number;
}

const number: Range = { needs: "a number", holds: (x) => !Number.isNaN(x) };

/**
 * A schedule kept within limits: value = min(max(schedule(t), min), max).
 *
 * @throws OptionError  unless min <= max
 * @example
 * import { clamp, exponential } from "@llr/optim";
 * [0, 1, 2, 9].map(clamp(exponential({ start: 1, gamma: 0.5 }), { min: 0.1, max: 0.6 })) // => [0.6, 0.5, 0.25, 0.1]
 */
export function clamp(schedule: Hyper, options: ClampOptions): Schedule {
  const { min, max } = readOptions("clamp", options, { min: number, max: number }, { min: -Infinity, max: Infinity });
  checkRange("clamp", "schedule", schedule, hyper);
  if (!(min <= max)) throw new OptionError("clamp", "min", `min is ${min} and max ${max}. It needs min <= max.`);
  return named("clamp", [schedule, options], (t) => Math.min(Math.max(valueAt(schedule, t), min), max));
}
