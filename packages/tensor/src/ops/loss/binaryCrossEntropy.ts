// Yes or no: bceLoss of probabilities, bceWithLogits of logits.
import { apply } from "../../apply.ts";
import { ArgumentError } from "../../errors.ts";
import type { Primitive } from "../../op.ts";
import { optionsOf } from "../../options.ts";
import { checkTensor, numbersFor, type Tensor } from "../../tensor.ts";
import { add } from "../elementwise/add.ts";
import { applyBinary, binary } from "../elementwise/binary.ts";
import { clip } from "../elementwise/clip.ts";
import { div } from "../elementwise/div.ts";
import { log1p } from "../elementwise/exponentials.ts";
import { log } from "../elementwise/log.ts";
import { mul } from "../elementwise/mul.ts";
import { neg } from "../elementwise/neg.ts";
import { sigmoid } from "../elementwise/sigmoid.ts";
import { softplus, softplusOf } from "../elementwise/softplus.ts";
import { sub } from "../elementwise/sub.ts";
import { sumTo } from "../reduce/sumTo.ts";
import type { LossOptions } from "./reduceLoss.ts";
import { checkPair, reduceLoss } from "./reduceLoss.ts";

/** As PyTorch: a logarithm is not below -100, so that a certain but wrong answer costs 100 and not Infinity. */
const LEAST = -100;
/** As PyTorch: the divisor of the derivative, p (1 - p), is at least this. */
const DIVISOR = 1e-12;

export const bceOp: Primitive<null> = binary({
  name: "bce",
  f: (p, y) => y * Math.min(-Math.log(p), -LEAST) + (1 - y) * Math.min(-Math.log1p(-p), -LEAST),
  saves: [0, 1],
  derivative: (dOut, { inputs: [p, y], needs }) => [
    needs[0] ? sumTo(mul(dOut, div(sub(p, y), clip(mul(p, sub(1, p)), { min: DIVISOR }))), p.shape) : null,
    needs[1] ? sumTo(mul(dOut, sub(clip(log1p(neg(p)), { min: LEAST }), clip(log(p), { min: LEAST }))), y.shape) : null,
  ],
});

export const bceWithLogitsOp: Primitive<null> = binary({
  name: "bceWithLogits",
  f: (x, y) => (1 - y) * x + softplusOf(-x),
  saves: [0, 1],
  derivative: (dOut, { inputs: [x, y], needs }) => [
    needs[0] ? sumTo(mul(dOut, applyBinary(bceWithLogitsSlopeOp, x, y)), x.shape) : null,
    needs[1] ? sumTo(neg(mul(dOut, x)), y.shape) : null,
  ],
});

/** sigmoid(x) - y in double precision: near the end of training the two are close. */
export const bceWithLogitsSlopeOp: Primitive<null> = binary({
  name: "bceWithLogitsSlope",
  f: (x, y) => 1 / (1 + Math.exp(-x)) - y,
  saves: [0],
  derivative: (dOut, { inputs: [x, y], needs }) => [
    needs[0] ? sumTo(mul(dOut, mul(sigmoid(x), sigmoid(neg(x)))), x.shape) : null,
    needs[1] ? sumTo(neg(dOut), y.shape) : null,
  ],
});

export interface BinaryLossOptions extends LossOptions {
  /** Factor of each element's loss; broadcasts to the shape of the input. */
  readonly weight?: Tensor | null;
}

/** Outside [0, 1] the loss has no least value, or none at all: training goes wrong without a sign of it. */
function checkProbabilities(op: string, name: string, t: Tensor, advice: string): void {
  if (t.storage.buffer !== null) return;
  const numbers = numbersFor(op, t);
  for (let i = 0; i < numbers.length; i++)
    if (numbers[i] < 0 || numbers[i] > 1) throw new ArgumentError(op, `${name} is ${numbers[i]} at position ${i}. It must be a probability in [0, 1]. ${advice}`);
}

const weighted = (losses: Tensor, weight: Tensor | null): Tensor => (weight === null ? losses : mul(losses, weight));

/**
 * Binary cross-entropy of probabilities, -(y log p + (1 - y) log(1 - p)), and its mean over all elements.
 *
 * Prefer {@link bceWithLogits}: a probability near 1 has few digits left. As in PyTorch a logarithm is not below -100, and
 * p (1 - p), by which the derivative divides, not below 1e-12.
 *
 * @param p probabilities in [0, 1]; NaN stays NaN
 * @param y the shape of p, in [0, 1]
 * @throws ShapeError if the shapes differ; ArgumentError for a number outside [0, 1], unless it lies on a device, where nobody
 *   looks at it
 * @example
 * import { bceLoss, tensor } from "@llr/tensor";
 * bceLoss(tensor([0.5, 0]), tensor([1, 1]), { reduction: "none" }).toArray() // => [0.69315, 100]
 * bceLoss(tensor([2.5]), tensor([1])) // throws bceLoss: p is 2.5 at position 0
 */
export function bceLoss(p: Tensor, y: Tensor, options: BinaryLossOptions = {}): Tensor {
  const { weight = null, reduction = "mean" } = optionsOf("bceLoss", options);
  checkTensor("bceLoss", p);
  checkTensor("bceLoss", y);
  checkPair("bceLoss", p, y);
  checkProbabilities("bceLoss", "p", p, "bceWithLogits takes logits, which may be any numbers.");
  checkProbabilities("bceLoss", "y", y, "Labels -1 and 1 become 0 and 1 by (y + 1) / 2.");
  return reduceLoss("bceLoss", weighted(apply(bceOp, [p, y], null), weight), reduction);
}

/**
 * Binary cross-entropy of sigmoid(x): (1 - y) x + log(1 + e^-x), and its mean over all elements. Any x is safe.
 *
 * @param x logits
 * @param y the shape of x, in [0, 1]
 * @param posWeight factor of the loss of the positive answer; broadcasts to the shape of x
 * @throws ShapeError if the shapes differ; ArgumentError for a y outside [0, 1], unless it lies on a device
 * @example
 * import { bceWithLogits, tensor } from "@llr/tensor";
 * bceWithLogits(tensor([0, -1000]), tensor([1, 1]), { reduction: "none" }).toArray() // => [0.69315, 1000]
 */
export function bceWithLogits(x: Tensor, y: Tensor, options: BinaryLossOptions & { readonly posWeight?: Tensor | null } = {}): Tensor {
  const { weight = null, posWeight = null, reduction = "mean" } = optionsOf("bceWithLogits", options);
  checkTensor("bceWithLogits", x);
  checkTensor("bceWithLogits", y);
  checkPair("bceWithLogits", x, y);
  checkProbabilities("bceWithLogits", "y", y, "Labels -1 and 1 become 0 and 1 by (y + 1) / 2.");
  const losses = posWeight === null
    ? apply(bceWithLogitsOp, [x, y], null)
    : add(mul(sub(1, y), x), mul(add(1, mul(sub(posWeight, 1), y)), softplus(neg(x))));
  return reduceLoss("bceWithLogits", weighted(losses, weight), reduction);
}
