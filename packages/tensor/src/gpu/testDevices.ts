// The devices that tests run on: gpu.js' WebAssembly, which is always there, and WebGPU on a software adapter where
// LLR_WEBGPU names the folder of the npm package webgpu (.ci/run installs it and a Vulkan driver: see CONTRIBUTING.md).
// LLR_REQUIRE_WEBGPU=1 makes a missing WebGPU fail instead of being left out.
import type { WebGpuPackage } from "./adapter.ts";
import type { GpuDevice } from "./device.ts";
import type { GpuOptions } from "./useGpu.ts";
import { openDevice } from "./useGpu.ts";

declare const process: { readonly env: Readonly<Record<string, string | undefined>>; getBuiltinModule(name: string): unknown };

/** Options of useGpu for each device at hand. */
export function testOptions(env = process.env): readonly GpuOptions[] {
  const { LLR_WEBGPU: folder, LLR_REQUIRE_WEBGPU: required } = env;
  const webasm: GpuOptions = { engine: "webasm", software: true };
  if (folder === undefined && required === "1") throw new Error("tests on WebGPU cannot run, and LLR_REQUIRE_WEBGPU=1 says that they must: LLR_WEBGPU names no folder of the npm package webgpu. `npm run gpu-setup` sets it up.");
  if (folder === undefined) return [webasm];
  const { createRequire } = process.getBuiltinModule("node:module") as { createRequire(from: string): (name: string) => unknown };
  return [webasm, { engine: "webgpu", software: true, webgpu: createRequire((import.meta as unknown as { readonly url: string }).url)(folder) as WebGpuPackage }];
}

let devices: Promise<readonly GpuDevice<unknown>[]> | null = null;

export const testDevices = (): Promise<readonly GpuDevice<unknown>[]> => (devices ??= Promise.all(testOptions().map(openDevice)));
