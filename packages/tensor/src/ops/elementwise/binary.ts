import { apply } from "../../apply.ts";
import { scalar } from "../../create.ts";
import type { DType, Numbers } from "../../dtype.ts";
import { ArgumentError } from "../../errors.ts";
import type { Primitive, SimdKernel } from "../../op.ts";
import { drop } from "../../scope.ts";
import type { Shape } from "../../shape.ts";
import { broadcastShapes, broadcastStrides, offsets, sizeOf } from "../../shape.ts";
import { Tensor } from "../../tensor.ts";

/** An operand: a number stands for a scalar tensor of the other operand's dtype. */
export type Operand = Tensor | number;

interface BinarySpec {
  readonly name: string;
  readonly f: (a: number, b: number) => number;
  readonly saves: Primitive<null>["saves"];
  readonly nan?: Primitive<null>["nan"];
  readonly dtype?: (dtypes: readonly DType[]) => DType;
  readonly simd?: SimdKernel<null>;
  readonly derivative: Primitive<null>["derivative"];
}

/** Record of an elementwise function of two tensors that broadcast against each other. */
export function binary({ name, f, saves, nan = "propagates", dtype, simd, derivative }: BinarySpec): Primitive<null> {
  return {
    kind: "primitive",
    name,
    shape: ([a, b]) => broadcastShapes(name, a, b),
    ...(dtype && { dtype }),
    saves,
    nan,
    reference: (out, [a, b], { shapes, shape }) => broadcastLoop(out, a, b, shapes, shape, f),
    ...(simd && { simd }),
    derivative,
  };
}

/** out[i] = f(a[i], b[i]) with broadcasting: a loop over rows, and within a row steps of 0 or 1. */
function broadcastLoop(out: Numbers, a: Numbers, b: Numbers, shapes: readonly Shape[], shape: Shape, f: (a: number, b: number) => number): void {
  const [rowShape, length] = rowsOf(shapes, shape);
  const walk = (s: Shape): { starts: Int32Array; step: number } => {
    const strides = broadcastStrides(s, shape);
    // One flat row: a full tensor steps by 1, a scalar stays.
    if (rowShape.length === 0) return { starts: Int32Array.of(0), step: sizeOf(s) === length ? 1 : 0 };
    return { starts: offsets(rowShape, strides.slice(0, -1)), step: strides.at(-1)! };
  };
  const { starts: rowsA, step: stepA } = walk(shapes[0]);
  const { starts: rowsB, step: stepB } = walk(shapes[1]);
  for (let row = 0, o = 0; row < rowsA.length; row++) {
    let i = rowsA[row];
    let j = rowsB[row];
    for (const end = o + length; o < end; o++, i += stepA, j += stepB) out[o] = f(a[i], b[j]);
  }
}

/** Outer shape and length of the rows: a single row when each input is either full or a scalar. */
function rowsOf(shapes: readonly Shape[], shape: Shape): [Shape, number] {
  const size = sizeOf(shape);
  if (shape.length < 2 || shapes.every((s) => sizeOf(s) === size || sizeOf(s) === 1)) return [[], size];
  return [shape.slice(0, -1), shape.at(-1)!];
}

/** Applies a binary op to operands of which at most one is a number. */
export function applyBinary(op: Primitive<null>, a: Operand, b: Operand): Tensor {
  const [x, y] = [operand(op, a, b), operand(op, b, a)];
  const result = apply(op, [x, y], null);
  // Nobody else holds the tensor made of a number.
  if (x !== a) drop(x);
  if (y !== b) drop(y);
  return result;
}

function operand(op: Primitive<null>, x: Operand, other: Operand): Tensor {
  if (typeof x !== "number") return x;
  if (!(other instanceof Tensor)) throw new ArgumentError(op.name, "neither operand is a tensor. Make one with tensor().");
  return scalar(op.name, x, other.dtype);
}
