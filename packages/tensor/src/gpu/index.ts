// @llr/tensor/gpu: tensors on a device. Nothing of it is loaded by @llr/tensor itself.
export type { WebGpuPackage } from "./adapter.ts";
export type { GpuMemory } from "./device.ts";
export type { GpuDescription } from "./engine.ts";
export { DeviceError, DeviceLostError, MissingPeerError, NoGpuError } from "./errors.ts";
export type { Dims, Kernel, WgslKernel } from "./kernel.ts";
export { type GpuBackward, type GpuForward, gpuFused, type GpuKernels, gpuPrimitive, type Run } from "./kernels.ts";
export { gpuOps } from "./ops.ts";
export { type Gpu, type GpuOptions, useGpu } from "./useGpu.ts";
