// Sizes of layers and models are looked at before anything is drawn or allocated: a model that cannot be is refused at once.
import type { Rng, Shape } from "@llr/tensor";
import { ArgumentError, MemoryError } from "@llr/tensor";
import { bytesFor, bytesPerElement, describe, formatBytes, optionsOf, sizeOf } from "@llr/tensor/engine";

type Sizes = number | readonly number[] | undefined;

const isWhole = (n: unknown, least: number): boolean => Number.isSafeInteger(n) && (n as number) >= least;

/** @throws ArgumentError unless each is a whole number of at least `least`, or a list of such; left out is none */
export function checkSizes(layer: string, sizes: Readonly<Record<string, Sizes>>, least = 1): void {
  requireSizes(layer, Object.fromEntries(Object.entries(sizes).filter(([, size]) => size !== undefined)), least);
}

/** As checkSizes, for sizes that have no default. */
export function requireSizes(layer: string, sizes: Readonly<Record<string, Sizes>>, least = 1): void {
  for (const [name, size] of Object.entries(sizes))
    if (![size].flat().every((n) => isWhole(n, least))) throw new ArgumentError(layer, `${name} is ${describe(size)}. It must be a whole number of at least ${least}.`);
}

/** @throws ArgumentError unless eps is a finite number >= 0 */
export function checkEps(layer: string, eps: number | undefined): void {
  if (eps !== undefined && !(typeof eps === "number" && eps >= 0 && eps < Infinity)) throw new ArgumentError(layer, `eps is ${describe(eps)}. It must be a finite number >= 0.`);
}

/** @throws MemoryError for more numbers than tensors may have, DTypeError for an unknown element type */
export function checkWeight(layer: string, shape: Shape, dtype: "f32" | "f64"): void {
  bytesFor(dtype, sizeOf(shape), { op: layer, shape });
}

/**
 * The options of a layer or model that draws its start, to be taken apart.
 *
 * @throws ArgumentError without an object of options, or without a generator in it
 */
export function drawingOptions<O extends { readonly rng: Rng }>(layer: string, options: O): O {
  const { rng } = optionsOf(layer, options);
  if (typeof (rng as Partial<Rng> | null | undefined)?.stream !== "function") throw new ArgumentError(layer, `rng is ${describe(rng)}. It needs a generator, such as { rng: new Rng(1) }: the start is drawn from it.`);
  return options;
}

/** What a parameter costs beside its numbers, generously: a million of them fill a JavaScript heap. */
const BYTES_PER_PARAMETER = 4096;
const LARGEST_BYTES = 2 ** 32;

/**
 * For models, which make one layer after the other: all of it fits, or none is made.
 *
 * @param numbers of all parameters together, or a lower bound
 * @param parameters that hold them
 * @throws MemoryError
 */
export function checkRoom(model: string, { numbers, parameters, dtype }: { readonly numbers: number; readonly parameters: number; readonly dtype: "f32" | "f64" }): void {
  bytesFor(dtype, 0, { op: model });
  const bytes = numbers * bytesPerElement[dtype] + parameters * BYTES_PER_PARAMETER;
  if (!(bytes <= LARGEST_BYTES)) throw new MemoryError(`${model}: ${numbers} numbers in ${parameters} parameters need about ${formatBytes(bytes)}, and all tensors together have 4 GiB. Use smaller sizes, or fewer layers.`, bytes);
}
