// Recurrent layers over time: what RNN, LSTM and GRU share. All products of the input are one matmul before the first
// step; a step is the product of h and one cell.
import { zeros } from "../../create.ts";
import { ArgumentError, ShapeError } from "../../errors.ts";
import { checkList, optionsOf } from "../../options.ts";
import { drop } from "../../scope.ts";
import type { Shape } from "../../shape.ts";
import { formatShape, sameShape } from "../../shape.ts";
import { checkTensor, type Tensor } from "../../tensor.ts";
import { concat } from "../concat/concat.ts";
import { stack } from "../concat/stack.ts";
import { dropout, type DropoutOptions } from "../dropout/dropout.ts";
import { linear } from "../matmul/linear.ts";
import { matmul } from "../matmul/matmul.ts";
import { reshape } from "../shape/reshape.ts";
import { rows } from "../shape/rows.ts";
import { transpose } from "../shape/transpose.ts";

/** Weights of one layer in one direction; rows are ordered by gate. */
export interface RecurrentWeights {
  /** [gates hidden, features]; features of a later layer are all that the layer before puts out. */
  readonly wIh: Tensor;
  /** [gates hidden, hidden] */
  readonly wHh: Tensor;
  /** [gates hidden] */
  readonly bIh: Tensor;
  /** [gates hidden] */
  readonly bHh: Tensor;
}

export interface RecurrentOptions {
  /** Every layer also runs from the end to the start, with weights of its own; y has both side by side. Default false. */
  readonly bidirectional?: boolean;
  /** x and y are [batch, time, features]; states keep their shape. Default false. */
  readonly batchFirst?: boolean;
  /** Applied to what every layer but the last puts out. */
  readonly dropout?: DropoutOptions;
}

/** One kind of recurrent net. */
export interface Kind {
  readonly name: string;
  readonly gates: number;
  /** Names of the tensors of the state; the first is h. */
  readonly state: readonly string[];
  /** What is added to every product of the input. */
  inputBias(weights: RecurrentWeights): Tensor;
  /** The next state. */
  step(xGates: Tensor, hGates: Tensor, state: readonly Tensor[], weights: RecurrentWeights): readonly Tensor[];
}

export interface Unrolled {
  readonly y: Tensor;
  readonly state: readonly Tensor[];
}

export function unroll(kind: Kind, x: Tensor, start: readonly Tensor[], weights: readonly RecurrentWeights[], options: RecurrentOptions): Unrolled {
  const { bidirectional = false, batchFirst = false } = optionsOf(kind.name, options);
  checkTensor(kind.name, x);
  for (const t of start) checkTensor(kind.name, t);
  checkList(kind.name, "weights", weights);
  for (const { wIh, wHh, bIh, bHh } of weights.map((w) => optionsOf(kind.name, w))) for (const t of [wIh, wHh, bIh, bHh]) checkTensor(kind.name, t);
  const directions = bidirectional ? 2 : 1;
  check(kind, x.shape, start.map((t) => t.shape), weights, directions, batchFirst);
  const last: Tensor[][] = kind.state.map(() => []);
  // What one layer hands to the next is of no use to anyone else.
  const pass = (from: Tensor, to: Tensor): Tensor => {
    if (from.storage !== to.storage && from.storage !== x.storage) drop(from);
    return to;
  };
  let value = batchFirst ? transpose(x, [1, 0, 2]) : x;
  for (let i = 0; i < weights.length; i += directions) {
    if (i > 0 && options.dropout !== undefined) value = pass(value, dropout(value, options.dropout));
    const outputs = weights.slice(i, i + directions).map((w, direction) => {
      const { y, state } = oneDirection(kind, value, start.map((t) => entry(t, i + direction)), w, direction === 1);
      state.forEach((t, part) => last[part].push(t));
      return y;
    });
    value = pass(value, directions === 1 ? outputs[0] : concat(outputs, { axis: 2 }));
    if (directions > 1) outputs.forEach(drop);
  }
  const state = last.map((parts) => stack(parts));
  if (x.shape[batchFirst ? 1 : 0] > 0) last.flat().forEach(drop);
  return { y: batchFirst ? pass(value, transpose(value, [1, 0, 2])) : value, state };
}

/** The state is that of the last step, still to be read. */
function oneDirection(kind: Kind, x: Tensor, start: readonly Tensor[], weights: RecurrentWeights, backwards: boolean): Unrolled {
  const [time, batch] = x.shape;
  const hidden = weights.wHh.shape[1];
  if (time === 0) return { y: zeros([0, batch, hidden], { dtype: x.dtype }), state: start };
  const gates = linear(x, weights.wIh, kind.inputBias(weights));
  const outputs: Tensor[] = [];
  let state = start;
  for (let step = 0; step < time; step++) {
    const product = matmul(state[0], weights.wHh, { transposeB: true });
    state = kind.step(entry(gates, backwards ? time - 1 - step : step), product, state, weights);
    drop(product);
    outputs.push(state[0]);
  }
  drop(gates);
  const y = stack(backwards ? outputs.toReversed() : outputs);
  outputs.slice(0, -1).forEach(drop);
  return { y, state };
}

/** The i-th entry of the first axis: a view. */
export function entry(x: Tensor, i: number): Tensor {
  return reshape(rows(x, i, i + 1), x.shape.slice(1));
}

function check({ name, gates, state }: Kind, x: Shape, start: readonly Shape[], weights: readonly RecurrentWeights[], directions: number, batchFirst: boolean): void {
  if (x.length !== 3) throw new ShapeError(name, `x is ${formatShape(x)}. It needs ${batchFirst ? "[batch, time, features]" : "[time, batch, features]"}.`, [x]);
  if (weights.length === 0 || weights.length % directions !== 0)
    throw new ArgumentError(name, `there are weights for ${weights.length} layers and directions. It needs at least one${directions === 2 ? ", and a pair for each layer: forwards and backwards" : ""}.`);
  const batch = x[batchFirst ? 0 : 1];
  const hidden = weights[0].wHh.shape.at(-1) ?? 0;
  const needed: Shape = [weights.length, batch, hidden];
  start.forEach((shape, i) => {
    if (!sameShape(shape, needed)) throw new ShapeError(name, `${state[i]} is ${formatShape(shape)}. x ${formatShape(x)} and the weights need ${formatShape(needed)}: [layers x directions, batch, hidden].`, [shape, x]);
  });
  const rowCount = gates * hidden;
  weights.forEach((w, i) => {
    const features = i < directions ? x[2] : directions * hidden;
    const wanted: Readonly<Record<keyof RecurrentWeights, Shape>> = { wIh: [rowCount, features], wHh: [rowCount, hidden], bIh: [rowCount], bHh: [rowCount] };
    for (const part of ["wIh", "wHh", "bIh", "bHh"] as const) {
      const { shape } = w[part];
      if (!sameShape(shape, wanted[part]))
        throw new ShapeError(name, `${part} of layer ${Math.floor(i / directions)}${i % directions === 1 ? ", backwards," : ""} is ${formatShape(shape)}. ${features} features and ${hidden} hidden units need ${formatShape(wanted[part])}${gates > 1 ? `: ${gates} gates of ${hidden} rows` : ""}.`, [shape, x]);
    }
  });
}
