// gpu.js underneath, where there is no WebGPU: WebGL 2 in browsers, whose arrays are textures, and WebAssembly on this CPU,
// which needs nothing and is what the everyday tests run.
import type { Engine, Failure, GpuDescription } from "./engine.ts";
import { DESTROYED, failureError } from "./engine.ts";
import { DeviceError } from "./errors.ts";
import type { Runner, RunnableKernel, Texture } from "./gpujs.ts";
import type { Dims, Kernel, WgslKernel } from "./kernel.ts";
import { lengthOf } from "./kernel.ts";
import { KernelCache } from "./kernelCache.ts";

/** An array in memory, or a texture. */
type Held = Float32Array | Texture;

interface Handle {
  readonly held: Held;
  readonly length: number;
}

const isTexture = (value: unknown): value is Texture => typeof value === "object" && value !== null && "toArray" in value;

export class GpuJsEngine implements Engine<Handle> {
  readonly description: GpuDescription;
  readonly takesWgsl = false;
  readonly pooledBytes = 0;
  private refused: Failure | null = null;
  private isDestroyed = false;
  private readonly runner: Runner;
  private readonly cache = new KernelCache<RunnableKernel>((kernel) => kernel.destroy());

  constructor(runner: Runner, description: GpuDescription) {
    this.runner = runner;
    this.description = description;
  }

  get compiled(): number {
    return this.cache.compiled;
  }

  get failure(): Failure | null {
    if (this.refused === null && this.runner.webGl()?.isContextLost()) return { isLost: true, problem: "the browser took the WebGL context away, and what lay on it with it." };
    return this.refused;
  }

  upload(numbers: Float32Array): Handle {
    const copy = numbers.slice();
    if (this.description.engine === "webasm" || numbers.length === 0) return { held: copy, length: copy.length };
    // A texture is made by a kernel only.
    return this.run({ name: "upload", inputs: [[copy.length]], output: [copy.length], source: "function (a) { return a[this.thread.x]; }" }, [{ held: copy, length: copy.length }]);
  }

  run(kernel: Kernel | WgslKernel, inputs: readonly Handle[]): Handle {
    if ("wgsl" in kernel) throw new DeviceError(`${kernel.name}: a kernel in WGSL cannot run on ${this.description.engine}.`);
    const length = lengthOf(kernel.output);
    if (length === 0) return { held: new Float32Array(0), length };
    this.checkSides(kernel);
    const key = `${kernel.inputs.join(";")}>${kernel.output.join()}:${inputs.map(({ held }) => formOf(held)).join()}:${kernel.source}`;
    const run = this.cache.get(key, () => this.runner.compile(kernel));
    const result = run(...inputs.map(({ held }, i) => (isTexture(held) ? viewed(held, kernel.inputs[i]) : this.argument(held, kernel.inputs[i]))));
    if (run.kernel?.fallbackReason) throw new DeviceError(`${kernel.name}: gpu.js fell back to plain JavaScript, which sums in double precision: ${run.kernel.fallbackReason}`);
    return { held: isTexture(result) ? result : flat(result, length), length };
  }

  part({ held, length: all }: Handle, offset: number, length: number): Handle {
    if (!isTexture(held)) return { held: held.slice(offset, offset + length), length };
    return this.run({ name: "view", inputs: [[all]], output: [length], source: `function (a) { return a[this.thread.x + ${offset}]; }` }, [{ held, length: all }]);
  }

  async read({ held, length: all }: Handle, offset: number, length: number): Promise<Float32Array> {
    const numbers = isTexture(held) ? flat(held.toArray(), all) : held;
    this.checkErrors();
    if (this.failure !== null) throw failureError("read", this.failure);
    return numbers.slice(offset, offset + length);
  }

  free({ held }: Handle): void {
    if (isTexture(held) && !this.isDestroyed) held.delete();
  }

  idle(): Promise<void> {
    return Promise.resolve();
  }

  destroy(): void {
    if (this.isDestroyed) return;
    this.isDestroyed = true;
    this.refused = DESTROYED;
    this.runner.destroy();
  }

  /** WebGL goes on after an error (no memory for a texture), with numbers that nobody wrote. Where all work is waited for, asking costs nothing. */
  private checkErrors(): void {
    const error = this.runner.webGl()?.getError() ?? 0;
    if (error !== 0) this.refused ??= { isLost: false, problem: `WebGL refused earlier work: error 0x${error.toString(16)}${error === 0x505 ? ", out of memory. Use a smaller batch" : ""}.` };
  }

  /** gpu.js makes the texture of a matrix as wide and high as the matrix, of anything else about square. */
  private checkSides({ name, output }: Kernel): void {
    const [width, height = 1, depth = 1] = [...output].reverse();
    const longest = Math.sqrt(this.description.largestBuffer / 4);
    if (this.description.engine === "webgl2" && height > 1 && depth === 1 && Math.max(width, height) > longest) throw new DeviceError(`${name}: the result is a matrix of [${height}, ${width}]; on WebGL 2 here a side is at most ${longest}. Use a smaller batch, or WebGPU.`);
  }

  /** gpu.js takes no empty array. */
  private argument(numbers: Float32Array, dims: Dims): unknown {
    return numbers.length === 0 ? this.runner.asArgument(new Float32Array(1), [1]) : this.runner.asArgument(numbers, dims);
  }
}

/**
 * What of an argument gpu.js compiles into a kernel: array or texture, and a texture's class and size. Textures of one length
 * differ in both by how many axes their own kernels had, and one in place of another would be read wrongly.
 */
const formOf = (held: Held): string => (isTexture(held) ? `${held.size[0]}x${held.size[1]}/${held.output.length}` : "array");

/**
 * A texture holds its numbers in one run, so it may be read under any sizes of its length. `output` keeps the number of axes
 * that the texture's class reads back: gpu.js keeps arguments, and may return one of them as a later result's texture.
 */
function viewed(texture: Texture, dims: Dims): Texture {
  const [x, y = 1, z = 1] = [...dims].reverse();
  const output = { 1: [x * y * z], 2: [x, y * z], 3: [x, y, z] }[texture.output.length];
  return Object.assign(Object.create(Object.getPrototypeOf(texture) as object) as Texture, texture, { output, dimensions: [x, y, z] });
}

/** gpu.js gives rows of rows; they lie one after the other, but not always in one array. */
function flat(rows: unknown, length: number): Float32Array {
  const out = new Float32Array(length);
  let at = 0;
  const visit = (part: unknown): void => {
    if (part instanceof Float32Array) {
      out.set(part, at);
      at += part.length;
    } else for (const inner of part as Iterable<unknown>) visit(inner);
  };
  visit(rows);
  return out;
}
