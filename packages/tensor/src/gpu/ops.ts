// The kernels of the gpu home, one line an op.
import { matmulGpu } from "../ops/matmul/matmul.gpu.ts";
import { reluGpu, reluGradGpu } from "../ops/elementwise/relu.gpu.ts";
import type { GpuKernels } from "./kernels.ts";

export const gpuKernels: readonly GpuKernels[] = [matmulGpu, reluGpu, reluGradGpu];
