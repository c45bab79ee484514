import type { Primitive } from "../../op.ts";
import type { Tensor } from "../../tensor.ts";
import { add } from "../elementwise/add.ts";
import { exp } from "../elementwise/exp.ts";
import { log } from "../elementwise/log.ts";
import { map, plain } from "../elementwise/map.ts";
import { mul } from "../elementwise/mul.ts";
import { sub } from "../elementwise/sub.ts";
import { sum } from "../reduce/sum.ts";
import type { LossReduction } from "./reduceLoss.ts";
import { checkPair, checkReduction, reduceLoss } from "./reduceLoss.ts";

/** x log(x), 0 at 0. */
export const xLogXOp: Primitive<null> = map({ name: "xLogX", f: (x) => (x === 0 ? 0 : x * Math.log(x)), slope: (x) => add(log(x), 1) });

export interface KlDivOptions {
  /** "batchmean": the sum divided by the size of the first axis, which is the divergence of a row. Default "mean", over all elements, as PyTorch. */
  readonly reduction?: LossReduction | "batchmean";
  /** The target too is given as logarithms. Default false. */
  readonly logTarget?: boolean;
}

/**
 * Kullback-Leibler divergence of a distribution from the target: target (log(target) - input); 0 where the target is 0.
 *
 * @param input logarithms of probabilities, for example from logSoftmax
 * @param target the shape of input; probabilities
 * @throws ShapeError if the shapes differ
 * @example
 * import { klDivLoss, log, tensor } from "@llr/tensor";
 * klDivLoss(log(tensor([[0.5, 0.5]])), tensor([[1, 0]]), { reduction: "batchmean" }).item() // => 0.69315
 */
export function klDivLoss(input: Tensor, target: Tensor, { reduction = "mean", logTarget = false }: KlDivOptions = {}): Tensor {
  checkReduction("klDivLoss", reduction, ["mean", "batchmean", "sum", "none"]);
  checkPair("klDivLoss", input, target);
  const losses = logTarget ? mul(exp(target), sub(target, input)) : sub(plain(xLogXOp)(target), mul(target, input));
  if (reduction !== "batchmean") return reduceLoss("klDivLoss", losses, reduction);
  return mul(sum(losses), 1 / (input.shape[0] ?? 1));
}
