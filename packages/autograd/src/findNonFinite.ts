import { Tensor } from "@llr/tensor";
import type { History } from "@llr/tensor/engine";
import { numbersOf } from "@llr/tensor/engine";
import { Parameter } from "./parameter.ts";

/** Where a computation first left the finite numbers. */
export interface NonFinite {
  /** A parameter's name, or the op whose result (or whose constant input) is not finite. */
  readonly name: string;
  readonly what: "parameter" | "constant" | "result";
}

/**
 * Looks through the history of a loss, before `backward`, for the first NaN or infinity: in a parameter, in a constant
 * such as the batch, or in the result of an op. It sees what history keeps for the derivatives, so a fault in a result that
 * no derivative reads is reported at the next op that reads it. Costs a look at every kept number.
 *
 * @returns null if all that history holds is finite
 * @example
 * import { findNonFinite, parameter } from "@llr/autograd";
 * import { log, mul, sum } from "@llr/tensor";
 * const w = parameter([1, -1], { name: "w" });
 * findNonFinite(sum(mul(log(w), w))) // => { name: "log", what: "result" }
 */
export function findNonFinite(loss: Tensor): NonFinite | null {
  if (loss.history === null) return null;
  const seen = new Set<History>([loss.history]);
  for (const record of seen) for (const source of record.sources) if (source !== null && !(source instanceof Tensor)) seen.add(source);
  for (const record of [...seen].sort((a, b) => a.id - b.id)) {
    for (const [i, input] of record.inputs.entries()) {
      if (!isBroken(input)) continue;
      if (input instanceof Parameter) return { name: input.name, what: "parameter" };
      const source = record.sources[i];
      return source === null || source instanceof Tensor ? { name: record.op.name, what: "constant" } : { name: source.op.name, what: "result" };
    }
    if (record.output !== null && isBroken(record.output)) return { name: record.op.name, what: "result" };
  }
  return isBroken(loss) ? { name: loss.history.op.name, what: "result" } : null;
}

function isBroken(t: Tensor): boolean {
  if (t.storage.place === "stub" || t.storage.place === "released") return false;
  return !numbersOf(t).every(Number.isFinite);
}
