import { ambient } from "./ambient.ts";
import type { DType, Numbers } from "./dtype.ts";
import { dtypeOf, isFloat } from "./dtype.ts";
import { DTypeError, ShapeError } from "./errors.ts";
import { optionsOf } from "./options.ts";
import type { Shape } from "./shape.ts";
import { checkShape, formatShape, sizeOf } from "./shape.ts";
import { Storage } from "./storage.ts";
import { Tensor } from "./tensor.ts";

/** Numbers nested in arrays, one level an axis. */
export type NestedNumbers = number | boolean | readonly NestedNumbers[];

/** A flat typed array with its shape: what data loaders yield. */
export interface ShapedArray {
  readonly shape: Shape;
  readonly data: Numbers;
}

export type TensorSource = NestedNumbers | Numbers | ShapedArray;

export interface TensorOptions {
  readonly shape?: Shape;
  /** Default: that of a typed array (a Uint8Array is `bool`), f32 for nested numbers, bool for nested booleans. */
  readonly dtype?: DType;
}

/**
 * A tensor of the given numbers, which are copied. It belongs to the innermost open scope.
 *
 * @param source a number, nested arrays, a typed array, or `{ shape, data }`
 * @param shape default: the nesting of the arrays, `[length]` for a typed array
 * @throws ShapeError for ragged arrays or a shape of another size; DTypeError for values that the dtype cannot hold
 * @example
 * import { tensor } from "@llr/tensor";
 * tensor([[1, 2], [3, 4]]).shape // => [2, 2]
 * tensor(Float64Array.of(1, 2, 3, 4), [2, 2]).dtype // => "f64"
 * tensor([[1, 2], [3]]) // throws ragged
 * tensor([1.5], { dtype: "i32" }) // throws whole numbers
 */
export function tensor(source: TensorSource, shapeOrOptions: Shape | TensorOptions = {}): Tensor {
  const options: TensorOptions = isShape(shapeOrOptions) ? { shape: shapeOrOptions } : optionsOf("tensor", shapeOrOptions);
  const given = read(source);
  const dtype = options.dtype ?? given.dtype;
  const shape = options.shape ?? given.shape;
  checkShape("tensor", shape);
  if (sizeOf(shape) !== given.numbers.length)
    throw new ShapeError("tensor", `${given.numbers.length} numbers for shape ${formatShape(shape)}, which holds ${sizeOf(shape)}. Give as many numbers as the shape holds.`, [shape]);
  checkValues("tensor", given.numbers, dtype);
  const storage = allocateHere(dtype, given.numbers.length, "tensor", shape);
  storage.array.set(given.numbers);
  return new Tensor(storage, 0, [...shape], dtype);
}

const isShape = (value: Shape | TensorOptions): value is Shape => Array.isArray(value);

/** Storage in the innermost open scope, or on the heap outside any. */
export function allocateHere(dtype: DType, length: number, op: string, shape?: Shape): Storage {
  return ambient.scope === null ? Storage.onHeap(dtype, length, op, shape) : ambient.scope.allocate({ dtype, length, op, ...(shape && { shape }) });
}

interface Given {
  readonly numbers: ArrayLike<number>;
  readonly shape: Shape;
  readonly dtype: DType;
}

function read(source: TensorSource): Given {
  if (typeof source === "number" || typeof source === "boolean") return { numbers: [Number(source)], shape: [], dtype: typeof source === "boolean" ? "bool" : "f32" };
  if (ArrayBuffer.isView(source)) return { numbers: source, shape: [source.length], dtype: dtypeOfArray(source) };
  if (!Array.isArray(source)) {
    const { shape, data } = (source ?? {}) as Partial<ShapedArray>;
    if (!Array.isArray(shape) || !ArrayBuffer.isView(data)) throw new DTypeError("tensor", "the source is neither a number, an array, a typed array nor { shape, data }. Give one of these.");
    return { numbers: data, shape, dtype: dtypeOfArray(data) };
  }
  return readNested(source as readonly NestedNumbers[]);
}

