// Losses between two tensors of numbers.
import { apply } from "../../apply.ts";
import { ArgumentError } from "../../errors.ts";
import type { Primitive } from "../../op.ts";
import { optionsOf } from "../../options.ts";
import { checkTensor, type Tensor } from "../../tensor.ts";
import { abs } from "../elementwise/abs.ts";
import { clip } from "../elementwise/clip.ts";
import { map } from "../elementwise/map.ts";
import { mul } from "../elementwise/mul.ts";
import { square } from "../elementwise/powers.ts";
import { sub } from "../elementwise/sub.ts";
import type { LossOptions } from "./reduceLoss.ts";
import { checkPair, reduceLoss } from "./reduceLoss.ts";

function difference(op: string, input: Tensor, target: Tensor): Tensor {
  checkPair(op, input, target);
  return sub(input, target);
}

/** x^2 / 2 up to delta on either side, then straight on. */
export const huberOp: Primitive<{ readonly delta: number }> = map<{ readonly delta: number }>({
  name: "huber",
  f: (x, { delta }) => {
    const size = Math.abs(x);
    return size > delta ? delta * (size - 0.5 * delta) : 0.5 * x * x;
  },
  slope: (x, { delta }) => clip(x, { min: -delta, max: delta }),
});

/**
 * (input - target)^2, and its mean over all elements.
 *
 * @param target the shape of input: [n, 1] against [n] is refused, where broadcasting would pair each with every other
 * @returns [] (scalar), or the shape of input with reduction "none"
 * @throws ShapeError if the shapes differ
 * @example
 * import { mseLoss, tensor } from "@llr/tensor";
 * mseLoss(tensor([1, 2]), tensor([1, 4])).item() // => 2
 * mseLoss(tensor([[1], [2]]), tensor([1, 2])) // throws the input is [2, 1], the target is [2]
 */
export function mseLoss(input: Tensor, target: Tensor, options: LossOptions = {}): Tensor {
  const { reduction = "mean" } = optionsOf("mseLoss", options);
  return reduceLoss("mseLoss", square(difference("mseLoss", input, target)), reduction);
}

/**
 * |input - target|, and its mean over all elements. Derivative 0 where they are equal.
 *
 * @param target the shape of input
 * @throws ShapeError if the shapes differ
 * @example
 * import { l1Loss, tensor } from "@llr/tensor";
 * l1Loss(tensor([1, 2]), tensor([1, 4]), { reduction: "sum" }).item() // => 2
 */
export function l1Loss(input: Tensor, target: Tensor, options: LossOptions = {}): Tensor {
  const { reduction = "mean" } = optionsOf("l1Loss", options);
  return reduceLoss("l1Loss", abs(difference("l1Loss", input, target)), reduction);
}

/**
 * d^2 / 2 for |d| <= delta, else delta (|d| - delta / 2), where d = input - target; and its mean over all elements.
 *
 * Huber 1964, https://doi.org/10.1214/aoms/1177703732
 *
 * @param target the shape of input
 * @param delta where the parabola becomes a line; default 1
 * @throws ShapeError if the shapes differ; ArgumentError if delta is not positive
 * @example
 * import { huberLoss, tensor } from "@llr/tensor";
 * huberLoss(tensor([1, 10]), tensor([0, 0]), { reduction: "none" }).toArray() // => [0.5, 9.5]
 */
export function huberLoss(input: Tensor, target: Tensor, options: LossOptions & { readonly delta?: number } = {}): Tensor {
  const { delta = 1, reduction = "mean" } = optionsOf("huberLoss", options);
  checkTensor("huberLoss", input);
  checkTensor("huberLoss", target);
  if (!(delta > 0)) throw new ArgumentError("huberLoss", `delta is ${delta}. It needs a positive number.`);
  return reduceLoss("huberLoss", apply(huberOp, [difference("huberLoss", input, target)], { delta }), reduction);
}

/**
 * huberLoss / beta: d^2 / (2 beta) for |d| <= beta, else |d| - beta / 2; and its mean over all elements.
 *
 * @param target the shape of input
 * @param beta where the parabola becomes a line; default 1. With 0 it is l1Loss
 * @throws ShapeError if the shapes differ; ArgumentError if beta is negative or infinite
 * @example
 * import { smoothL1Loss, tensor } from "@llr/tensor";
 * smoothL1Loss(tensor([1, 10]), tensor([0, 0]), { beta: 2, reduction: "none" }).toArray() // => [0.25, 9]
 */
export function smoothL1Loss(input: Tensor, target: Tensor, options: LossOptions & { readonly beta?: number } = {}): Tensor {
  const { beta = 1, reduction = "mean" } = optionsOf("smoothL1Loss", options);
  checkTensor("smoothL1Loss", input);
  checkTensor("smoothL1Loss", target);
  if (!(beta >= 0 && beta < Infinity)) throw new ArgumentError("smoothL1Loss", `beta is ${beta}. It needs a finite number >= 0.`);
  const d = difference("smoothL1Loss", input, target);
  const losses = beta === 0 ? abs(d) : apply(huberOp, [d], { delta: beta });
  return reduceLoss("smoothL1Loss", beta === 0 || beta === 1 ? losses : mul(losses, 1 / beta), reduction);
}
