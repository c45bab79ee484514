import { OptionError } from "../errors.ts";
import { show } from "../range.ts";
import type { Schedule } from "../hyper.ts";
import { named } from "../named.ts";

/**
 * The same value at every step. A plain number does the same wherever a hyper-parameter is expected; this is for code that
 * calls schedules itself.
 *
 * @example
 * import { constant } from "@llr/optim";
 * constant(0.1)(1_000_000) // => 0.1
 */
export function constant(value: number): Schedule {
  if (!Number.isFinite(value)) throw new OptionError("constant", "value", `value is ${show(value)}. It needs a finite number.`);
  return named("constant", [value], () => value);
}
