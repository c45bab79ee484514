// Convolution, pooling and normalisation in the vocabulary of the conformance kit.
import type { OutputSize, Pair, Tensor } from "@llr/tensor";
import { adaptiveAvgPool2d, adaptiveMaxPool2d, avgPool1d, avgPool2d, batchNorm, batchNormInference, conv1d, conv2d, conv3d, convTranspose1d, convTranspose2d, groupNorm, instanceNorm, layerNorm, localResponseNorm, maxPool1d, maxPool2d, rmsNorm, upsampleNearest2d } from "@llr/tensor";

type Attributes = Readonly<Record<string, unknown>>;
type KitOp = (inputs: readonly Tensor[], attrs: Attributes) => Tensor | Tensor[];

/** The kit's attributes have our names; what it leaves out or gives as null has our default. */
const given = (attrs: Attributes): never => Object.fromEntries(Object.entries(attrs).filter(([, value]) => value !== undefined && value !== null)) as never;

const convolution = (f: (x: Tensor, w: Tensor, options: never) => Tensor): KitOp => ([x, w, bias], attrs) => f(x, w, { ...(given(attrs) as object), bias: bias ?? null } as never);
const pooling = (f: (x: Tensor, options: never) => Tensor): KitOp => ([x], attrs) => f(x, given(attrs));

export const convolutionOps: Readonly<Record<string, KitOp>> = {
  conv1d: convolution(conv1d), conv2d: convolution(conv2d), conv3d: convolution(conv3d),
  convTranspose1d: convolution(convTranspose1d), convTranspose2d: convolution(convTranspose2d),
  maxPool1d: pooling(maxPool1d), maxPool2d: pooling(maxPool2d), avgPool1d: pooling(avgPool1d), avgPool2d: pooling(avgPool2d),
  adaptiveAvgPool2d: ([x], { outputSize }) => adaptiveAvgPool2d(x, outputSize as OutputSize),
  adaptiveMaxPool2d: ([x], { outputSize }) => adaptiveMaxPool2d(x, outputSize as OutputSize),
  batchNorm: ([x, weight, bias, runningMean, runningVar], attrs) => {
    const options = { ...(given(attrs) as object), weight, bias, runningMean, runningVar };
    return attrs["training"] ? batchNorm(x, options) : batchNormInference(x, options);
  },
  layerNorm: ([x, weight, bias], attrs) => layerNorm(x, attrs["normalizedShape"] as number[], { ...(given(attrs) as object), weight: weight ?? null, bias: bias ?? null }),
  rmsNorm: ([x, weight], attrs) => rmsNorm(x, attrs["normalizedShape"] as number[], { ...(given(attrs) as object), weight: weight ?? null }),
  groupNorm: ([x, weight, bias], attrs) => groupNorm(x, attrs["groups"] as number, { ...(given(attrs) as object), weight: weight ?? null, bias: bias ?? null }),
  instanceNorm: ([x, weight, bias], attrs) => instanceNorm(x, { ...(given(attrs) as object), weight: weight ?? null, bias: bias ?? null }),
  localResponseNorm: ([x], attrs) => localResponseNorm(x, given(attrs)),
  upsampleNearest2d: ([x], { scale }) => upsampleNearest2d(x, scale as Pair),
};
