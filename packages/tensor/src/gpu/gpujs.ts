// The one file in front of gpu.js. Its own types are wrong in places (Input is declared as a type, nothing of WebGPU is), so
// the little that is used is declared here, as read in the sources of 2.24.1. docs/decisions/0008-gpu-home.md says what is
// left to gpu.js and what is not.
import { DeviceError, MissingPeerError, NoGpuError } from "./errors.ts";
import type { Dims, Kernel } from "./kernel.ts";
import { checkSource } from "./kernel.ts";

export const GPU_JS_VERSION = "2.24.1";

/** gpu.js' array with sizes, fastest axis first. */
interface Input {
  readonly value: Float32Array;
  readonly size: Int32Array;
}

interface Settings {
  /** Fastest axis first. */
  readonly output: readonly number[];
  readonly argumentTypes?: readonly string[];
  readonly constants: Record<string, never>;
  readonly precision: "single";
  readonly loopMaxIterations: number;
  readonly pipeline?: boolean;
  readonly immutable?: boolean;
  /** Of numbers in WebGL: gpu.js' default is the least that a driver allows. */
  readonly tactic?: "precision";
  readonly fixIntegerDivisionAccuracy?: boolean;
}

/** A kernel that gpu.js translates to WGSL. Everything up to the shader's text is synchronous and needs no device. */
interface WgslTranslation {
  build(...args: readonly Input[]): unknown;
  _buildAsync(): Promise<void>;
  readonly compiledSource: string;
  readonly workgroupSize: readonly [number, number, number];
}

/** What a kernel leaves on a WebGL device: a texture that holds one number a texel. */
export interface Texture {
  /** Of the array, fastest axis first; `toArray` goes by it. */
  readonly output: readonly number[];
  /** The same with three axes; kernels that read it go by it. */
  readonly dimensions: readonly number[];
  /** Width and height in texels. */
  readonly size: ArrayLike<number>;
  toArray(): unknown;
  delete(): void;
  clone(): Texture;
}

/** A kernel that gpu.js runs itself: WebAssembly gives rows of one array, WebGL a texture. */
export interface RunnableKernel {
  (...args: readonly unknown[]): unknown;
  readonly kernel?: { readonly fallbackReason?: string | null; readonly constructor: { readonly name: string } };
  destroy(): void;
}

/** The functions of one kernel. */
interface FunctionBuilder {
  readonly functionMap: Readonly<Record<string, { readonly calledFunctions: readonly string[]; toString(): string } | undefined>>;
  /** Names of a function and all that it calls; written into a shader from the last to the first. */
  traceFunctionCalls(name: string): string[];
}

interface GpuJsInstance {
  createKernel(source: string, settings: Settings): RunnableKernel;
  /** From the first kernel on. */
  readonly context: WebGlState | null;
  destroy(): Promise<void>;
}

/** What a WebGL context tells of itself. */
interface WebGlState {
  isContextLost(): boolean;
  /** 0, or the number of what went wrong since it was last asked. */
  getError(): number;
}

export interface GpuJs {
  readonly GPU: (new (settings: { mode: "webasm" | "webgl2" }) => GpuJsInstance) & { readonly isWebGL2Supported: boolean };
  readonly FunctionBuilder: { readonly prototype: FunctionBuilder };
  readonly WebGPUKernel: new (source: string, settings: Settings) => WgslTranslation;
  readonly Input: { readonly prototype: object };
  input(value: Float32Array, size: readonly number[]): Input;
}

let loaded: Promise<GpuJs> | null = null;

/** Loads gpu.js at the first call. */
export function loadGpuJs(): Promise<GpuJs> {
  loaded ??= import("gpu.js").then(
    (module: unknown) => (module as { default?: GpuJs }).default ?? (module as GpuJs),
    (cause: unknown) => {
      loaded = null;
      throw new MissingPeerError("gpu.js", GPU_JS_VERSION, "The kernels of the gpu home are written in its language.", cause);
    },
  );
  return loaded;
}

/** gpu.js counts axes from the fastest. */
const fastestFirst = (dims: Dims): number[] => [...dims].reverse();

/** Loops have literal bounds ({@link checkSource}); this is the second line of defence against gpu.js' default of 1000 turns. */
const NO_LOOP_LIMIT = 2 ** 30;

