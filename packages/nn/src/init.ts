import { ArgumentError, ShapeError, type Rng } from "@llr/tensor";
import { bytesFor, sizeOf } from "@llr/tensor/engine";

/** What follows the layer. `linear` is also for no non-linearity, and for a layer whose non-linearity is not listed. */
export type Nonlinearity = "linear" | "sigmoid" | "tanh" | "relu" | "leakyRelu" | "selu";

/** Which of the two variances stays constant through the layer: that of the values (`fanIn`) or of the gradients (`fanOut`). */
export type FanMode = "fanIn" | "fanOut";

export interface GainOptions {
  /** Default: relu for Kaiming, linear for Xavier. */
  readonly nonlinearity?: Nonlinearity;
  /** The negative slope of leakyRelu, default 0.01. */
  readonly param?: number;
}

export interface XavierOptions extends GainOptions {
  readonly rng: Rng;
  readonly dtype?: "f32" | "f64";
}

export interface KaimingOptions extends XavierOptions {
  /** Default fanIn. */
  readonly mode?: FanMode;
}

/** Plain values; `parameter()` makes a parameter of them. */
export interface InitialValues {
  readonly shape: readonly number[];
  readonly data: Float32Array | Float64Array;
}

/** How wide the initial weights are spread: `std` of the normal form, `uniformBound` = sqrt(3) std of the uniform form. */
export interface InitialSpread {
  readonly fanIn: number;
  readonly fanOut: number;
  readonly gain: number;
  readonly std: number;
  readonly uniformBound: number;
}

/**
 * How many inputs feed one output of a layer, and how many outputs one input feeds.
 *
 * @param shape  the weight's, [out, in, ...kernel]; with groups, `in` is the channels of one group
 * @throws ShapeError if the shape has fewer than two axes or a size that is not a positive integer
 * @example
 * import { fans } from "@llr/nn";
 * fans([16, 6, 5, 5]) // => { fanIn: 150, fanOut: 400 }
 */
export function fans(shape: readonly number[]): { fanIn: number; fanOut: number } {
  if (shape.length < 2)
    throw new ShapeError("fans", `the shape is [${shape.join(", ")}]. It needs a weight of at least two axes, [out, in, ...kernel].`, [shape]);
  if (!shape.every((size) => Number.isInteger(size) && size > 0))
    throw new ShapeError("fans", `the shape is [${shape.join(", ")}]. Every size must be a positive integer.`, [shape]);
  const [out, inputs, ...kernel] = shape;
  const area = kernel.reduce((product, size) => product * size, 1);
  return { fanIn: inputs * area, fanOut: out * area };
}

/**
 * The factor that makes up for what a non-linearity takes from the variance, with the values of `torch.nn.init.calculate_gain`.
 *
 * relu halves the mean square, so sqrt(2) (He et al. 2015, eq. 10); leakyRelu of slope a leaves (1 + a²)/2 of it (eq. 15).
 * tanh's 5/3 and selu's 3/4 are PyTorch's choices; self-normalising networks (Klambauer et al. 2017) want `linear`.
 *
 * @throws ArgumentError on an unknown name, on a slope that is not finite, or on one given to another non-linearity
 * @example
 * import { gain } from "@llr/nn";
 * gain("relu") // => 1.41421
 * gain("leakyRelu", 0.2) // => 1.38675
 */
export function gain(nonlinearity: Nonlinearity, param?: number): number {
  if (param !== undefined && nonlinearity !== "leakyRelu")
    throw new ArgumentError("gain", `param is ${param}, but ${nonlinearity} has no parameter; only leakyRelu has one, its negative slope.`);
  switch (nonlinearity) {
    case "linear":
    case "sigmoid": return 1;
    case "tanh": return 5 / 3;
    case "relu": return Math.SQRT2;
    case "leakyRelu": {
      const slope = param ?? 0.01;
      if (!Number.isFinite(slope)) throw new ArgumentError("gain", `param is ${slope}. The negative slope of leakyRelu must be finite.`);
      return Math.sqrt(2 / (1 + slope * slope));
    }
    case "selu": return 3 / 4;
    default: throw new ArgumentError("gain", `unknown non-linearity ${String(nonlinearity)}. It must be linear, sigmoid, tanh, relu, leakyRelu or selu.`);
  }
}

/**
 * Kaiming initialisation keeps either the values' or the gradients' variance through a layer (He et al. 2015, eq. 10 and 14):
 *
 *   std = gain / sqrt(fan)
 *
 * @throws as `fans` and `gain`
 * @example
 * import { kaimingSpread } from "@llr/nn";
 * kaimingSpread([120, 400], { mode: "fanIn" }).std // => 0.0707
 */
