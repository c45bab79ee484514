import { OptionError } from "./errors.ts";
import { show } from "./show.ts";

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

const typedArrayName = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Float32Array.prototype), Symbol.toStringTag)!.get!;

/** Null for anything but a Float32Array or Float64Array; also right for one from another realm, where `instanceof` would fail. */
export function dtypeOf(value: unknown): DType | null {
  const name: unknown = typedArrayName.call(value);
  return name === "Float32Array" ? "float32" : name === "Float64Array" ? "float64" : null;
}

/**
 * A parameter with data of your own, which is written in place, or with numbers, which become a `Float32Array`. Any object of
 * the form will do as well; this one spares its types.
 *
 * @example
 * import { param, sgd } from "@llr/optim";
 * const w = param("w", [1, 2]);
 * const optimizer = sgd([w], { lr: 0.5 });
 * w.grad = Float32Array.of(1, -1);
 * optimizer.step();
 * w.data // => [0.5, 2.5]
 * param("fc.weight", new Float64Array(6), [2, 3]).shape // => [2, 3]
 */
export function param(name: string, data: readonly number[], shape?: readonly number[]): OwnParam<Float32Array>;
export function param<D extends FloatArray>(name: string, data: D, shape?: readonly number[]): OwnParam<D>;
export function param(name: string, data: FloatArray | readonly number[], shape?: readonly number[]): OwnParam<FloatArray> {
  if (Array.isArray(data) && !data.every((x) => typeof x === "number")) throw new OptionError("param", "data", `the data of ${show(name)} is a list with other things than numbers. It needs numbers, or a Float32Array or Float64Array.`);
  const made = { name, data: Array.isArray(data) ? Float32Array.from(data) : (data as FloatArray), grad: null, ...(shape !== undefined && { shape }) };
  return checkArray("param", checkParam("param", "params", made));
}

/** A parameter whose `grad` is of the type of its `data`. */
export interface OwnParam<D extends FloatArray> extends Param {
  readonly data: D;
  grad: D | null;
}

/** Refuses what has not the form of a parameter; its arrays are not touched. */
export function checkParam<P extends Param>(where: string, option: string, given: P, place: string = "a parameter"): P {
  if (typeof given !== "object" || given === null || ArrayBuffer.isView(given)) throw new OptionError(where, option, `${place} is ${show(given)}. It needs an object { name, data, grad }, such as param(name, data) makes.`);
  const { name, shape, layer, afterUpdate } = given;
  const refuse = (what: string, value: unknown, needs: string): never => {
    throw new OptionError(where, option, `the ${what} of ${name} is ${show(value)}. It needs ${needs}.`);
  };
  if (typeof name !== "string" || name === "") throw new OptionError(where, option, `${place} has the name ${show(name)}. It needs a text: state is kept by name.`);
  if (shape !== undefined && !(Array.isArray(shape) && shape.every((n) => Number.isSafeInteger(n) && n >= 0))) refuse("shape", shape, "a list of whole numbers >= 0");
  if (layer !== undefined && typeof layer !== "string") refuse("layer", layer, "a text");
  if (afterUpdate !== undefined && typeof afterUpdate !== "function") refuse("afterUpdate", afterUpdate, "a function");
  return given;
}

/** Refuses a parameter whose array is none, or not of its shape. */
export function checkArray<P extends Param>(where: string, given: P): P {
  const { name, data } = given;
  const fromList = Array.isArray(data) ? ": Float32Array.from(data)" : "";
  if (dtypeOf(data) === null) throw new OptionError(where, "params", `the data of ${name} is ${show(data)}. It needs a Float32Array or a Float64Array${fromList}.`);
  const size = shapeOf(given).reduce((a, b) => a * b, 1);
  if (size !== data.length) throw new OptionError(where, "params", `${name} has ${data.length} values and the shape [${shapeOf(given).join(", ")}] of ${size}. They need to agree.`);
  return given;
}