export interface Translated {
  readonly wgsl: string;
  readonly workgroupSize: readonly [number, number, number];
}

/**
 * A kernel as WGSL. Bindings: 0 the sizes (a uniform struct: output x, y, z and dispatch width, then x, y, z and length of
 * each argument), the arguments from 1 on, then the result.
 */
export function translate({ WebGPUKernel, Input: { prototype } }: GpuJs, { name, source, inputs, output }: Kernel): Translated {
  refuseUnsafe(name, source);
  const translation = new WebGPUKernel(source, { output: fastestFirst(output), argumentTypes: inputs.map(() => "Input"), constants: {}, precision: "single", loopMaxIterations: NO_LOOP_LIMIT });
  translation._buildAsync = () => Promise.resolve(); // would open a device of its own
  const stand = (dims: Dims): Input => Object.assign(Object.create(prototype) as object, { value: new Float32Array(0), size: Int32Array.from(fastestFirst(dims)) });
  try {
    translation.build(...inputs.map(stand));
  } catch (cause) {
    throw new DeviceError(`${name}: gpu.js does not translate the kernel: ${(cause as Error).message}\n${source}`, { cause });
  }
  const { compiledSource: wgsl, workgroupSize } = translation;
  const isAsExpected = wgsl.includes("@group(0) @binding(0) var<uniform> params : Params;") && wgsl.includes(`@group(0) @binding(${inputs.length + 1}) var<storage, read_write> result : array<f32>;`);
  if (!isAsExpected || /LOOP_MAX/.test(wgsl)) throw new DeviceError(`${name}: gpu.js translates kernels otherwise than ${GPU_JS_VERSION} does. Install gpu.js@${GPU_JS_VERSION}.`);
  return { wgsl, workgroupSize };
}

/** A kernel that gpu.js runs, and how it takes arrays. */
export interface Runner {
  compile(kernel: Kernel): RunnableKernel;
  asArgument(numbers: Float32Array, dims: Dims): unknown;
  /** Null on WebAssembly. */
  webGl(): WebGlState | null;
  destroy(): void;
}

export function runnerOf(gpuJs: GpuJs, mode: "webasm" | "webgl2"): Runner {
  if (mode === "webgl2" && !gpuJs.GPU.isWebGL2Supported) throw new NoGpuError("this place has no WebGL 2. It needs a browser that has; the default engine is webgpu.");
  if (mode === "webgl2") calledFunctionsFirst(gpuJs);
  const gpu = new gpuJs.GPU({ mode });
  return {
    compile({ name, source, output }) {
      refuseUnsafe(name, source);
      return gpu.createKernel(source, {
        output: fastestFirst(output), constants: {}, precision: "single", loopMaxIterations: NO_LOOP_LIMIT, pipeline: true, immutable: true,
        // Otherwise a small texture's numbers and indices are "lowp", 10 bits on a phone, and a division goes through whole numbers.
        tactic: "precision", fixIntegerDivisionAccuracy: false,
      });
    },
    asArgument: (numbers, dims) => gpuJs.input(numbers, fastestFirst(dims)),
    webGl: () => (mode === "webgl2" ? gpu.context : null),
    destroy: () => void gpu.destroy(),
  };
}

/**
 * GLSL knows a function from where it stands on. gpu.js puts a function that two others call in front of both, but leaves what it
 * calls itself behind: such kernels do not compile. This order has everything that is called in front.
 */
function calledFunctionsFirst({ FunctionBuilder: { prototype } }: GpuJs): void {
  prototype.traceFunctionCalls = function (this: FunctionBuilder, name) {
    const calledFirst = new Set<string>();
    const visit = (f: string): void => {
      const node = this.functionMap[f];
      if (node === undefined || calledFirst.has(f)) return;
      node.toString(); // finds out what it calls
      node.calledFunctions.forEach(visit);
      calledFirst.add(f);
    };
    visit(name);
    return [...calledFirst].reverse();
  };
}

function refuseUnsafe(name: string, source: string): void {
  const problem = checkSource(source);
  if (problem !== null) throw new DeviceError(`${name}: the kernel is refused: ${problem}.\n${source}`);
}
