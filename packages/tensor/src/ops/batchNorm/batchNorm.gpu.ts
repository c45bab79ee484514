// On a device the numbers of a channel are shared out among threads, and sums come by stages. The mean first, then the
// squares of what is off it: the mean square less the squared mean would lose all digits in single precision.
import type { DeviceBuffer } from "../../device.ts";
import type { Dims } from "../../gpu/kernel.ts";
import type { GpuKernels, Run } from "../../gpu/kernels.ts";
import { gpuFused, gpuPrimitive } from "../../gpu/kernels.ts";
import { quotient } from "../../gpu/source.ts";
import { sumLines } from "../../gpu/sums.ts";
import type { NormAttrs, RunningAttrs, Sizes } from "./batchNorm.ts";
import { batchNormInferenceOp, batchNormOp, runningStatisticsOp, sizesOf, statisticOf } from "./batchNorm.ts";

/** Arrays by the names that a kernel's source gives them. */
interface Arrays {
  /** As large as the input. */
  readonly whole?: Readonly<Record<string, DeviceBuffer>>;
  /** One number for each channel, or more, the first `channels` of which are meant. */
  readonly channelwise?: Readonly<Record<string, DeviceBuffer>>;
}

/** What a kernel's source needs of them: those that it does not read would have no binding. */
function argumentsOf({ whole = {}, channelwise = {} }: Arrays, dims: Dims, source: string): { readonly names: string; readonly buffers: readonly DeviceBuffer[]; readonly inputs: readonly Dims[] } {
  const used = [...Object.entries(whole), ...Object.entries(channelwise)].filter(([name]) => source.includes(`${name}[`));
  const buffers = used.map(([, buffer]) => buffer);
  return { names: used.map(([name]) => name).join(", "), buffers, inputs: used.map(([name, { length }]) => (name in whole ? dims : [length])) };
}

/** Numbers that one thread adds up in the first stage. */
const SHARE = 64;

/**
 * Sums over channels. A thread's pixels lie `apart` from each other, its images `groups`, so that neighbours read neighbours.
 *
 * @param terms one or two expressions in `[plane][p]`, the place of a number, and its channel `c`
 * @returns [terms, channels]
 */
function channelSums(run: Run, name: string, { batch, channels, pixels }: Sizes, arrays: Arrays, terms: readonly [string, string?], finish?: string): DeviceBuffer {
  const perThread = Math.min(SHARE, Math.max(1, Math.ceil(pixels / SHARE)));
  const apart = Math.max(1, Math.ceil(pixels / perThread));
  const images = Math.max(1, Math.min(batch, Math.ceil(SHARE / perThread)));
  const groups = Math.max(1, Math.ceil(batch / images));
  const [first, second] = terms;
  const { names, buffers, inputs } = argumentsOf(arrays, [batch * channels, pixels], terms.join());
  const source = `function (${names}) {
  const c = ${second === undefined ? "this.thread.z" : `this.thread.z < ${channels} ? this.thread.z : this.thread.z - ${channels}`};
  let sum = 0;
  for (let i = 0; i < ${images}; i++) {
    const n = this.thread.y + i * ${groups};
    if (n < ${batch}) {
      const plane = n * ${channels} + c;
      for (let j = 0; j < ${perThread}; j++) {
        const p = this.thread.x + j * ${apart};
        if (p < ${pixels}) { ${second === undefined ? `sum += ${first};` : `if (this.thread.z < ${channels}) { sum += ${first}; } else { sum += ${second}; }`} }
      }
    }
  }
  return sum;
}`;
  const lines = channels * (second === undefined ? 1 : 2);
  return sumLines(run, name, run({ name, inputs, output: [lines, groups, apart], source }, buffers), { lines, count: groups * apart }, finish);
}

/** An expression for every number, in its place `[plane][p]` and channel `c`. */
function everyNumber(run: Run, name: string, { batch, channels, pixels }: Sizes, arrays: Arrays, expression: string): DeviceBuffer {
  // Without pixels to a channel, rows of channels: a thread's neighbour along x is its neighbour in memory.
  const rows: Dims = pixels === 1 ? [batch, channels] : [batch * channels, pixels];
  const channel = pixels === 1 ? "this.thread.x" : `this.thread.y - ${quotient("this.thread.y", channels)} * ${channels}`;
  const { names, buffers, inputs } = argumentsOf(arrays, rows, expression);
  const place = expression.replaceAll("[plane][p]", "[this.thread.y][this.thread.x]");
  return run({ name, inputs, output: rows, source: `function (${names}) { const c = ${channel}; return ${place}; }` }, buffers);
}

/** An expression for every channel `c`. */
function everyChannel(run: Run, name: string, channels: number, channelwise: NonNullable<Arrays["channelwise"]>, expression: string): DeviceBuffer {
  const { names, buffers, inputs } = argumentsOf({ channelwise }, [channels], expression);
  return run({ name, inputs, output: [channels], source: `function (${names}) { const c = this.thread.x; return ${expression}; }` }, buffers);
}

const forward = "(x[plane][p] - mean[c]) * (w[c] / Math.sqrt(variance + eps)) + b[c]";
const releaseAll = (...buffers: readonly DeviceBuffer[]): void => buffers.forEach((buffer) => buffer.release());

