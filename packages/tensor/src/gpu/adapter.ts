// Which adapter: hardware, or an honest refusal. A software adapter (SwiftShader, llvmpipe) calls itself a GPU and computes
// on this CPU, slower than the SIMD kernels.
import type { GpuDescription } from "./engine.ts";
import { MissingPeerError, NoGpuError } from "./errors.ts";
import type { GpuAdapter, GpuLogicalDevice, WebGpu } from "./webgpuTypes.ts";

/** What is used of the npm package `webgpu`, which brings WebGPU to Node. */
export interface WebGpuPackage {
  create(options: string[]): unknown;
}

export const WEBGPU_VERSION = "0.6.2";

const SOFTWARE = /swiftshader|llvmpipe|lavapipe|softpipe|software|basic render|warp/i;

export const isSoftware = (name: string): boolean => SOFTWARE.test(name);

declare const navigator: { readonly gpu?: WebGpu } | undefined;
declare const process: { readonly platform: string; getBuiltinModule?(name: string): unknown } | undefined;

/** Dawn frees the instance when nobody holds it. */
let instance: WebGpu | null = null;

/** Not by an import: bundlers for browsers, which have no use for the package, would look for it. */
function packageOfNode(): WebGpuPackage {
  try {
    const modules = process?.getBuiltinModule?.("node:module") as { createRequire(from: string): (name: string) => unknown } | undefined;
    if (modules === undefined) throw new Error("there is no WebGPU here, and this is not Node >= 20.16");
    return modules.createRequire((import.meta as unknown as { readonly url: string }).url)("webgpu") as WebGpuPackage;
  } catch (cause) {
    throw new MissingPeerError("webgpu", WEBGPU_VERSION, "It brings WebGPU to Node; browsers have it.", cause);
  }
}

/** The platform's WebGPU: the browser's, else that of the package. */
function webGpuOf(given: WebGpuPackage | undefined): WebGpu {
  if (instance !== null) return instance;
  if (given === undefined && typeof navigator !== "undefined" && navigator.gpu) return navigator.gpu;
  const { create } = given ?? packageOfNode();
  const onLinux = typeof process !== "undefined" && process.platform === "linux";
  return (instance = create(onLinux ? ["backend=vulkan"] : []) as WebGpu);
}

/** @throws NoGpuError without an adapter, or with none but software where that was not asked for */
export async function openAdapter({ software, webgpu }: { software: boolean; webgpu?: WebGpuPackage | undefined }): Promise<{ device: GpuLogicalDevice; description: GpuDescription }> {
  const adapter = await webGpuOf(webgpu).requestAdapter({ powerPreference: "high-performance" });
  if (adapter === null) throw new NoGpuError("WebGPU finds no adapter. It needs a graphics card with a driver for Vulkan, Metal or Direct3D 12 (on Linux the package libvulkan1 too, and VK_DRIVER_FILES if the driver's description lies elsewhere).");
  const description = describe(adapter);
  if (!description.isHardware && !software) throw new NoGpuError(`the only adapter is ${description.adapter}, which computes on the CPU: slower than the kernels in memory. It needs a graphics card; to test with this adapter, pass { software: true }.`);
  const wanted = ["maxStorageBufferBindingSize", "maxBufferSize"];
  const device = await adapter.requestDevice({ requiredLimits: Object.fromEntries(wanted.map((limit) => [limit, adapter.limits[limit]])) });
  return { device, description };
}

function describe({ info, limits }: GpuAdapter): GpuDescription {
  const { vendor, architecture, device, description } = info;
  const names = [vendor, architecture, device, description].filter(Boolean).join(" ");
  return {
    engine: "webgpu",
    isHardware: info.isFallbackAdapter !== true && !isSoftware(names),
    adapter: device && !device.startsWith("0x") ? device : names,
    driver: description,
    largestBuffer: Math.min(limits["maxStorageBufferBindingSize"], limits["maxBufferSize"]),
  };
}
