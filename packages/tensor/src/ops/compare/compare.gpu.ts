import type { GpuKernels } from "../../gpu/kernels.ts";
import { gpuZip } from "../elementwise/elementwiseGpu.ts";
import { equalOp, greaterEqualOp, greaterOp, lessEqualOp, lessOp, notEqualOp } from "./compare.ts";

export const equalGpu: GpuKernels<null> = gpuZip(equalOp, "a === b ? 1 : 0");
// As the opposite of equal, so that a NaN is unequal on every device.
export const notEqualGpu: GpuKernels<null> = gpuZip(notEqualOp, "a === b ? 0 : 1");
export const lessGpu: GpuKernels<null> = gpuZip(lessOp, "a < b ? 1 : 0");
export const lessEqualGpu: GpuKernels<null> = gpuZip(lessEqualOp, "a <= b ? 1 : 0");
export const greaterGpu: GpuKernels<null> = gpuZip(greaterOp, "a > b ? 1 : 0");
export const greaterEqualGpu: GpuKernels<null> = gpuZip(greaterEqualOp, "a >= b ? 1 : 0");
