import { apply } from "../../apply.ts";
import type { Fused } from "../../op.ts";
import { sizeOf } from "../../shape.ts";
import { ELEMENTWISE_GRAIN } from "../../simd/grain.ts";
import { parallel } from "../../simd/parallel.ts";
import type { Tensor } from "../../tensor.ts";
import { add } from "../elementwise/add.ts";
import { tanh } from "../elementwise/tanh.ts";
import { checkGates } from "./gates.ts";

export const rnnCellOp: Fused<null> = {
  kind: "fused",
  name: "rnnCell",
  shape: (shapes) => checkGates("rnnCell", 1, shapes, "two of the same shape, [batch, hidden]", () => shapes.length === 2),
  saves: [0, 1, "output"],
  nan: "propagates",
  definition: ([xPart, hPart]) => tanh(add(xPart, hPart)),
  reference: {
    forward: (out, [xPart, hPart]) => {
      for (let i = 0; i < out.length; i++) out[i] = Math.tanh(xPart[i] + hPart[i]);
    },
    backward: ([dX, dH], dOut, _inputs, y) => {
      for (let i = 0; i < dOut.length; i++) {
        const d = dOut[i] * (1 - y[i] * y[i]);
        if (dX !== null) dX[i] = d;
        if (dH !== null) dH[i] = d;
      }
    },
  },
  simd: {
    forward: (out, [xPart, hPart], { shape }) => parallel("rnnCellForward", [out, xPart, hPart], sizeOf(shape), ELEMENTWISE_GRAIN),
    backward: (gradients, dOut, _inputs, y, { shape }) => {
      for (const gradient of gradients) if (gradient !== 0) parallel("tanhGradZip", [gradient, dOut, y], sizeOf(shape), ELEMENTWISE_GRAIN);
    },
  },
};

/**
 * One step of a plain recurrent layer, without its matrix products (Elman, "Finding structure in time", 1990):
 *
 *     h' = tanh(xPart + hPart)
 *
 * @param xPart [batch, hidden]: x W_ih^T + b_ih + b_hh
 * @param hPart [batch, hidden]: h W_hh^T
 * @returns the next h, [batch, hidden]
 * @throws ShapeError if the shapes differ
 * @example
 * import { rnnCell, tensor } from "@llr/tensor";
 * rnnCell(tensor([[0.5, 0]]), tensor([[0.5, 0]])).toArray() // => [0.76159, 0]
 */
export const rnnCell = (xPart: Tensor, hPart: Tensor): Tensor => apply(rnnCellOp, [xPart, hPart], null);
