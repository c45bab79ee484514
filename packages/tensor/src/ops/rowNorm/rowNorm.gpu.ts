import { channelSums, everyChannel, everyNumber, refuseSizes } from "../../gpu/channels.ts";
import { refuseWide } from "../../gpu/grid.ts";
import type { GpuKernels } from "../../gpu/kernels.ts";
import { gpuFused } from "../../gpu/kernels.ts";
import { quotient } from "../../gpu/source.ts";
import type { Fused } from "../../op.ts";
import type { Shape } from "../../shape.ts";
import type { GroupNormAttrs } from "./groupNorm.ts";
import { channelGroups, groupNormOp } from "./groupNorm.ts";
import type { LayerNormAttrs } from "./layerNorm.ts";
import { lastAxes, layerNormOp, rmsNormOp } from "./layerNorm.ts";
import type { Rows } from "./rowNorm.ts";

/**
 * The numbers are seen in two ways: as one image whose channels are the rows, for sums over rows, and as [batch, weights of
 * all groups, pixels], for what has to do with weights. Formulas are those of the reference kernels.
 */
function rowNormGpu<A extends { readonly eps: number }>(op: Fused<A>, rowsOf: (x: Shape, attrs: A) => Rows, centres: boolean): GpuKernels<A> {
  const views = (shape: Shape, attrs: A) => {
    const { batch, groups, weights, pixels } = rowsOf(shape, attrs);
    refuseSizes(op.name, { batch, channels: groups * weights, pixels });
    refuseWide(op.name, 2 * batch * groups);
    const row = `(n * ${groups} + ${quotient("c", weights)})`;
    return {
      rows: { batch: 1, channels: batch * groups, pixels: weights * pixels },
      whole: { batch, channels: groups * weights, pixels },
      length: weights * pixels,
      /** Seen by weights: mean and inverse of the row, and x as normalised, without weight. */
      mean: `stats[${row} * 2]`,
      inverse: `stats[${row} * 2 + 1]`,
      row,
      /** Seen by rows: the weight of a number. */
      weight: `w[(c - ${quotient("c", groups)} * ${groups}) * ${weights} + ${quotient("p", pixels)}]`,
    };
  };
  return gpuFused(op, {
    forward: (run, [x, w, b], { shapes: [shape], attrs }) => {
      const { rows, whole, length, mean, inverse } = views(shape, attrs);
      const means = centres ? channelSums(run, `${op.name} mean`, rows, { whole: { x } }, ["x[plane][p]"], `sum / ${length}`) : null;
      const off = centres ? "(x[plane][p] - means[c])" : "x[plane][p]";
      const others = means === null ? {} : { means };
      const inverses = channelSums(run, `${op.name} variance`, rows, { whole: { x }, others }, [`${off} * ${off}`], `1 / Math.sqrt(sum / ${length} + ${attrs.eps})`);
      const count = rows.channels;
      const stats = means === null
        ? run({ name: `${op.name} statistics`, inputs: [[count]], output: [count, 2], source: "function (s) { return this.thread.x < 1 ? 0 : s[this.thread.y]; }" }, [inverses])
        : run({ name: `${op.name} statistics`, inputs: [[count], [count]], output: [count, 2], source: "function (m, s) { return this.thread.x < 1 ? m[this.thread.y] : s[this.thread.y]; }" }, [means, inverses]);
      const out = everyNumber(run, op.name, whole, { whole: { x }, others: { stats, w, ...(b === undefined ? {} : { b }) } }, `(x[plane][p] - ${mean}) * ${inverse} * w[c]${b === undefined ? "" : " + b[c]"}`);
      means?.release();
      inverses.release();
      return [out, stats];
    },
    backward: (run, needs, dy, [x, w], _output, { shapes: [shape], attrs }, [stats]) => {
      const { rows, whole, length, mean, inverse, row, weight } = views(shape, attrs);
      const normal = `(x[plane][p] - ${mean}) * ${inverse}`;
      const weights = needs[1] || needs[2] ? channelSums(run, `${op.name} weight gradients`, whole, { whole: { dy, x }, others: { stats } }, [`dy[plane][p] * ${normal}`, "dy[plane][p]"]) : null;
      const dx = (): ReturnType<typeof everyNumber> => {
        const sums = channelSums(run, `${op.name} gradient sums`, rows, { whole: { dy, x }, others: { stats, w } }, [`dy[plane][p] * ${weight}`, `dy[plane][p] * ${weight} * (x[plane][p] - stats[c * 2]) * stats[c * 2 + 1]`], `sum / ${length}`);
        const middle = centres ? ` - sums[${row}]` : "";
        const out = everyNumber(run, `${op.name} gradient`, whole, { whole: { dy, x }, others: { stats, sums, w } }, `(dy[plane][p] * w[c]${middle} - ${normal} * sums[${row} + ${rows.channels}]) * ${inverse}`);
        sums.release();
        return out;
      };
      const gradients = [
        needs[0] ? dx() : null,
        needs[1] ? everyChannel(run, `${op.name} weight gradient`, whole.channels, { sums: weights! }, "sums[c]") : null,
        ...(centres ? [needs[2] ? everyChannel(run, `${op.name} bias gradient`, whole.channels, { sums: weights! }, `sums[c + ${whole.channels}]`) : null] : []),
      ];
      weights?.release();
      return gradients;
    },
  });
}

export const layerNormGpu: GpuKernels<LayerNormAttrs> = rowNormGpu(layerNormOp, lastAxes, true);
export const rmsNormGpu: GpuKernels<LayerNormAttrs> = rowNormGpu(rmsNormOp, lastAxes, false);
export const groupNormGpu: GpuKernels<GroupNormAttrs> = rowNormGpu(groupNormOp, channelGroups, true);
