import { ambient } from "../ambient.ts";
import { scope } from "../scope.ts";
import type { Shape } from "../shape.ts";
import { Tensor } from "../tensor.ts";
import type { GpuDevice } from "./device.ts";
import type { Kernel, WgslKernel } from "./kernel.ts";

/** One kernel over tensors, without history: what an optimizer's update is made of. Values in memory are uploaded. */
export function runOnDevice(device: GpuDevice<unknown>, kernel: Kernel | WgslKernel, inputs: readonly Tensor[], shape: Shape): Tensor {
  const { scope: open } = ambient;
  if (open === null) return scope(() => runOnDevice(device, kernel, inputs, shape)); // a scope of its own, as for an op
  open.checkOpen(kernel.name);
  const buffer = device.run(kernel, inputs.map((t) => open.residentOn(device, t, kernel.name)));
  return new Tensor(open.ownBuffer(buffer, "f32", kernel.name), 0, shape, "f32");
}
