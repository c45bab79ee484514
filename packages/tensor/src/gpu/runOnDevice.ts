import { ambient } from "../ambient.ts";
import { Scope } from "../scope.ts";
import type { Shape } from "../shape.ts";
import { Tensor } from "../tensor.ts";
import type { GpuDevice } from "./device.ts";
import type { Kernel, WgslKernel } from "./kernel.ts";

/** One kernel over tensors, without history: what an optimizer's update is made of. Values in memory are uploaded. */
export function runOnDevice(device: GpuDevice<unknown>, kernel: Kernel | WgslKernel, inputs: readonly Tensor[], shape: Shape): Tensor {
  const run = (scope: Scope): Tensor => {
    scope.checkOpen(kernel.name);
    return new Tensor(scope.ownBuffer(device.run(kernel, inputs.map((t) => scope.residentOn(device, t, kernel.name))), "f32", kernel.name), 0, shape, "f32");
  };
  if (ambient.scope !== null) return run(ambient.scope);
  const single = new Scope(null);
  let out: Tensor[] = [];
  try {
    out = [run(single)];
    return out[0];
  } finally {
    single.close(out);
  }
}