function dtypeOfArray(array: ArrayBufferView): DType {
  const dtype = dtypeOf(array);
  if (dtype === null) throw new DTypeError("tensor", `a ${array.constructor.name} has no element type here. Use a Float32Array, Float64Array, Int32Array or Uint8Array (bool).`);
  return dtype;
}

function readNested(source: readonly NestedNumbers[]): Given {
  const shape: number[] = [];
  for (let level: NestedNumbers | undefined = source; Array.isArray(level); level = level[0] as NestedNumbers | undefined) shape.push(level.length);
  const numbers: number[] = [];
  let booleans = 0;
  const visit = (value: NestedNumbers, axis: number): void => {
    if (axis === shape.length) {
      if (typeof value === "boolean") booleans++;
      else if (typeof value !== "number") throw new ShapeError("tensor", `ragged arrays: an array stands where axis ${axis - 1} has numbers. All entries of an axis need the same length.`, [shape]);
      numbers.push(Number(value));
      return;
    }
    if (!Array.isArray(value) || value.length !== shape[axis])
      throw new ShapeError("tensor", `ragged arrays: axis ${axis} has an entry of length ${Array.isArray(value) ? value.length : "none"}, the first has ${shape[axis]}. All entries of an axis need the same length.`, [shape]);
    for (const entry of value as readonly NestedNumbers[]) visit(entry, axis + 1);
  };
  visit(source, 0);
  if (booleans > 0 && booleans < numbers.length) throw new DTypeError("tensor", "the arrays mix numbers and booleans. Use one of them.");
  return { numbers, shape, dtype: booleans > 0 ? "bool" : "f32" };
}

function checkValues(op: string, numbers: ArrayLike<number>, dtype: DType): void {
  if (isFloat(dtype) || (dtype === "i32" && numbers instanceof Int32Array)) return;
  for (let i = 0; i < numbers.length; i++) {
    const x = numbers[i];
    if (dtype === "i32" && (x | 0) !== x) throw new DTypeError(op, `the number ${x} at position ${i} does not fit i32. It holds whole numbers of 32 bits.`);
    if (dtype === "bool" && x !== 0 && x !== 1) throw new DTypeError(op, `the number ${x} at position ${i} does not fit bool. It holds 0 or 1; give bytes as { dtype: "f32" } or "i32".`);
  }
}

const filled = (op: string, shape: Shape, value: number, dtype: DType): Tensor => {
  checkShape(op, shape);
  checkValues(op, [value], dtype);
  const storage = allocateHere(dtype, sizeOf(shape), op, shape);
  storage.array.fill(value);
  return new Tensor(storage, 0, [...shape], dtype);
};

/** A tensor of zeros. */
export function zeros(shape: Shape, options: { dtype?: DType } = {}): Tensor {
  const { dtype = "f32" } = optionsOf("zeros", options);
  return filled("zeros", shape, 0, dtype);
}

/** A tensor of ones. */
export function ones(shape: Shape, options: { dtype?: DType } = {}): Tensor {
  const { dtype = "f32" } = optionsOf("ones", options);
  return filled("ones", shape, 1, dtype);
}

/** The scalar that stands for a number beside a tensor. @throws DTypeError for a number that the dtype does not hold */
export const scalar = (op: string, value: number, dtype: DType): Tensor => filled(op, [], value, dtype);

/**
 * A tensor of one value.
 *
 * @throws DTypeError for a value that the dtype does not hold
 * @example
 * import { full } from "@llr/tensor";
 * full([2], 1.5, { dtype: "i32" }) // throws full: the number 1.5 at position 0 does not fit i32
 */
export function full(shape: Shape, value: number, options: { dtype?: DType } = {}): Tensor {
  const { dtype = "f32" } = optionsOf("full", options);
  return filled("full", shape, value, dtype);
}
