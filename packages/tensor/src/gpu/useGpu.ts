import { ambient } from "../ambient.ts";
import { ArgumentError } from "../errors.ts";
import { moveToDevice, moveToMemory, uploaded } from "../placement.ts";
import type { Shape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import type { WebGpuPackage } from "./adapter.ts";
import { isSoftware, openAdapter } from "./adapter.ts";
import type { GpuMemory } from "./device.ts";
import { GpuDevice } from "./device.ts";
import type { Engine, GpuDescription } from "./engine.ts";
import { NoGpuError } from "./errors.ts";
import { loadGpuJs, runnerOf } from "./gpujs.ts";
import { GpuJsEngine } from "./gpujsEngine.ts";
import type { Kernel, WgslKernel } from "./kernel.ts";
import type { GpuKernels } from "./kernels.ts";
import { gpuKernels } from "./ops.ts";
import { runOnDevice } from "./runOnDevice.ts";
import { WebGpuEngine } from "./webgpu.ts";

export interface GpuOptions {
  /** Default "webgpu". "webgl2": for browsers without it. "webasm": gpu.js' WebAssembly on this CPU, for tests. */
  readonly engine?: GpuDescription["engine"];
  /** Accept an adapter that computes on the CPU, for tests. Default false. */
  readonly software?: boolean;
  /** The npm package `webgpu`, where it cannot be imported by its name. */
  readonly webgpu?: WebGpuPackage;
  /** Kernels that may wait for the device before an op refuses to add another. Default 50,000. */
  readonly mostWaiting?: number;
  /** Kernels for ops of your own, or in place of the built-in ones. */
  readonly kernels?: readonly GpuKernels[];
}

/** A device that tensors can lie on. */
export interface Gpu {
  readonly description: GpuDescription;
  memory(): GpuMemory;
  /** The numbers of a value, on the device. */
  upload(t: Tensor): Tensor;
  /** Moves parameters and buffers; each stays the same object, without a gradient. Their `data` and `grad` cannot be read or written there. */
  move(tensors: Iterable<Tensor>): void;
  /** Moves parameters and buffers back into memory. */
  retrieve(tensors: Iterable<Tensor>): Promise<void>;
  /** Runs one kernel on tensors of the device. */
  run(kernel: Kernel | WgslKernel, inputs: readonly Tensor[], shape: Shape): Tensor;
  /** When all work handed over so far is done. */
  idle(): Promise<void>;
  readonly isLost: boolean;
  /** Gives the device back. What lies on it is lost. */
  destroy(): void;
}

/**
 * A device to compute on. Tensors lie in memory until they are moved or uploaded; an op runs where its inputs are, values in
 * memory that meet a tensor on the device are uploaded for it, and results stay there. Ops and `backward` return at once;
 * `await tensor.read()` is the only thing that waits, and the only way back: nothing is ever computed in memory instead.
 *
 * @throws NoGpuError if there is no adapter, or only one that computes on the CPU; MissingPeerError if gpu.js or (in Node)
 *   webgpu is not installed
 * @example
 * import { matmul, relu, scope, tensor } from "@llr/tensor";
 * import { useGpu } from "@llr/tensor/gpu";
 * const gpu = await useGpu({ engine: "webasm", software: true }); // for this example: on the CPU
 * const x = gpu.upload(tensor([[1, -2]]));
 * const y = scope(() => matmul(relu(x), tensor([[10], [1]]))); // computed on the device, and still there
 * y.toArray() // throws await tensor.read()
 * await y.read() // => [10]
 */
export async function useGpu(options: GpuOptions = {}): Promise<Gpu> {
  try {
    const device = await openDevice(options);
    const { description } = device;
    ambient.gpu = { ...description, reason: description.isHardware ? "useGpu found it" : "useGpu was told to accept an adapter that computes on the CPU" };
    return new UsedGpu(device);
  } catch (error) {
    ambient.gpu = { engine: null, isHardware: false, adapter: "", driver: "", largestBuffer: 0, reason: (error as Error).message };
    throw error;
  }
}

export async function openDevice({ engine = "webgpu", software = false, webgpu, mostWaiting = 50_000, kernels = [] }: GpuOptions): Promise<GpuDevice<unknown>> {
  return new GpuDevice((await openEngine(engine, software, mostWaiting, webgpu)) as Engine<unknown>, [...gpuKernels, ...kernels]);
}

async function openEngine(engine: GpuDescription["engine"], software: boolean, mostWaiting: number, webgpu: WebGpuPackage | undefined): Promise<Engine<never>> {
  if (engine === "webgpu") {
    const gpuJs = await loadGpuJs();
    const { device, description } = await openAdapter({ software, webgpu });
    return new WebGpuEngine(device, gpuJs, description, mostWaiting) as unknown as Engine<never>;
  }
  if (engine !== "webgl2" && engine !== "webasm") throw new ArgumentError("useGpu", `engine is ${JSON.stringify(engine)}. It must be "webgpu", "webgl2" or, for tests, "webasm".`);
  const description = engine === "webgl2" ? describeWebGl() : { engine, isHardware: false, adapter: "gpu.js on WebAssembly", driver: "", largestBuffer: 2 ** 30 };
  if (!description.isHardware && !software) throw new NoGpuError(`${engine} is ${description.adapter}, which computes on the CPU. To test with it, pass { software: true }.`);
  return new GpuJsEngine(runnerOf(await loadGpuJs(), engine), description) as unknown as Engine<never>;
}

interface WebGl {
  getExtension(name: "WEBGL_debug_renderer_info"): { readonly UNMASKED_RENDERER_WEBGL: number } | null;
  getExtension(name: "WEBGL_lose_context"): { loseContext(): void } | null;
  getParameter(name: number): unknown;
  readonly MAX_TEXTURE_SIZE: number;
  readonly VERSION: number;
}
declare const OffscreenCanvas: (new (width: number, height: number) => { getContext(kind: "webgl2"): WebGl | null }) | undefined;

function describeWebGl(): GpuDescription {
  const gl = typeof OffscreenCanvas === "undefined" ? null : new OffscreenCanvas(1, 1).getContext("webgl2");
  if (gl === null) throw new NoGpuError("there is no WebGL 2 here. It needs a browser that has it.");
  const names = gl.getExtension("WEBGL_debug_renderer_info");
  const adapter = names === null ? "an adapter that WebGL does not name" : String(gl.getParameter(names.UNMASKED_RENDERER_WEBGL));
  const side = Number(gl.getParameter(gl.MAX_TEXTURE_SIZE));
  const driver = String(gl.getParameter(gl.VERSION));
  gl.getExtension("WEBGL_lose_context")?.loseContext(); // a page has 16 contexts, and then the oldest goes
  return { engine: "webgl2", isHardware: !isSoftware(adapter), adapter, driver, largestBuffer: 4 * side * side };
}

class UsedGpu implements Gpu {
  private readonly device: GpuDevice<unknown>;

  constructor(device: GpuDevice<unknown>) {
    this.device = device;
  }

  get description(): GpuDescription {
    return this.device.description;
  }

  get isLost(): boolean {
    return this.device.isLost;
  }

  memory(): GpuMemory {
    return this.device.memory();
  }

  upload(t: Tensor): Tensor {
    return uploaded(t, this.device);
  }

  move(tensors: Iterable<Tensor>): void {
    for (const t of tensors) moveToDevice(t, this.device);
  }

  async retrieve(tensors: Iterable<Tensor>): Promise<void> {
    const moved = [...tensors].filter((t) => t.storage.buffer !== null);
    const numbers = await Promise.all(moved.map((t) => t.read()));
    moved.forEach((t, i) => moveToMemory(t, numbers[i]));
  }

  run(kernel: Kernel | WgslKernel, inputs: readonly Tensor[], shape: Shape): Tensor {
    return runOnDevice(this.device, kernel, inputs, shape);
  }

  idle(): Promise<void> {
    return this.device.idle();
  }

  destroy(): void {
    this.device.destroy();
  }
}
