import type { Tensor } from "@llr/tensor";
import { sweep } from "./sweep.ts";

export interface BackwardOptions {
  /** Gradient for the given tensor itself, of its shape: needed when it is not a single number. */
  readonly seed?: Tensor;
  /** Leave the history usable for another backward pass. Default false: it is freed while the pass goes on. */
  readonly keepHistory?: boolean;
}

/**
 * Adds d loss / d p to the `grad` of every parameter p that the loss was computed from. First order, in place, and freeing
 * as it goes: gradients of intermediate results and what history kept for them are gone afterwards; tensors that the
 * caller may hold, such as logits, stay.
 *
 * @param loss a single number
 * If a derivative throws, or there is no memory left, the gradients that this pass began are null again; sums that earlier
 * passes began may have got a part of it: set them to null and run all passes again.
 *
 * @throws ShapeError if the loss is not a single number; HistoryError if it has no history, if its history was already
 *   used or ended with its scope, or if a parameter was updated in place after it was read; all before any computing
 * @example
 * import { backward, parameter } from "@llr/autograd";
 * import { mean, mul, sub, tensor } from "@llr/tensor";
 * const w = parameter([1, 1], { name: "w" });
 * const error = sub(mul(w, tensor([2, 3])), tensor([1, 1]));
 * backward(mean(mul(error, error)));
 * w.grad // => [2, 6]
 */
export function backward(loss: Tensor, options: BackwardOptions = {}): void {
  sweep("backward", loss, null, options);
}
