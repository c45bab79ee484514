import { apply } from "../../apply.ts";
import type { Primitive } from "../../op.ts";
import { optionsOf } from "../../options.ts";
import { checkTensor, type Tensor } from "../../tensor.ts";
import { add } from "../elementwise/add.ts";
import { binary } from "../elementwise/binary.ts";
import { exp } from "../elementwise/exp.ts";
import { log } from "../elementwise/log.ts";
import { mul } from "../elementwise/mul.ts";
import { neg } from "../elementwise/neg.ts";
import { sub } from "../elementwise/sub.ts";
import { sum } from "../reduce/sum.ts";
import { sumTo } from "../reduce/sumTo.ts";
import type { LossReduction } from "./reduceLoss.ts";
import { checkPair, checkReduction, reduceLoss } from "./reduceLoss.ts";

/** t (log(t) - x) for the target t, 0 at t = 0; in double precision, for the two are close where the model is good. */
export const klDivOp: Primitive<null> = binary({
  name: "klDiv",
  f: (x, t) => (t === 0 ? 0 : t * (Math.log(t) - x)),
  saves: [0, 1],
  derivative: (dOut, { inputs: [x, t], needs }) => [
    needs[0] ? sumTo(neg(mul(dOut, t)), x.shape) : null,
    needs[1] ? sumTo(mul(dOut, add(sub(log(t), x), 1)), t.shape) : null,
  ],
});

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
export function klDivLoss(input: Tensor, target: Tensor, options: KlDivOptions = {}): Tensor {
  const { reduction = "mean", logTarget = false } = optionsOf("klDivLoss", options);
  checkTensor("klDivLoss", input);
  checkTensor("klDivLoss", target);
  checkReduction("klDivLoss", reduction, ["mean", "batchmean", "sum", "none"]);
  checkPair("klDivLoss", input, target);
  const losses = logTarget ? mul(exp(target), sub(target, input)) : apply(klDivOp, [input, target], null);
  if (reduction !== "batchmean") return reduceLoss("klDivLoss", losses, reduction);
  return mul(sum(losses), 1 / (input.shape[0] ?? 1));
}
