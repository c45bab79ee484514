import { literal } from "../../gpu/grid.ts";
import type { GpuKernels } from "../../gpu/kernels.ts";
import { gpuZip } from "../elementwise/elementwiseGpu.ts";
import type { Drop } from "./dropout.ts";
import { dropoutMaskOp, scaleOf } from "./dropout.ts";

// With p = 1 the scale is 0, and a NaN becomes 0: compilers take anything times a literal 0 for 0.
export const dropoutMaskGpu: GpuKernels<Drop> = gpuZip(dropoutMaskOp, ({ p }) => `a * b * ${literal("dropoutMask", scaleOf(p))}`);
