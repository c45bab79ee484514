import type { Tensor } from "@llr/tensor";
import { ArgumentError, dropout } from "@llr/tensor";
import type { ForwardContext } from "../module.ts";
import { Module } from "../module.ts";

/**
 * In training, sets each number to 0 with probability p and divides the others by 1 - p; otherwise it does nothing. The
 * generator comes with each call.
 *
 * @throws ArgumentError for p outside [0, 1], or in training without a generator
 * @example
 * import { Dropout } from "@llr/nn";
 * import { ones, Rng } from "@llr/tensor";
 * const layer = new Dropout(0.5);
 * layer.forward(ones([6]), { training: true, rng: new Rng(3) }).toArray() // => [0, 2, 2, 0, 2, 2]
 * layer.forward(ones([2])).toArray() // => [1, 1]
 * layer.forward(ones([2]), { training: true }) // throws there is no generator
 */
export class Dropout extends Module {
  readonly p: number;

  constructor(p = 0.5) {
    super();
    if (!(typeof p === "number" && p >= 0 && p <= 1)) throw new ArgumentError("Dropout", `p is ${p}. It must lie in [0, 1]: the probability with which a number is dropped.`);
    this.p = p;
  }

  forward(x: Tensor, { training = false, rng }: ForwardContext = {}): Tensor {
    return dropout(x, { p: this.p, training, rng });
  }
}
