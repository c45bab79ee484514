// Recurrent nets in the kit's words: a flat list of x, the start of every state, and four arrays for every layer and direction.
import type { RecurrentOptions, RecurrentWeights, Tensor } from "@llr/tensor";
import { gru, lstm, rnn } from "@llr/tensor";

type Attributes = Readonly<Record<string, unknown>>;
type KitOp = (inputs: readonly Tensor[], attrs: Attributes) => Tensor | Tensor[];

function weightsOf(tensors: readonly Tensor[]): RecurrentWeights[] {
  return Array.from({ length: tensors.length / 4 }, (_, i) => {
    const [wIh, wHh, bIh, bHh] = tensors.slice(4 * i, 4 * i + 4) as [Tensor, Tensor, Tensor, Tensor];
    return { wIh, wHh, bIh, bHh };
  });
}

const optionsOf = ({ bidirectional, batchFirst }: Attributes): RecurrentOptions => ({ bidirectional: Boolean(bidirectional), batchFirst: Boolean(batchFirst) });

const oneState = (f: typeof rnn): KitOp => ([x, start, ...weights], attrs) => {
  const { y, h } = f(x, { h: start }, weightsOf(weights), optionsOf(attrs));
  return [y, h];
};

export const recurrentOps: Readonly<Record<string, KitOp>> = {
  rnn: oneState(rnn),
  gru: oneState(gru),
  lstm: ([x, h0, c0, ...weights], attrs) => {
    const { y, h, c } = lstm(x, { h: h0, c: c0 }, weightsOf(weights), optionsOf(attrs));
    return [y, h, c];
  },
};
