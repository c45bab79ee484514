import { ArgumentError, ShapeError } from "../../errors.ts";
import { formatShape, sameShape } from "../../shape.ts";
import { checkTensor, type Tensor } from "../../tensor.ts";
import { mean } from "../reduce/mean.ts";
import { sum } from "../reduce/sum.ts";

/** One number for all elements, or none taken together. */
export type LossReduction = "mean" | "sum" | "none";

export interface LossOptions {
  /** Default "mean"; over no elements it is NaN. */
  readonly reduction?: LossReduction;
}

export function checkReduction(op: string, reduction: string, allowed: readonly string[] = ["mean", "sum", "none"]): void {
  if (!allowed.includes(reduction)) throw new ArgumentError(op, `reduction is ${JSON.stringify(reduction)}. It must be one of ${allowed.map((name) => `"${name}"`).join(", ")}.`);
}

export function reduceLoss(op: string, losses: Tensor, reduction: LossReduction = "mean"): Tensor {
  checkReduction(op, reduction);
  if (reduction === "none") return losses;
  return reduction === "sum" ? sum(losses) : mean(losses);
}

/** Broadcasting [n, 1] against [n] would compare each prediction with every target, and train without a sign of it. */
export function checkPair(op: string, input: Tensor, target: Tensor): void {
  checkTensor(op, input);
  checkTensor(op, target);
  if (!sameShape(input.shape, target.shape))
    throw new ShapeError(op, `the input is ${formatShape(input.shape)}, the target is ${formatShape(target.shape)}. They must be equal: nothing is broadcast here. Use reshape or broadcastTo.`, [input.shape, target.shape]);
}
