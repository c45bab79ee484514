import type { GpuKernels } from "../../gpu/kernels.ts";
import { gpuPrimitive } from "../../gpu/kernels.ts";
import { conv2dInputGradOp, conv2dOp, conv2dWeightGradOp } from "./conv2d.ts";
import type { InputGradAttrs, WeightGradAttrs } from "./convolution.ts";
import type { ConvAttrs } from "./geometry.ts";
import { convSizes } from "./gpuSizes.ts";
import { forwardKernel, inputGradKernel, weightGrad } from "./gpuThreads.ts";

export const conv2dGpu: GpuKernels<ConvAttrs> = gpuPrimitive(conv2dOp, (run, inputs, { shapes: [x, w], shape, attrs }) => run(forwardKernel(convSizes([x, w, shape], attrs), inputs.length === 3), inputs));

export const conv2dInputGradGpu: GpuKernels<InputGradAttrs> = gpuPrimitive(conv2dInputGradOp, (run, inputs, { shapes: [y, w], shape, attrs }) => run(inputGradKernel(convSizes([shape, w, y], attrs)), inputs));

export const conv2dWeightGradGpu: GpuKernels<WeightGradAttrs> = gpuPrimitive(conv2dWeightGradOp, (run, inputs, { shapes: [y, x], shape, attrs }) => weightGrad(run, inputs, convSizes([x, shape, y], attrs)));
