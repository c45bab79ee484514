import type { DeviceBuffer } from "../../device.ts";
import type { Dims } from "../../gpu/kernel.ts";
import type { GpuKernels, Run } from "../../gpu/kernels.ts";
import { gpuFused } from "../../gpu/kernels.ts";
import { isNaNSource, quotient } from "../../gpu/source.ts";
import type { Shape } from "../../shape.ts";
import { sizeOf } from "../../shape.ts";
import type { LrnAttrs } from "./localResponseNorm.ts";
import { localResponseNormOp } from "./localResponseNorm.ts";

/** [planes, pixels]: a plane is a channel of an image. */
const dimsOf = ([batch, channels, ...rest]: Shape): Dims => [batch * channels, sizeOf(rest)];

/** Adds up a term in `[plane]`, a channel from `before` below the thread's to `size - 1 - before` above, as far as there are. */
const overChannels = ([, channels]: Shape, size: number, before: number, term: string): string => `
  const c = this.thread.y - ${quotient("this.thread.y", channels)} * ${channels};
  let sum = 0;
  for (let j = 0; j < ${size}; j++) {
    const other = c + j - ${before};
    if (other >= 0 && other < ${channels}) {
      const plane = this.thread.y + j - ${before};
      sum += ${term};
    }
  }`;

/** What x is divided by, before it is raised to beta. */
function divisors(run: Run, x: DeviceBuffer, shape: Shape, { size, alpha, k }: LrnAttrs): DeviceBuffer {
  const source = `function (x) { ${overChannels(shape, size, Math.floor(size / 2), "x[plane][this.thread.x] * x[plane][this.thread.x]")}
  return ${k} + sum * ${alpha / size};
}`;
  return run({ name: "localResponseNorm divisors", inputs: [dimsOf(shape)], output: dimsOf(shape), source }, [x]);
}

/** A power that leaves NaN alone: drivers make a number of it. */
const power = (d: string, exponent: number): string => `(${isNaNSource(d)} ? ${d} : Math.pow(${d}, ${exponent}))`;

export const localResponseNormGpu: GpuKernels<LrnAttrs> = gpuFused(localResponseNormOp, {
  forward: (run, [x], { shapes: [shape], attrs }) => {
    const dims = dimsOf(shape);
    const d = divisors(run, x, shape, attrs);
    const source = `function (x, d) { const v = d[this.thread.y][this.thread.x]; return x[this.thread.y][this.thread.x] * ${power("v", -attrs.beta)}; }`;
    const out = run({ name: "localResponseNorm", inputs: [dims, dims], output: dims, source }, [x, d]);
    d.release();
    return out;
  },
  backward: (run, _needs, dy, [x], _output, { shapes: [shape], attrs }) => {
    const { size, alpha, beta } = attrs;
    const dims = dimsOf(shape);
    const d = divisors(run, x, shape, attrs);
    // The factor of each channel first, for every channel is in the windows of several.
    const factors = run({
      name: "localResponseNorm gradient factors", inputs: [dims, dims, dims], output: dims,
      source: `function (dy, x, d) { const v = d[this.thread.y][this.thread.x]; return dy[this.thread.y][this.thread.x] * x[this.thread.y][this.thread.x] * ${power("v", -beta - 1)}; }`,
    }, [dy, x, d]);
    const source = `function (dy, x, d, f) { const v = d[this.thread.y][this.thread.x]; ${overChannels(shape, size, Math.floor((size - 1) / 2), "f[plane][this.thread.x]")}
  return dy[this.thread.y][this.thread.x] * ${power("v", -beta)} - ${(2 * alpha * beta) / size} * x[this.thread.y][this.thread.x] * sum;
}`;
    const dx = run({ name: "localResponseNorm gradient", inputs: [dims, dims, dims, dims], output: dims, source }, [dy, x, d, factors]);
    d.release();
    factors.release();
    return [dx];
  },
});
