// On a device the numbers of a channel are shared out among threads, and sums come by stages. The mean first, then the
// squares of what is off it: the mean square less the squared mean would lose all digits in single precision.
import type { DeviceBuffer } from "../../device.ts";
import { channelSums, everyChannel, everyNumber, refuseSizes } from "../../gpu/channels.ts";
import type { GpuKernels } from "../../gpu/kernels.ts";
import { gpuFused, gpuPrimitive } from "../../gpu/kernels.ts";
import type { NormAttrs, RunningAttrs } from "./batchNorm.ts";
import { batchNormInferenceOp, batchNormOp, runningStatisticsOp, sizesOf, statisticOf } from "./batchNorm.ts";

const forward = "(x[plane][p] - mean[c]) * (w[c] / Math.sqrt(variance + eps)) + b[c]";
const releaseAll = (...buffers: readonly DeviceBuffer[]): void => buffers.forEach((buffer) => buffer.release());

export const batchNormGpu: GpuKernels<NormAttrs> = gpuFused(batchNormOp, {
  forward: (run, [x, w, b], { shapes: [shape], attrs: { eps } }) => {
    const sizes = sizesOf(shape);
    const { batch, channels, pixels } = sizes;
    refuseSizes("batchNorm", sizes);
    const count = batch * pixels;
    const mean = channelSums(run, "batchNorm mean", sizes, { whole: { x } }, ["x[plane][p]"], `sum / ${count}`);
    const variance = channelSums(run, "batchNorm variance", sizes, { whole: { x }, others: { mean } }, ["(x[plane][p] - mean[c]) * (x[plane][p] - mean[c])"], `sum / ${count}`);
    const source = `function (m, v) { return this.thread.y < 1 ? m[this.thread.x] : v[this.thread.x]; }`;
    const stats = run({ name: "batchNorm statistics", inputs: [[channels], [channels]], output: [2, channels], source }, [mean, variance]);
    const out = everyNumber(run, "batchNorm", sizes, { whole: { x }, others: { mean, variance, w, b } }, forward.replace("variance + eps", `variance[c] + ${eps}`));
    releaseAll(mean, variance);
    return [out, stats];
  },
  /** As the reference: see there for the formula. */
  backward: (run, needs, dy, [x, w], _output, { shapes: [shape], attrs: { eps } }, [stats]) => {
    const sizes = sizesOf(shape);
    const { batch, channels, pixels } = sizes;
    refuseSizes("batchNorm", sizes);
    const count = batch * pixels;
    const sums = channelSums(run, "batchNorm gradient sums", sizes, { whole: { dy, x }, others: { stats } }, ["dy[plane][p]", "dy[plane][p] * (x[plane][p] - stats[c])"]);
    // An empty batch has no variance.
    const inverse = count === 0 ? "0" : `(1 / Math.sqrt(stats[c + ${channels}] + ${eps}))`;
    const products = `sums[c + ${channels}]`;
    const slope = `${products} * ${inverse} * ${inverse} / ${count}`;
    const gradients = [
      needs[0] ? everyNumber(run, "batchNorm gradient", sizes, { whole: { dy, x }, others: { stats, sums, w } }, `(dy[plane][p] - sums[c] / ${count} - (x[plane][p] - stats[c]) * (${slope})) * w[c] * ${inverse}`) : null,
      needs[1] ? everyChannel(run, "batchNorm weight gradient", channels, { stats, sums }, `${products} * ${inverse}`) : null,
      needs[2] ? everyChannel(run, "batchNorm bias gradient", channels, { sums }, "sums[c]") : null,
    ];
    sums.release();
    return gradients;
  },
});

export const batchNormInferenceGpu: GpuKernels<NormAttrs> = gpuFused(batchNormInferenceOp, {
  forward: (run, [x, mean, variance, w, b], { shapes: [shape], attrs: { eps } }) =>
    everyNumber(run, "batchNormInference", sizesOf(shape), { whole: { x }, others: { mean, variance, w, b } }, forward.replace("variance + eps", `variance[c] + ${eps}`)),
  backward: (run, needs, dy, [x, mean, variance, w], _output, { shapes: [shape], attrs: { eps } }) => {
    const sizes = sizesOf(shape);
    const { channels } = sizes;
    refuseSizes("batchNormInference", sizes);
    const name = "batchNormInference gradient";
    const inverse = `(1 / Math.sqrt(variance[c] + ${eps}))`;
    const sums = needs.slice(1).some(Boolean)
      ? channelSums(run, `${name} sums`, sizes, { whole: { dy, x }, others: { mean } }, ["dy[plane][p]", "dy[plane][p] * (x[plane][p] - mean[c])"])
      : null;
    const ofChannel = (i: number, expression: string): DeviceBuffer | null => (needs[i] ? everyChannel(run, name, channels, { sums: sums!, variance, w }, expression) : null);
    const gradients = [
      needs[0] ? everyNumber(run, name, sizes, { whole: { dy }, others: { variance, w } }, `dy[plane][p] * (w[c] * ${inverse})`) : null,
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
