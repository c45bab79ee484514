import type { GpuKernels } from "../../gpu/kernels.ts";
import { gpuZip } from "../elementwise/elementwiseGpu.ts";
import { whereOp } from "./where.ts";

export const whereGpu: GpuKernels<null> = gpuZip(whereOp, "a === 0 ? c : b");
