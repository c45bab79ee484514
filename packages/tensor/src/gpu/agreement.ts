// For the tests of kernels: on every device at hand a kernel computes what the reference computes.
import type { ConformanceCase, InputSpec } from "../conformance.ts";
import type { DeviceBuffer } from "../device.ts";
import type { DType, Numbers } from "../dtype.ts";
import { heapArray } from "../dtype.ts";
import type { Fused, Primitive } from "../op.ts";
import { sameFloat } from "../op.ts";
import { Rng } from "../random.ts";
import { formatShape, sizeOf } from "../shape.ts";
import type { GpuDevice } from "./device.ts";
import type { GpuKernels } from "./kernels.ts";
import { testDevices } from "./testDevices.ts";

export interface AgreementOptions {
  readonly seed?: number;
  /**
   * Allowed error relative to the largest entry. Default: 2e-6 * sqrt(max(1, terms / 256)), for rounding errors of
   * single-precision sums add up like a random walk.
   */
  readonly tolerance?: number;
  /** Whether a NaN in the first float input has to come out. Default true; false for functions that drivers define for numbers only. */
  readonly keepsNaN?: boolean;
}

/** Throws, naming the device, the case and the fault, unless the kernels agree with the op's reference kernels. */
export async function gpuAgrees<A>(kernels: GpuKernels<A>, cases: readonly ConformanceCase<A>[], { seed = 1, tolerance, keepsNaN = true }: AgreementOptions = {}): Promise<void> {
  const rng = new Rng(seed).stream(kernels.op.name);
  for (const [i, { inputs: specs, attrs, terms = 1 }] of cases.entries()) {
    const values = specs.map(({ shape, fill = (r: Rng) => r.normal() }) => Array.from({ length: sizeOf(shape) }, (_, j) => Math.fround(fill(rng, j))));
    const allowed = tolerance ?? 2e-6 * Math.sqrt(Math.max(1, terms / 256));
    for (const device of await testDevices()) {
      const where = `${kernels.op.name}, case ${i} (${specs.map((s) => formatShape(s.shape)).join(", ")}) on ${device.description.adapter}`;
      const before = device.memory().buffers;
      await new Comparison(device, kernels, specs, attrs, where).run(values, allowed);
      const float = specs.findIndex(({ dtype = "float" }, j) => dtype === "float" && values[j].length > 0);
      if (keepsNaN && float >= 0) await new Comparison(device, kernels, specs, attrs, `${where}, with a NaN`).run(values.map((v, j) => (j === float ? [NaN, ...v.slice(1)] : v)), allowed);
      const left = device.memory().buffers - before;
      if (left !== 0) throw new Error(`${where}: ${left} buffers are left on the device. A kernel releases what is between.`);
    }
  }
}

class Comparison<A> {
  private readonly device: GpuDevice<unknown>;
  private readonly op: Primitive<A> | Fused<A>;
  private readonly specs: readonly InputSpec[];
  private readonly attrs: A;
  private readonly where: string;

  constructor(device: GpuDevice<unknown>, { op }: GpuKernels<A>, specs: readonly InputSpec[], attrs: A, where: string) {
    this.device = device;
    this.op = op;
    this.specs = specs;
    this.attrs = attrs;
    this.where = where;
  }

  async run(values: readonly (readonly number[])[], tolerance: number): Promise<void> {
    const { op, specs, attrs, device } = this;
    const dtypes = specs.map(({ dtype = "float" }): DType => (dtype === "float" ? "f32" : dtype));
    const shapes = specs.map((s) => s.shape);
    const call = { shapes, shape: op.shape(shapes, attrs), attrs };
    const dtype = op.dtype ? op.dtype(dtypes, attrs) : sameFloat(op.name, dtypes);
    const inputs = values.map((v, i) => filled(dtypes[i], v));
    const out = heapArray(dtype, sizeOf(call.shape));
    const aux = op.aux?.(shapes, attrs).map((a) => heapArray(a.dtype, sizeOf(a.shape))) ?? [];
    (op.kind === "fused" ? op.reference.forward : op.reference)(out, inputs, call, aux);

    const uploads = inputs.map((x) => device.upload(x, op.name));
    const results = device.forward(op, uploads, call);
    await this.compare("the output", out, results[0], tolerance);
    for (const [i, right] of aux.entries()) await this.compare(`hidden output ${i}`, right, results[i + 1], tolerance);
    if (op.kind === "fused") {
      const dOut = filled("f32", Array.from(out, (_, i) => Math.sin((i + 1) ** 2))); // any numbers of both signs
      const gradients = inputs.map((x) => (x instanceof Float32Array ? new Float32Array(x.length) : null));
      op.reference.backward(gradients, dOut, inputs, out, call, aux);
      const upload = device.upload(dOut, op.name);
      const found = device.backward(op, gradients.map((g) => g !== null), upload, uploads, op.saves.includes("output") ? results[0] : null, call, results.slice(1));
      for (const [i, right] of gradients.entries()) if (right !== null) await this.compare(`the gradient of input ${i}`, right, found[i]!, tolerance);
      for (const buffer of [upload, ...found]) buffer?.release();
    }
    for (const buffer of [...uploads, ...results]) buffer.release();
  }

  private async compare(what: string, right: Numbers, buffer: DeviceBuffer, tolerance: number): Promise<void> {
    const found = await this.device.read(buffer, 0, buffer.length);
    if (found.length !== right.length) throw new Error(`${this.where}: ${what} has ${found.length} elements, by the reference ${right.length}.`);
    let scale = 1e-3;
    for (const x of right) if (Number.isFinite(x)) scale = Math.max(scale, Math.abs(x));
    right.forEach((x, i) => {
      const same = Object.is(x, found[i]) || x === found[i] || Math.abs(x - found[i]) <= tolerance * scale;
      if (!same) throw new Error(`${this.where}: ${what} has ${found[i]} as element ${i}, by the reference ${x}; allowed is a difference of ${tolerance * scale}.`);
    });
  }
}

function filled(dtype: DType, values: readonly number[]): Numbers {
  const array = heapArray(dtype, values.length);
  array.set(values);
  return array;
}
