import { apply } from "../../apply.ts";
import { ShapeError } from "../../errors.ts";
import type { Address, Primitive } from "../../op.ts";
import { optionsOf } from "../../options.ts";
import type { Shape } from "../../shape.ts";
import { broadcastShapes, broadcastStrides, formatShape, offsets, sizeOf } from "../../shape.ts";
import { checkTensor, type Tensor } from "../../tensor.ts";
import { sumTo } from "../reduce/sumTo.ts";
import { reshape } from "../shape/reshape.ts";
import type { Matrix } from "./gemm.ts";
import { gemm } from "./gemm.ts";
import type { AddressedMatrix } from "./simdGemm.ts";
import { simdGemm } from "./simdGemm.ts";

export interface MatmulOptions {
  /** Read a as its transpose (last two axes swapped); nothing is copied. Default false. */
  readonly transposeA?: boolean;
  /** The same for b. Default false. */
  readonly transposeB?: boolean;
}

export type Transposes = Required<MatmulOptions>;

/** Sizes of the product of the last two axes, and the broadcast shape of the axes before them. */
function sizes(a: Shape, b: Shape, { transposeA, transposeB }: Transposes): { m: number; n: number; k: number; batch: Shape } {
  const inner = (shape: Shape, transposed: boolean): [number, number] => {
    const [rows, columns] = shape.slice(-2) as [number, number];
    return transposed ? [columns, rows] : [rows, columns];
  };
  const name = (shape: Shape, transposed: boolean): string => `${formatShape(shape)}${transposed ? " transposed" : ""}`;
  if (a.length < 2 || b.length < 2)
    throw new ShapeError("matmul", `a is ${formatShape(a)}, b is ${formatShape(b)}. Both need at least one axis, and two for a transpose.`, [a, b]);
  const [m, k] = inner(a, transposeA);
  const [k2, n] = inner(b, transposeB);
  if (k !== k2) throw new ShapeError("matmul", `inner sizes differ: a is ${name(a, transposeA)}, b is ${name(b, transposeB)}. matmul needs a [m, k] and b [k, n].`, [a, b]);
  return { m, n, k, batch: broadcastShapes("matmul", a.slice(0, -2), b.slice(0, -2)) };
}

const FIRST = Int32Array.of(0);

/** Where the matrix of each batch entry begins. */
function startsOf(shape: Shape, batch: Shape): Int32Array {
  if (batch.length === 0) return FIRST;
  const strides = broadcastStrides(shape.slice(0, -2), batch);
  const size = sizeOf(shape.slice(-2));
  return offsets(batch, strides.map((s) => s * size));
}

export const matmulOp: Primitive<Transposes> = {
  kind: "primitive",
  name: "matmul",
  shape: ([a, b], attrs) => {
    const { m, n, batch } = sizes(a, b, attrs);
    return [...batch, m, n];
  },
  saves: [0, 1],
  nan: "propagates",
  reference: (out, [a, b], { shapes, attrs }) => {
    const [shapeA, shapeB] = shapes as [Shape, Shape];
    const { m, n, k, batch } = sizes(shapeA, shapeB, attrs);
    const matrix = (data: Matrix["data"], columns: number, transposed: boolean): Matrix =>
      transposed ? { data, start: 0, row: 1, column: columns } : { data, start: 0, row: columns, column: 1 };
    const left = matrix(a, shapeA.at(-1)!, attrs.transposeA);
    const right = matrix(b, shapeB.at(-1)!, attrs.transposeB);
    const startsA = startsOf(shapeA, batch);
    const startsB = startsOf(shapeB, batch);
    for (let i = 0; i < startsA.length; i++) {
      left.start = startsA[i];
      right.start = startsB[i];
      gemm(out, i * m * n, left, right, m, n, k);
    }
  },
  simd: (out, [a, b], { shapes, attrs }) => {
    const [shapeA, shapeB] = shapes as [Shape, Shape];
    const { m, n, k, batch } = sizes(shapeA, shapeB, attrs);
    if (m * n * k === 0) return false; // nothing to write, or zeros
    const matrix = (address: Address, columns: number, transposed: boolean): AddressedMatrix =>
      transposed ? { address, row: 4, column: columns * 4 } : { address, row: columns * 4, column: 4 };
    const startsA = startsOf(shapeA, batch);
    const startsB = startsOf(shapeB, batch);
    for (let i = 0; i < startsA.length; i++)
      simdGemm(out + i * m * n * 4, matrix(a + startsA[i] * 4, shapeA.at(-1)!, attrs.transposeA), matrix(b + startsB[i] * 4, shapeB.at(-1)!, attrs.transposeB), m, n, k);
    return;
  },
  // With A and B as read (transposed or not): dA = dOut B^T, dB = A^T dOut. A transposed operand wants the transpose of that.
  derivative: (dOut, { inputs: [a, b], attrs: { transposeA, transposeB }, needs }) => {
    const product = (x: Tensor, y: Tensor, tx: boolean, ty: boolean): Tensor => apply(matmulOp, [x, y], { transposeA: tx, transposeB: ty });
    const dA = (): Tensor => (transposeA ? product(b, dOut, transposeB, true) : product(dOut, b, false, !transposeB));
    const dB = (): Tensor => (transposeB ? product(dOut, a, true, transposeA) : product(a, dOut, !transposeA, false));
    return [needs[0] ? sumTo(dA(), a.shape) : null, needs[1] ? sumTo(dB(), b.shape) : null];
  },
};

/**
 * Matrix product over the last two axes; the axes before them broadcast. A vector counts as one row on the left, as one
 * column on the right, and that axis is dropped from the result (as in NumPy).
 *
 * @param a [..., m, k], or [..., k, m] with transposeA
 * @param b [..., k, n], or [..., n, k] with transposeB
 * @returns [..., m, n]
 * @throws ShapeError if the inner sizes differ
 * @example
 * import { matmul, tensor } from "@llr/tensor";
 * const x = tensor([[1, 2]]);
 * const w = tensor([[3, 4], [5, 6]]); // [out, in], as Linear stores it
 * matmul(x, w, { transposeB: true }).toArray() // => [11, 17]
 * matmul(tensor([[1, 2, 3]]), w) // throws inner sizes differ: a is [1, 3], b is [2, 2]
 */
export function matmul(a: Tensor, b: Tensor, options: MatmulOptions = {}): Tensor {
  const { transposeA = false, transposeB = false } = optionsOf("matmul", options);
  checkTensor("matmul", a);
  checkTensor("matmul", b);
  const left = a.shape.length === 1 && !transposeA ? reshape(a, [1, a.size]) : a;
  const right = b.shape.length === 1 && !transposeB ? reshape(b, [b.size, 1]) : b;
  const product = left.shape.length > 2 && right.shape.length === 2 && !transposeA ? flatProduct(left, right, transposeB) : apply(matmulOp, [left, right], { transposeA, transposeB });
  if (left === a && right === b) return product;
  const shape = [...product.shape];
  if (right !== b) shape.pop();
  if (left !== a) shape.splice(right === b ? -2 : -1, 1);
  return reshape(product, shape);
}

/** All matrices of a against one b: the rows of a are one tall matrix, and so the gradient of b is one product instead of a sum of many. */
function flatProduct(a: Tensor, b: Tensor, transposeB: boolean): Tensor {
  const attrs = { transposeA: false, transposeB };
  const shape = matmulOp.shape([a.shape, b.shape], attrs); // refuses with the shapes as given
  const rows = sizeOf(a.shape.slice(0, -1));
  return reshape(apply(matmulOp, [reshape(a, [rows, a.shape.at(-1)!]), b], attrs), shape);
}
