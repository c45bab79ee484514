// Choosing between two tensors element by element.
import { apply } from "../../apply.ts";
import { scalar } from "../../create.ts";
import type { DType, Numbers } from "../../dtype.ts";
import { ArgumentError, DTypeError, ShapeError } from "../../errors.ts";
import type { Primitive } from "../../op.ts";
import { optionsOf } from "../../options.ts";
import { drop } from "../../scope.ts";
import type { Shape } from "../../shape.ts";
import { broadcastShapes, broadcastStrides, formatShape, offsets, sameShape } from "../../shape.ts";
import { checkTensor, Tensor } from "../../tensor.ts";
import type { Operand } from "../elementwise/binary.ts";
import { sumTo } from "../reduce/sumTo.ts";

export const whereOp: Primitive<null> = {
  kind: "primitive",
  name: "where",
  dtype: ([condition, a, b]: readonly DType[]) => {
    if (condition !== "bool" || a !== b) throw new DTypeError("where", `inputs have the element types ${condition}, ${a}, ${b}. It needs a bool condition, such as a comparison gives, and two tensors of one type.`);
    return a;
  },
  shape: ([condition, a, b]) => {
    const choices = broadcastShapes("where", a, b);
    try {
      return broadcastShapes("where", condition, choices);
    } catch {
      throw new ShapeError("where", `the condition is ${formatShape(condition)}, the choices are ${formatShape(a)} and ${formatShape(b)}. They must broadcast: aligned at the last axis, sizes are equal or 1.`, [condition, a, b]);
    }
  },
  saves: [0],
  nan: "propagates",
  reference: (out, [condition, a, b], { shapes, shape }) => {
    const [chooses, fromA, fromB] = shapes.map((s) => reader(s, shape));
    for (let i = 0; i < out.length; i++) out[i] = chooses(condition, i) !== 0 ? fromA(a, i) : fromB(b, i);
  },
  // Chosen, not multiplied by 0 and 1: an infinite gradient does not become NaN on the other side.
  derivative: (dOut, { inputs: [condition, a, b], needs }) => [
    null,
    needs[1] ? sumTo(where(condition, dOut, 0), a.shape) : null,
    needs[2] ? sumTo(where(condition, 0, dOut), b.shape) : null,
  ],
};

/** Reads element i of the broadcast shape from a tensor of the smaller one. */
function reader(from: Shape, to: Shape): (numbers: Numbers, i: number) => number {
  if (sameShape(from, to)) return (numbers, i) => numbers[i];
  const places = offsets(to, broadcastStrides(from, to));
  return (numbers, i) => numbers[places[i]];
}

/**
 * a where the condition holds, else b; elementwise with broadcasting of all three. The gradient goes to what was chosen.
 *
 * A NaN or an infinity in what was not chosen does not reach the result, but the derivative of how it was computed is
 * 0 * Infinity = NaN. Guard its input, with {@link safeWhere}.
 *
 * @param condition bool, from a comparison
 * @throws ShapeError if the shapes do not broadcast; DTypeError for a condition that is not bool, or choices of two types
 * @example
 * import { greater, tensor, where } from "@llr/tensor";
 * const x = tensor([-1, 2]);
 * where(greater(x, 0), x, 0).toArray() // => [0, 2]
 */
export function where(condition: Tensor, a: Operand, b: Operand): Tensor {
  checkTensor("where", condition);
  const [x, y] = [operand(a, b), operand(b, a)];
  const result = apply(whereOp, [condition, x, y], null);
  if (x !== a) drop(x);
  if (y !== b) drop(y);
  return result;
}

function operand(x: Operand, other: Operand): Tensor {
  if (typeof x !== "number") return x;
  if (!(other instanceof Tensor)) throw new ArgumentError("where", "neither choice is a tensor. Make one with tensor().");
  return scalar("where", x, other.dtype);
}

/**
 * f(x) where the condition holds, else g(x), with right gradients where the other function has none: each sees x only where
 * it is chosen, and `instead` elsewhere.
 *
 * @param f elementwise; finite, with a finite derivative, at `instead`
 * @param instead a number at which both functions are harmless; default 1
 * @example
 * import { greater, safeWhere, sqrt, tensor } from "@llr/tensor";
 * const x = tensor([4, 0]); // the derivative of sqrt at 0 is Infinity; here it is never asked for
 * safeWhere(greater(x, 0), sqrt, (t) => t, x).toArray() // => [2, 0]
 */
export function safeWhere(condition: Tensor, f: (x: Tensor) => Tensor, g: (x: Tensor) => Tensor, x: Tensor, options: { readonly instead?: number } = {}): Tensor {
  const { instead = 1 } = optionsOf("safeWhere", options);
  checkTensor("safeWhere", condition);
  return where(condition, f(where(condition, x, instead)), g(where(condition, instead, x)));
}
