import type { GpuKernels } from "../../gpu/kernels.ts";
import { gpuPrimitive } from "../../gpu/kernels.ts";
import { takesTiles, tiledProduct } from "../../gpu/product.ts";
import { conv2dInputGradOp, conv2dOp, conv2dWeightGradOp } from "./conv2d.ts";
import type { InputGradAttrs, WeightGradAttrs } from "./convolution.ts";
import type { ConvAttrs } from "./geometry.ts";
import { forwardProduct, inputGradProduct, weightGradProduct } from "./gpuProducts.ts";
import { convSizes } from "./gpuSizes.ts";
import { forwardKernel, inputGradKernel, weightGrad } from "./gpuThreads.ts";

export const conv2dGpu: GpuKernels<ConvAttrs> = gpuPrimitive(conv2dOp, (run, inputs, { shapes: [x, w], shape, attrs }) => {
  const sizes = convSizes([x, w, shape], attrs);
  const [images, weights, ...bias] = inputs;
  const product = forwardProduct(sizes, bias.length > 0);
  return takesTiles(run, product) ? tiledProduct(run, product, [weights, images, ...bias]) : run(forwardKernel(sizes, bias.length > 0), inputs);
});

export const conv2dInputGradGpu: GpuKernels<InputGradAttrs> = gpuPrimitive(conv2dInputGradOp, (run, [dy, weights], { shapes: [y, w], shape, attrs }) => {
  const sizes = convSizes([shape, w, y], attrs);
  const product = inputGradProduct(sizes);
  return takesTiles(run, product) ? tiledProduct(run, product, [weights, dy]) : run(inputGradKernel(sizes), [dy, weights]);
});

export const conv2dWeightGradGpu: GpuKernels<WeightGradAttrs> = gpuPrimitive(conv2dWeightGradOp, (run, inputs, { shapes: [y, x], shape, attrs }) => {
  const sizes = convSizes([x, shape, y], attrs);
  const product = weightGradProduct(sizes);
  return takesTiles(run, product) ? tiledProduct(run, product, inputs) : weightGrad(run, inputs, sizes);
});
