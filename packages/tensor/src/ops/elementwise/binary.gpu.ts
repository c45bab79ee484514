// Functions of two tensors.
import type { GpuKernels } from "../../gpu/kernels.ts";
import { addOp } from "./add.ts";
import { divOp } from "./div.ts";
import { gpuZip } from "./elementwiseGpu.ts";
import { maximumOp, minimumOp } from "./maximum.ts";
import { mulOp } from "./mul.ts";
import { powLogOp, powOp, powSlopeOp } from "./pow.ts";
import { sigmoidGradOp } from "./sigmoid.ts";
import { subOp } from "./sub.ts";
import { tanhGradOp } from "./tanh.ts";

export const addGpu: GpuKernels<null> = gpuZip(addOp, "a + b");
export const subGpu: GpuKernels<null> = gpuZip(subOp, "a - b");
export const mulGpu: GpuKernels<null> = gpuZip(mulOp, "a * b");
export const divGpu: GpuKernels<null> = gpuZip(divOp, "a / b");
export const maximumGpu: GpuKernels<null> = gpuZip(maximumOp, "maxOf(a, b)");
export const minimumGpu: GpuKernels<null> = gpuZip(minimumOp, "minOf(a, b)");
export const powGpu: GpuKernels<null> = gpuZip(powOp, "powOf(a, b)");
export const powSlopeGpu: GpuKernels<null> = gpuZip(powSlopeOp, "b === 0 ? 0 : b * powOf(a, b - 1)");
export const powLogGpu: GpuKernels<null> = gpuZip(powLogOp, "a === 0 && b >= 0 ? 0 : powOf(a, b) * logOf(a)");
export const sigmoidGradGpu: GpuKernels<null> = gpuZip(sigmoidGradOp, "a * (b * (1 - b))");
export const tanhGradGpu: GpuKernels<null> = gpuZip(tanhGradOp, "a * (1 - b * b)");
