import { MemoryError } from "./errors.ts";

/**
 * Element types. Only `f32` and `f64` differentiate; `f64` exists to check gradients to 1e-6 instead of 1e-3; `i32` holds
 * indices and class labels; `bool` holds 0 or 1 in a byte. An op that gets two different ones throws: nothing is converted
 * behind the caller's back.
 */
export type DType = "f32" | "f64" | "i32" | "bool";

/** An array of numbers as tensors store them. */
export type Numbers = Float32Array | Float64Array | Int32Array | Uint8Array;

export const bytesPerElement: Readonly<Record<DType, number>> = { f32: 4, f64: 8, i32: 4, bool: 1 };

export const isDType = (value: unknown): value is DType => typeof bytesPerElement[value as DType] === "number";

/** For messages. */
export const DTYPE_NAMES: string = Object.keys(bytesPerElement).join(", ");

export const isFloat = (dtype: DType): boolean => dtype === "f32" || dtype === "f64";

/**
 * A zeroed array on the JavaScript heap.
 *
 * @throws MemoryError when the engine has no room for it
 */
export function heapArray(dtype: DType, length: number): Numbers {
  try {
    return newArray(dtype, length);
  } catch (error) {
    throw new MemoryError(`memory: an array of ${length} numbers (${dtype}) does not fit on the JavaScript heap: ${String(error)}. Use smaller sizes, or give the process more memory.`, length * bytesPerElement[dtype], { cause: error });
  }
}

function newArray(dtype: DType, length: number): Numbers {
  switch (dtype) {
    case "f32": return new Float32Array(length);
    case "f64": return new Float64Array(length);
    case "i32": return new Int32Array(length);
    case "bool": return new Uint8Array(length);
  }
}

/** A view of `length` elements at byte `address` of `buffer`. */
export function arrayAt(dtype: DType, buffer: ArrayBufferLike, address: number, length: number): Numbers {
  switch (dtype) {
    case "f32": return new Float32Array(buffer, address, length);
    case "f64": return new Float64Array(buffer, address, length);
    case "i32": return new Int32Array(buffer, address, length);
    case "bool": return new Uint8Array(buffer, address, length);
  }
}

/** The element type that a typed array stores, or null for one that tensors do not have (such as Int8Array). */
export function dtypeOf(array: ArrayBufferView): DType | null {
  if (array instanceof Float32Array) return "f32";
  if (array instanceof Float64Array) return "f64";
  if (array instanceof Int32Array) return "i32";
  return array instanceof Uint8Array ? "bool" : null;
}