export function kaimingSpread(shape: readonly number[], options: GainOptions & { readonly mode?: FanMode } = {}): InitialSpread {
  const { mode = "fanIn", nonlinearity = "relu", param } = options;
  if (mode !== "fanIn" && mode !== "fanOut") throw new ArgumentError("kaimingSpread", `mode is ${String(mode)}. It must be fanIn or fanOut.`);
  const both = fans(shape);
  return spread(both, gain(nonlinearity, param), both[mode]);
}

/**
 * Xavier initialisation keeps both variances as nearly as one number can (Glorot and Bengio 2010, eq. 12 and 16):
 *
 *   std = gain · sqrt(2 / (fanIn + fanOut))
 *
 * @throws as `fans` and `gain`
 * @example
 * import { xavierSpread } from "@llr/nn";
 * xavierSpread([120, 400], { nonlinearity: "tanh" }).uniformBound // => 0.17903
 */
export function xavierSpread(shape: readonly number[], { nonlinearity = "linear", param }: GainOptions = {}): InitialSpread {
  const both = fans(shape);
  return spread(both, gain(nonlinearity, param), (both.fanIn + both.fanOut) / 2);
}

function spread(both: { fanIn: number; fanOut: number }, factor: number, fan: number): InitialSpread {
  const std = factor / Math.sqrt(fan);
  // A uniform distribution on [-b, b] has the variance b²/3.
  return { ...both, gain: factor, std, uniformBound: Math.sqrt(3) * std };
}

/**
 * Weights from the normal distribution with Kaiming's standard deviation.
 *
 * @throws as `kaimingSpread`
 */
export function kaimingNormal(shape: readonly number[], options: KaimingOptions): InitialValues {
  return normal(shape, kaimingSpread(shape, options), options);
}

/**
 * Weights from the uniform distribution with Kaiming's standard deviation.
 *
 * PyTorch's Linear and Conv layers start from this with `nonlinearity: "leakyRelu", param: Math.sqrt(5)`, which makes
 * the bound 1 / sqrt(fanIn).
 *
 * @throws as `kaimingSpread`
 * @example
 * import { Rng } from "@llr/tensor";
 * import { kaimingUniform } from "@llr/nn";
 * const weight = kaimingUniform([120, 400], { rng: new Rng(1), nonlinearity: "leakyRelu", param: Math.sqrt(5) });
 * weight.shape // => [120, 400]
 * weight.data.every((w) => Math.abs(w) <= 1 / Math.sqrt(400)) // => true
 */
export function kaimingUniform(shape: readonly number[], options: KaimingOptions): InitialValues {
  return uniform(shape, kaimingSpread(shape, options).uniformBound, options);
}

/**
 * Weights from the normal distribution with Xavier's standard deviation.
 *
 * @throws as `xavierSpread`
 */
export function xavierNormal(shape: readonly number[], options: XavierOptions): InitialValues {
  return normal(shape, xavierSpread(shape, options), options);
}

/**
 * Weights from the uniform distribution with Xavier's standard deviation.
 *
 * @throws as `xavierSpread`
 */
export function xavierUniform(shape: readonly number[], options: XavierOptions): InitialValues {
  return uniform(shape, xavierSpread(shape, options).uniformBound, options);
}

/**
 * Biases as PyTorch's Linear and Conv layers start them: uniform within 1 / sqrt(fanIn).
 *
 * @param weightShape  [out, in, ...kernel] of the layer's weight
 * @returns            `out` values
 * @throws as `fans`
 */
export function biasUniform(weightShape: readonly number[], options: { readonly rng: Rng; readonly dtype?: "f32" | "f64" }): InitialValues {
  return uniform([weightShape[0]], 1 / Math.sqrt(fans(weightShape).fanIn), options);
}

function normal(shape: readonly number[], { std }: InitialSpread, { rng, dtype }: XavierOptions): InitialValues {
  const data = zeros(shape, dtype);
  rng.fillNormal(data, 0, std);
  return { shape, data };
}

function uniform(shape: readonly number[], bound: number, { rng, dtype }: XavierOptions): InitialValues {
  const data = zeros(shape, dtype);
  rng.fillUniform(data, -bound, bound);
  return { shape, data };
}

function zeros(shape: readonly number[], dtype: "f32" | "f64" = "f32"): Float32Array | Float64Array {
  const numel = sizeOf(shape);
  bytesFor(dtype, numel, { op: "init", shape });
  return dtype === "f64" ? new Float64Array(numel) : new Float32Array(numel);
}
