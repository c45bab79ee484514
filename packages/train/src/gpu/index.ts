// @llr/train/gpu: training with everything on a device. Nothing of it is loaded by @llr/train itself.
export { clipDeviceGradients, type ClipDeviceOptions } from "./clipDeviceGradients.ts";
export { type DeviceOptimizer, deviceOptimizer, type DeviceOptions } from "./deviceOptimizer.ts";
