import { apply } from "../../apply.ts";
import type { Fused } from "../../op.ts";
import { formatShape, sameShape } from "../../shape.ts";
import { parallel } from "../../simd/parallel.ts";
import type { Tensor } from "../../tensor.ts";
import { stack } from "../concat/stack.ts";
import { add } from "../elementwise/add.ts";
import { mul } from "../elementwise/mul.ts";
import { sigmoid } from "../elementwise/sigmoid.ts";
import { tanh } from "../elementwise/tanh.ts";
import { CELL_GRAIN, checkGates, gate, logistic } from "./gates.ts";

export const lstmCellOp: Fused<null> = {
  kind: "fused",
  name: "lstmCell",
  shape: (shapes) => {
    const [, , c] = shapes;
    const [batch, hidden] = checkGates("lstmCell", 4, shapes, `gates of x and of h, both [batch, 4 hidden], and c [batch, hidden]${c === undefined ? "" : `; c is ${formatShape(c)}`}`, (b, h) => c !== undefined && sameShape(c, [b, h]));
    return [2, batch, hidden];
  },
  saves: [0, 1, 2],
  nan: "propagates",
  definition: ([xGates, hGates, c]) => {
    const hidden = c.shape[1];
    const gates = add(xGates, hGates);
    const [i, f, g, o] = [sigmoid(gate(gates, 0, hidden)), sigmoid(gate(gates, 1, hidden)), tanh(gate(gates, 2, hidden)), sigmoid(gate(gates, 3, hidden))];
    const next = add(mul(f, c), mul(i, g));
    return stack([mul(o, tanh(next)), next]);
  },
  reference: {
    forward: (out, [xGates, hGates, c], { shapes: [, , [batch, hidden]] }) => {
      for (let row = 0, at = 0; row < batch; row++)
        for (let unit = 0; unit < hidden; unit++, at++) {
          const k = row * 4 * hidden + unit;
          const i = logistic(xGates[k] + hGates[k]);
          const f = logistic(xGates[k + hidden] + hGates[k + hidden]);
          const g = Math.tanh(xGates[k + 2 * hidden] + hGates[k + 2 * hidden]);
          const o = logistic(xGates[k + 3 * hidden] + hGates[k + 3 * hidden]);
          const next = f * c[at] + i * g;
          out[at] = o * Math.tanh(next);
          out[batch * hidden + at] = next;
        }
    },
    /** The gates are computed again: keeping them would double what a step holds for its derivative. */
    backward: ([dX, dH, dC], dOut, [xGates, hGates, c], _output, { shapes: [, , [batch, hidden]] }) => {
      for (let row = 0, at = 0; row < batch; row++)
        for (let unit = 0; unit < hidden; unit++, at++) {
          const k = row * 4 * hidden + unit;
          const i = logistic(xGates[k] + hGates[k]);
          const f = logistic(xGates[k + hidden] + hGates[k + hidden]);
          const g = Math.tanh(xGates[k + 2 * hidden] + hGates[k + 2 * hidden]);
          const o = logistic(xGates[k + 3 * hidden] + hGates[k + 3 * hidden]);
          const t = Math.tanh(f * c[at] + i * g);
          const dh = dOut[at];
          const dNext = dOut[batch * hidden + at] + dh * o * (1 - t * t);
          const [di, df, dg, dO] = [dNext * g * i * (1 - i), dNext * c[at] * f * (1 - f), dNext * i * (1 - g * g), dh * t * o * (1 - o)];
          for (const gradient of [dX, dH]) {
            if (gradient === null) continue;
            gradient[k] = di;
            gradient[k + hidden] = df;
            gradient[k + 2 * hidden] = dg;
            gradient[k + 3 * hidden] = dO;
          }
          if (dC !== null) dC[at] = dNext * f;
        }
    },
  },
  simd: {
    forward: (out, [xGates, hGates, c], { shapes: [, , [batch, hidden]] }) =>
      hidden > 0 && parallel("lstmCellForward", [out, xGates, hGates, c, batch, hidden], batch, Math.ceil(CELL_GRAIN / hidden)),
    backward: ([dX, dH, dC], dOut, [xGates, hGates, c], _output, { shapes: [, , [batch, hidden]] }) =>
      hidden > 0 && parallel("lstmCellBackward", [dX, dH, dC, dOut, xGates, hGates, c, batch, hidden], batch, Math.ceil(CELL_GRAIN / hidden)),
  },
};

/**
 * One step of a long short-term memory, without its matrix products (Hochreiter and Schmidhuber 1997, with the forget gate
 * of Gers et al. 2000). The gates i, f, g, o lie side by side in each row of a = xGates + hGates:
 *
 *     i = sigmoid(a_i)   f = sigmoid(a_f)   g = tanh(a_g)   o = sigmoid(a_o)
 *     c' = f c + i g     h' = o tanh(c')
 *
 * @param xGates [batch, 4 hidden]: x W_ih^T + b_ih + b_hh
 * @param hGates [batch, 4 hidden]: h W_hh^T
 * @param c [batch, hidden]
 * @returns h' and c' one after the other, [2, batch, hidden]
 * @throws ShapeError if the shapes do not fit
 * @example
 * import { lstmCell, tensor, zeros } from "@llr/tensor";
 * lstmCell(tensor([[100, 0, 0.5, 100]]), zeros([1, 4]), tensor([[2]])).toArray() // => [0.89806, 1.46212]
 */
export const lstmCell = (xGates: Tensor, hGates: Tensor, c: Tensor): Tensor => apply(lstmCellOp, [xGates, hGates, c], null);
