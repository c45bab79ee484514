import { apply } from "../../apply.ts";
import type { Fused } from "../../op.ts";
import { sameShape } from "../../shape.ts";
import { parallel } from "../../simd/parallel.ts";
import type { Tensor } from "../../tensor.ts";
import { add } from "../elementwise/add.ts";
import { mul } from "../elementwise/mul.ts";
import { sigmoid } from "../elementwise/sigmoid.ts";
import { sub } from "../elementwise/sub.ts";
import { tanh } from "../elementwise/tanh.ts";
import { CELL_GRAIN, checkGates, gate, logistic } from "./gates.ts";

export const gruCellOp: Fused<null> = {
  kind: "fused",
  name: "gruCell",
  shape: (shapes) => {
    const [, , bias, h] = shapes;
    return checkGates("gruCell", 3, shapes, "gates of x and of h, both [batch, 3 hidden], the bias of the latter [3 hidden], and h [batch, hidden]", (batch, hidden) => shapes.length === 4 && sameShape(bias, [3 * hidden]) && sameShape(h, [batch, hidden]));
  },
  saves: [0, 1, 2, 3],
  nan: "propagates",
  definition: ([xGates, hProduct, bias, h]) => {
    const hidden = h.shape[1];
    const hGates = add(hProduct, bias);
    const [r, z] = [0, 1].map((i) => sigmoid(add(gate(xGates, i, hidden), gate(hGates, i, hidden))));
    const n = tanh(add(gate(xGates, 2, hidden), mul(r, gate(hGates, 2, hidden))));
    return add(mul(sub(1, z), n), mul(z, h));
  },
  reference: {
    forward: (out, [xGates, hGates, bias, h], { shape: [batch, hidden] }) => {
      for (let row = 0, at = 0; row < batch; row++)
        for (let unit = 0; unit < hidden; unit++, at++) {
          const k = row * 3 * hidden + unit;
          const r = logistic(xGates[k] + hGates[k] + bias[unit]);
          const z = logistic(xGates[k + hidden] + hGates[k + hidden] + bias[unit + hidden]);
          const n = Math.tanh(xGates[k + 2 * hidden] + r * (hGates[k + 2 * hidden] + bias[unit + 2 * hidden]));
          out[at] = (1 - z) * n + z * h[at];
        }
    },
    backward: ([dX, dHGates, dBias, dH], dOut, [xGates, hGates, bias, h], _output, { shape: [batch, hidden] }) => {
      // Unit by unit, so that the sums over the batch are kept in double precision.
      for (let unit = 0; unit < hidden; unit++) {
        let [sumR, sumZ, sumM] = [0, 0, 0];
        for (let row = 0; row < batch; row++) {
          const [at, k] = [row * hidden + unit, row * 3 * hidden + unit];
          const m = hGates[k + 2 * hidden] + bias[unit + 2 * hidden];
          const r = logistic(xGates[k] + hGates[k] + bias[unit]);
          const z = logistic(xGates[k + hidden] + hGates[k + hidden] + bias[unit + hidden]);
          const n = Math.tanh(xGates[k + 2 * hidden] + r * m);
          const d = dOut[at];
          const dn = d * (1 - z) * (1 - n * n);
          const dz = d * (h[at] - n) * z * (1 - z);
          const dr = dn * m * r * (1 - r);
          if (dX !== null) {
            dX[k] = dr;
            dX[k + hidden] = dz;
            dX[k + 2 * hidden] = dn;
          }
          if (dHGates !== null) {
            dHGates[k] = dr;
            dHGates[k + hidden] = dz;
            dHGates[k + 2 * hidden] = dn * r;
          }
          if (dH !== null) dH[at] = d * z;
          sumR += dr;
          sumZ += dz;
          sumM += dn * r;
        }
        if (dBias !== null) {
          dBias[unit] = sumR;
          dBias[unit + hidden] = sumZ;
          dBias[unit + 2 * hidden] = sumM;
        }
      }
    },
  },
  simd: {
    forward: (out, [xGates, hGates, bias, h], { shape: [batch, hidden] }) =>
      hidden > 0 && parallel("gruCellForward", [out, xGates, hGates, bias, h, hidden], batch, Math.ceil(CELL_GRAIN / hidden)),
    backward: ([dX, dHGates, dBias, dH], dOut, [xGates, hGates, bias, h], _output, { shape: [batch, hidden] }) =>
      parallel("gruCellBackward", [dX, dHGates, dBias, dH, dOut, xGates, hGates, bias, h, batch, hidden], Math.ceil(hidden / 4), Math.ceil(CELL_GRAIN / (4 * Math.max(1, batch)))),
  },
};

/**
 * One step of a gated recurrent unit, without its matrix products (Cho et al. 2014). The gates r, z, n lie side by side in
 * each row of a = xGates and of b = hGates + bias. The reset gate acts after the hidden product, as in PyTorch and cuDNN:
 *
 *     r = sigmoid(a_r + b_r)   z = sigmoid(a_z + b_z)   n = tanh(a_n + r b_n)
 *     h' = (1 - z) n + z h
 *
 * @param xGates [batch, 3 hidden]: x W_ih^T + b_ih
 * @param hGates [batch, 3 hidden]: h W_hh^T
 * @param bias [3 hidden]: b_hh
 * @param h [batch, hidden]
 * @returns the next h, [batch, hidden]
 * @throws ShapeError if the shapes do not fit
 * @example
 * import { gruCell, tensor, zeros } from "@llr/tensor";
 * gruCell(tensor([[100, 0, 0]]), tensor([[0, 0, 1]]), zeros([3]), tensor([[1]])).toArray() // => [0.8808]
 */
export const gruCell = (xGates: Tensor, hGates: Tensor, bias: Tensor, h: Tensor): Tensor => apply(gruCellOp, [xGates, hGates, bias, h], null);
