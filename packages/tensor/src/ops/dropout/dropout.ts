import { apply } from "../../apply.ts";
import { allocateHere } from "../../create.ts";
import { isFloat } from "../../dtype.ts";
import { ArgumentError, DTypeError, ShapeError } from "../../errors.ts";
import type { Primitive } from "../../op.ts";
import { optionsOf } from "../../options.ts";
import type { Rng } from "../../random.ts";
import { drop } from "../../scope.ts";
import type { Shape } from "../../shape.ts";
import { broadcastShapes, broadcastStrides, formatShape, offsets, sameShape, sizeOf } from "../../shape.ts";
import { ELEMENTWISE_GRAIN } from "../../simd/grain.ts";
import { parallel } from "../../simd/parallel.ts";
import { checkTensor, Tensor } from "../../tensor.ts";

export interface Drop {
  readonly p: number;
}

export const dropoutMaskOp: Primitive<Drop> = {
  kind: "primitive",
  name: "dropoutMask",
  dtype: ([x, mask]) => {
    if (!isFloat(x) || mask !== "bool") throw new DTypeError("dropoutMask", `inputs have the element types ${x}, ${mask}. It needs f32 or f64, and a bool mask (a Uint8Array of 0 and 1).`);
    return x;
  },
  shape: ([x, mask], { p }) => {
    if (!sameShape(broadcastShapes("dropoutMask", x, mask), x)) throw new ShapeError("dropoutMask", `x is ${formatShape(x)}, the mask is ${formatShape(mask)}. The mask must have the shape of x, or broadcast to it.`, [x, mask]);
    checkProbability("dropoutMask", p);
    return x;
  },
  saves: [1],
  nan: "propagates",
  reference: (out, [x, mask], { shapes, shape, attrs: { p } }) => {
    const scale = scaleOf(p);
    if (mask.length === x.length) {
      for (let i = 0; i < out.length; i++) out[i] = x[i] * mask[i] * scale;
      return;
    }
    const from = offsets(shape, broadcastStrides(shapes[1], shape));
    for (let i = 0; i < out.length; i++) out[i] = x[i] * mask[from[i]] * scale;
  },
  simd: (out, [x, mask], { shapes: [shapeX, shapeMask], attrs: { p } }) => {
    if (!sameShape(shapeX, shapeMask)) return false;
    return parallel("dropoutMaskMap", [out, x, mask, scaleOf(p)], sizeOf(shapeX), ELEMENTWISE_GRAIN);
  },
  derivative: (dOut, { inputs: [, mask], attrs }) => [apply(dropoutMaskOp, [dOut, mask], attrs), null],
};

/** With p = 1 nothing is kept. */
export const scaleOf = (p: number): number => (p === 1 ? 0 : 1 / (1 - p));

function checkProbability(op: string, p: number): void {
  if (!(p >= 0 && p <= 1)) throw new ArgumentError(op, `p is ${p}. It must lie in [0, 1]: the probability with which a number is dropped.`);
}

/**
 * x mask / (1 - p): the numbers that the mask keeps, enlarged so that their expectation stays the same.
 *
 * @param mask bool of the shape of x, or of one that broadcasts to it (whole channels: [batch, channels, 1, 1]): 1 keeps, 0 drops
 * @param p the probability with which the mask was drawn to drop, in [0, 1]; 1 gives zeros
 * @throws ShapeError if the mask does not fit; ArgumentError for p outside [0, 1]
 * @example
 * import { dropoutMask, tensor } from "@llr/tensor";
 * dropoutMask(tensor([1, 2, 3]), tensor([true, false, true]), { p: 0.5 }).toArray() // => [2, 0, 6]
 */
export function dropoutMask(x: Tensor, mask: Tensor, options: Drop): Tensor {
  const { p } = optionsOf("dropoutMask", options);
  return apply(dropoutMaskOp, [x, mask], { p });
}

export interface DropoutOptions {
  /** Probability with which a number is dropped, in [0, 1]. */
  readonly p: number;
  /** Whether numbers are dropped at all: evaluation gives x itself. */
  readonly training: boolean;
  /** Draws one integer for each number, in training with p > 0. */
  readonly rng?: Rng | undefined;
}

/**
 * In training, sets each number to 0 with probability p and divides the others by 1 - p (Srivastava et al., "Dropout", 2014,
 * in the form that leaves evaluation alone). A generator in the same state drops the same numbers.
 *
 * @throws ArgumentError for p outside [0, 1], or without a generator in training
 * @example
 * import { dropout, ones, Rng } from "@llr/tensor";
 * const x = ones([6]);
 * dropout(x, { p: 0.5, training: true, rng: new Rng(3) }).toArray() // => [0, 2, 2, 0, 2, 2]
 * dropout(x, { p: 0.5, training: true, rng: new Rng(3) }).toArray() // => [0, 2, 2, 0, 2, 2]
 * dropout(x, { p: 0.5, training: false }) === x // => true
 */
export function dropout(x: Tensor, options: DropoutOptions): Tensor {
  const { p, training, rng } = optionsOf("dropout", options);
  checkTensor("dropout", x);
  checkProbability("dropout", p);
  if (!training || p === 0) return x;
  if (rng === undefined) throw new ArgumentError("dropout", "there is no generator. Give one as rng in training: new Rng(seed).");
  const mask = keepMask(x.shape, p, rng);
  const y = dropoutMask(x, mask, { p });
  drop(mask);
  return y;
}

/** 1 with probability 1 - p. */
function keepMask(shape: Shape, p: number, rng: Rng): Tensor {
  const storage = allocateHere("bool", sizeOf(shape), "dropout");
  const limit = p * 2 ** 32; // exact, and draws are whole numbers below 2^32
  for (let i = 0; i < storage.array.length; i++) storage.array[i] = Number(rng.uint32() >= limit);
  return new Tensor(storage, 0, shape, "bool");
}
