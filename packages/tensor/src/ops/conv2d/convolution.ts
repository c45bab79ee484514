// Convolution is bilinear in images and weights. The three ops below are closed under differentiation: the derivatives of
// each are the other two, so every order exists without further rules.
import { apply } from "../../apply.ts";
import type { Address, Primitive } from "../../op.ts";
import type { Shape } from "../../shape.ts";
import { sum } from "../reduce/sum.ts";
import type { ConvAttrs } from "./geometry.ts";
import { checkBias, convShape } from "./geometry.ts";
import { convolve, convolveInputGrad, convolveWeightGrad, planConv } from "./loops.ts";

export type InputGradAttrs = ConvAttrs & { readonly inputShape: Shape };
export type WeightGradAttrs = ConvAttrs & { readonly weightShape: Shape };

export interface Convolution {
  readonly forward: Primitive<ConvAttrs>;
  /** Gradient for the images, from the gradient for the output and the weights: a transposed convolution. */
  readonly inputGrad: Primitive<InputGradAttrs>;
  /** Gradient for the weights, from the gradient for the output and the images. */
  readonly weightGrad: Primitive<WeightGradAttrs>;
}

/** Compiled kernels; the shapes are those of images, weights and output. */
export interface ConvolutionSimd {
  forward(y: Address, x: Address, w: Address, bias: Address, shapes: readonly [Shape, Shape, Shape], attrs: ConvAttrs): void | false;
  inputGrad(dx: Address, dy: Address, w: Address, shapes: readonly [Shape, Shape, Shape], attrs: ConvAttrs): void | false;
  weightGrad(dw: Address, dy: Address, x: Address, shapes: readonly [Shape, Shape, Shape], attrs: ConvAttrs): void | false;
}

/** The records of a convolution whose kernel moves along the last `rank` axes, 2 or 3. */
export function convolution(name: string, rank: 2 | 3, simd: ConvolutionSimd | null): Convolution {
  const common = { kind: "primitive", saves: [0, 1], nan: "propagates" } as const;
  const forward: Primitive<ConvAttrs> = {
    ...common,
    name,
    shape: ([x, w, bias], attrs) => {
      const shape = convShape(name, rank, x, w, attrs);
      if (bias !== undefined) checkBias(name, w[0], w, bias);
      return shape;
    },
    reference: (out, [x, w, bias], { shapes: [shapeX, shapeW], shape, attrs }) => convolve(out, x, w, bias ?? null, planConv(shapeX, shapeW, shape, attrs)),
    ...(simd && { simd: (out, [x, w, bias], { shapes: [shapeX, shapeW], shape, attrs }) => simd.forward(out, x, w, bias ?? 0, [shapeX, shapeW, shape], attrs) }),
    derivative: (dOut, { inputs: [x, w, bias], attrs, needs }) => [
      needs[0] ? apply(inputGrad, [dOut, w], { ...attrs, inputShape: x.shape }) : null,
      needs[1] ? apply(weightGrad, [dOut, x], { ...attrs, weightShape: w.shape }) : null,
      ...(bias ? [needs[2] ? sum(dOut, { axes: dOut.shape.map((_, axis) => axis).filter((axis) => axis !== 1) }) : null] : []),
    ],
  };
  const inputGrad: Primitive<InputGradAttrs> = {
    ...common,
    name: `${name}InputGrad`,
    shape: (_, { inputShape }) => inputShape,
    reference: (out, [dy, w], { shapes: [shapeY, shapeW], shape, attrs }) => convolveInputGrad(out, dy, w, planConv(shape, shapeW, shapeY, attrs)),
    ...(simd && { simd: (out, [dy, w], { shapes: [shapeY, shapeW], shape, attrs }) => simd.inputGrad(out, dy, w, [shape, shapeW, shapeY], attrs) }),
    derivative: (d, { inputs: [dy, w], attrs, needs }) => [
      needs[0] ? apply(forward, [d, w], attrs) : null,
      needs[1] ? apply(weightGrad, [dy, d], { ...attrs, weightShape: w.shape }) : null,
    ],
  };
  const weightGrad: Primitive<WeightGradAttrs> = {
    ...common,
    name: `${name}WeightGrad`,
    shape: (_, { weightShape }) => weightShape,
    reference: (out, [dy, x], { shapes: [shapeY, shapeX], shape, attrs }) => convolveWeightGrad(out, dy, x, planConv(shapeX, shape, shapeY, attrs)),
    ...(simd && { simd: (out, [dy, x], { shapes: [shapeY, shapeX], shape, attrs }) => simd.weightGrad(out, dy, x, [shapeX, shape, shapeY], attrs) }),
    derivative: (d, { inputs: [dy, x], attrs, needs }) => [
      needs[0] ? apply(forward, [x, d], attrs) : null,
      needs[1] ? apply(inputGrad, [dy, d], { ...attrs, inputShape: x.shape }) : null,
    ],
  };
  return { forward, inputGrad, weightGrad };
}
