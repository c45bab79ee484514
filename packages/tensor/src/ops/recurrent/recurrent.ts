import { optionsOf } from "../../options.ts";
import type { Tensor } from "../../tensor.ts";
import { add } from "../elementwise/add.ts";
import { gruCell } from "./gruCell.ts";
import { lstmCell } from "./lstmCell.ts";
import { rnnCell } from "./rnnCell.ts";
import type { Kind, RecurrentOptions, RecurrentWeights } from "./unroll.ts";
import { entry, unroll } from "./unroll.ts";

/** State of `rnn` and `gru`. */
export interface HiddenState {
  /** [layers x directions, batch, hidden] */
  readonly h: Tensor;
}

/** State of `lstm`. */
export interface LstmState extends HiddenState {
  /** As h. */
  readonly c: Tensor;
}

const bothBiases = ({ bIh, bHh }: RecurrentWeights): Tensor => add(bIh, bHh);

const RNN: Kind = { name: "rnn", gates: 1, state: ["h"], inputBias: bothBiases, step: (xPart, hPart) => [rnnCell(xPart, hPart)] };

// The reset gate acts on the hidden product with its bias, so that bias cannot join the input's.
const GRU: Kind = { name: "gru", gates: 3, state: ["h"], inputBias: ({ bIh }) => bIh, step: (xGates, hGates, [h], { bHh }) => [gruCell(xGates, hGates, bHh, h)] };

const LSTM: Kind = {
  name: "lstm", gates: 4, state: ["h", "c"], inputBias: bothBiases,
  step: (xGates, hGates, [, c]) => {
    const both = lstmCell(xGates, hGates, c);
    return [entry(both, 0), entry(both, 1)];
  },
};

/**
 * Plain recurrent layers, one over the other (Elman 1990), each step by `rnnCell`:
 *
 *     h_t = tanh(W_ih x_t + b_ih + W_hh h_(t-1) + b_hh)
 *
 * @param x [time, batch, features], or [batch, time, features] with batchFirst
 * @param start h [layers x directions, batch, hidden]; layer by layer, forwards before backwards
 * @param weights in the same order
 * @returns y: what the last layer puts out at every step, [time, batch, directions hidden] (batch first like x); and the
 *   last h of every layer and direction
 * @throws ShapeError naming the first thing that does not fit; ArgumentError without weights
 * @example
 * import { rnn, tensor, zeros } from "@llr/tensor";
 * const weights = { wIh: tensor([[1]]), wHh: tensor([[0.5]]), bIh: zeros([1]), bHh: zeros([1]) };
 * const { y, h } = rnn(tensor([1, 0], [2, 1, 1]), { h: zeros([1, 1, 1]) }, [weights]);
 * y.toArray() // => [0.76159, 0.36340]
 * h.toArray() // => [0.36340]
 */
export function rnn(x: Tensor, start: HiddenState, weights: readonly RecurrentWeights[], options: RecurrentOptions = {}): { readonly y: Tensor } & HiddenState {
  const { y, state: [h] } = unroll(RNN, x, [optionsOf("rnn", start).h], weights, options);
  return { y, h };
}

/**
 * Gated recurrent units (Cho et al. 2014), each step by `gruCell`: gates r, z, n, the reset gate after the hidden product.
 * Arguments and results as in `rnn`, with three times as many rows in the weights.
 *
 * @throws ShapeError naming the first thing that does not fit; ArgumentError without weights
 * @example
 * import { gru, tensor, zeros } from "@llr/tensor";
 * const weights = { wIh: tensor([[0], [0], [1]]), wHh: zeros([3, 1]), bIh: zeros([3]), bHh: zeros([3]) };
 * gru(tensor([1, 0], [2, 1, 1]), { h: zeros([1, 1, 1]) }, [weights]).y.toArray() // => [0.38080, 0.19040]
 */
export function gru(x: Tensor, start: HiddenState, weights: readonly RecurrentWeights[], options: RecurrentOptions = {}): { readonly y: Tensor } & HiddenState {
  const { y, state: [h] } = unroll(GRU, x, [optionsOf("gru", start).h], weights, options);
  return { y, h };
}

/**
 * Long short-term memory (Hochreiter and Schmidhuber 1997), each step by `lstmCell`: gates i, f, g, o. Arguments and
 * results as in `rnn`, with a second state c and four times as many rows in the weights.
 *
 * @throws ShapeError naming the first thing that does not fit; ArgumentError without weights
 * @example
 * import { lstm, tensor, zeros } from "@llr/tensor";
 * const weights = { wIh: tensor([[0], [0], [1], [0]]), wHh: zeros([4, 1]), bIh: zeros([4]), bHh: zeros([4]) };
 * const { y, c } = lstm(tensor([1, 0], [2, 1, 1]), { h: zeros([1, 1, 1]), c: zeros([1, 1, 1]) }, [weights]);
 * y.toArray() // => [0.18170, 0.09407]
 * c.toArray() // => [0.19040]
 */
export function lstm(x: Tensor, start: LstmState, weights: readonly RecurrentWeights[], options: RecurrentOptions = {}): { readonly y: Tensor } & LstmState {
  optionsOf("lstm", start);
  const { y, state: [h, c] } = unroll(LSTM, x, [start.h, start.c], weights, options);
  return { y, h, c };
}