export const batchNormGpu: GpuKernels<NormAttrs> = gpuFused(batchNormOp, {
  forward: (run, [x, w, b], { shapes: [shape], attrs: { eps } }) => {
    const sizes = sizesOf(shape);
    const { batch, channels, pixels } = sizes;
    const count = batch * pixels;
    const mean = channelSums(run, "batchNorm mean", sizes, { whole: { x } }, ["x[plane][p]"], `sum / ${count}`);
    const variance = channelSums(run, "batchNorm variance", sizes, { whole: { x }, channelwise: { mean } }, ["(x[plane][p] - mean[c]) * (x[plane][p] - mean[c])"], `sum / ${count}`);
    const source = `function (m, v) { return this.thread.y < 1 ? m[this.thread.x] : v[this.thread.x]; }`;
    const stats = run({ name: "batchNorm statistics", inputs: [[channels], [channels]], output: [2, channels], source }, [mean, variance]);
    const out = everyNumber(run, "batchNorm", sizes, { whole: { x }, channelwise: { mean, variance, w, b } }, forward.replace("variance + eps", `variance[c] + ${eps}`));
    releaseAll(mean, variance);
    return [out, stats];
  },
  /** As the reference: see there for the formula. */
  backward: (run, needs, dy, [x, w], _output, { shapes: [shape], attrs: { eps } }, [stats]) => {
    const sizes = sizesOf(shape);
    const { batch, channels, pixels } = sizes;
    const count = batch * pixels;
    const sums = channelSums(run, "batchNorm gradient sums", sizes, { whole: { dy, x }, channelwise: { stats } }, ["dy[plane][p]", "dy[plane][p] * (x[plane][p] - stats[c])"]);
    // An empty batch has no variance.
    const inverse = count === 0 ? "0" : `(1 / Math.sqrt(stats[c + ${channels}] + ${eps}))`;
    const products = `sums[c + ${channels}]`;
    const slope = `${products} * ${inverse} * ${inverse} / ${count}`;
    const gradients = [
      needs[0] ? everyNumber(run, "batchNorm gradient", sizes, { whole: { dy, x }, channelwise: { stats, sums, w } }, `(dy[plane][p] - sums[c] / ${count} - (x[plane][p] - stats[c]) * (${slope})) * w[c] * ${inverse}`) : null,
      needs[1] ? everyChannel(run, "batchNorm weight gradient", channels, { stats, sums }, `${products} * ${inverse}`) : null,
      needs[2] ? everyChannel(run, "batchNorm bias gradient", channels, { sums }, "sums[c]") : null,
    ];
    sums.release();
    return gradients;
  },
});

export const batchNormInferenceGpu: GpuKernels<NormAttrs> = gpuFused(batchNormInferenceOp, {
  forward: (run, [x, mean, variance, w, b], { shapes: [shape], attrs: { eps } }) =>
    everyNumber(run, "batchNormInference", sizesOf(shape), { whole: { x }, channelwise: { mean, variance, w, b } }, forward.replace("variance + eps", `variance[c] + ${eps}`)),
  backward: (run, needs, dy, [x, mean, variance, w], _output, { shapes: [shape], attrs: { eps } }) => {
    const sizes = sizesOf(shape);
    const { channels } = sizes;
    const name = "batchNormInference gradient";
    const inverse = `(1 / Math.sqrt(variance[c] + ${eps}))`;
    const sums = needs.slice(1).some(Boolean)
      ? channelSums(run, `${name} sums`, sizes, { whole: { dy, x }, channelwise: { mean } }, ["dy[plane][p]", "dy[plane][p] * (x[plane][p] - mean[c])"])
      : null;
    const ofChannel = (i: number, expression: string): DeviceBuffer | null => (needs[i] ? everyChannel(run, name, channels, { sums: sums!, variance, w }, expression) : null);
    const gradients = [
      needs[0] ? everyNumber(run, name, sizes, { whole: { dy }, channelwise: { variance, w } }, `dy[plane][p] * (w[c] * ${inverse})`) : null,
      ofChannel(1, `-sums[c] * w[c] * ${inverse}`),
      ofChannel(2, `-0.5 * sums[c + ${channels}] * w[c] * ${inverse} * ${inverse} * ${inverse}`),
      ofChannel(3, `sums[c + ${channels}] * ${inverse}`),
      ofChannel(4, "sums[c]"),
    ];
    sums?.release();
    return gradients;
  },
});

export const runningStatisticsGpu: GpuKernels<RunningAttrs> = gpuPrimitive(runningStatisticsOp, (run, [stats, before, momentum], { shape: [channels], attrs }) => {
  const { offset, factor } = statisticOf(channels, attrs);
  const batch = `stats[c + ${offset}] * ${factor}`;
  if (before === undefined) return everyChannel(run, "runningStatistics", channels, { stats }, batch);
  return everyChannel(run, "runningStatistics", channels, { stats, before, momentum }, attrs.count === 0 ? "before[c]" : `(1 - momentum[0]) * before[c] + momentum[0] * ${batch}`);
});
