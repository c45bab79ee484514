import { pointwise } from "../../gpu/grid.ts";
import type { GpuKernels } from "../../gpu/kernels.ts";
import { gpuPrimitive } from "../../gpu/kernels.ts";
import type { Shape } from "../../shape.ts";
import { stridesOf } from "../../shape.ts";
import { put } from "./boxGpu.ts";
import type { SliceAttrs } from "./slice.ts";
import { sliceOp, unsliceOp } from "./slice.ts";

export const sliceGpu: GpuKernels<SliceAttrs> = gpuPrimitive(sliceOp, (run, [x], { shapes: [from], shape, attrs: { starts, steps } }) => {
  const strides = stridesOf(from);
  const base = starts.reduce((sum, start, axis) => sum + start * strides[axis], 0);
  return run(pointwise("slice", shape, [{ length: x.length, strides: strides.map((stride, axis) => stride * steps[axis]), base }], "a"), [x]);
});

export const unsliceGpu: GpuKernels<SliceAttrs & { readonly shape: Shape }> = gpuPrimitive(unsliceOp, (run, [x], { attrs }) => put("unslice", run, x, attrs.shape, attrs, "0"));
