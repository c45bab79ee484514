/** What parameters, gradients and optimizer state are made of. The memory below may be shared between threads. */
export type FloatArray = Float32Array | Float64Array;

/**
 * A trainable array. Any object of this form will do: nothing is subclassed, registered or wrapped.
 *
 * The optimizer writes `data` in place and never replaces it; it reads `grad` and sets it to null in `zeroGrad`.
 */
export interface Param {
  /** Unique within an optimizer: state is saved and groups are formed by name. */
  readonly name: string;
  readonly data: FloatArray;
  /** Same type and length as `data`. Null means "no gradient this step": the parameter and its state stay as they are. */
  grad: FloatArray | null;
  /** Left out, the parameter is a flat array of unknown rank (see `vectors`). */
  readonly shape?: readonly number[];
  /** The layer it belongs to; left out, the name up to its last dot (`conv1` for `conv1.weight`). */
  readonly layer?: string;
  /** Called after each step that wrote `data`: for parameters that live in a larger system and must know. */
  afterUpdate?(): void;
}

export function layerOf(param: Param): string {
  const dot = param.name.lastIndexOf(".");
  return param.layer ?? (dot > 0 ? param.name.slice(0, dot) : param.name);
}

export function shapeOf(param: Param): readonly number[] {
  return param.shape ?? [param.data.length];
}

export type DType = "float32" | "float64";

/** Null for anything but a Float32Array or Float64Array, also one from another realm, where `instanceof` would fail. */
export function dtypeOf(value: unknown): DType | null {
  const tag = Object.prototype.toString.call(value);
  return tag === "[object Float32Array]" ? "float32" : tag === "[object Float64Array]" ? "float64" : null;
}
