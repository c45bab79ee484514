import type { GpuKernels } from "../../gpu/kernels.ts";
import { gpuMap, gpuZip } from "./elementwiseGpu.ts";
import { reluGradOp, reluOp } from "./relu.ts";

// Not Math.max(x, 0): on a GPU it turns NaN into 0 and hides that a run has diverged.
export const reluGpu: GpuKernels<null> = gpuMap(reluOp, "x * 0.5 + Math.abs(x) * 0.5");
export const reluGradGpu: GpuKernels<null> = gpuZip(reluGradOp, "b <= 0 ? 0 : a");
