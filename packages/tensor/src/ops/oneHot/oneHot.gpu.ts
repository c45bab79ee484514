import { NoKernelError } from "../../errors.ts";
import type { GpuKernels } from "../../gpu/kernels.ts";
import { gpuPrimitive } from "../../gpu/kernels.ts";
import type { OneHot } from "./oneHot.ts";
import { oneHotOp } from "./oneHot.ts";

/** Labels that lie on the device cannot be checked beforehand: one out of range gives zeros only. */
export const oneHotGpu: GpuKernels<OneHot> = gpuPrimitive(oneHotOp, (run, [labels], { attrs: { depth, dtype } }) => {
  if (dtype === "f64") throw new NoKernelError("oneHot", "the result is to be f64; a device holds f32 only. Leave dtype out.");
  return run({ name: "oneHot", inputs: [[labels.length]], output: [labels.length, depth], source: "function (labels) { return labels[this.thread.y] === this.thread.x ? 1 : 0; }" }, [labels]);
});
