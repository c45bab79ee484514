import type { GpuKernels } from "../../gpu/kernels.ts";
import { gpuFused } from "../../gpu/kernels.ts";
import { isInfiniteSource, isNaNSource, nanSource } from "../../gpu/source.ts";
import { sumLines } from "../../gpu/sums.ts";
import { lineParts, linesOf } from "../softmax/linesGpu.ts";
import { crossEntropyOp } from "./crossEntropy.ts";

export const crossEntropyGpu: GpuKernels<null> = gpuFused(crossEntropyOp, {
  /** The loss of every row by a thread of its own, then their sum by stages. */
  forward: (run, inputs, { shapes: [[rows, classes]] }) => {
    const source = `function (x, labels) {
  const label = labels[this.thread.x];
  let max = x[this.thread.x][0];
  let found = 0;
  let nan = 0;
  for (let c = 0; c < ${classes}; c++) {
    const v = x[this.thread.x][c];
    if (${isNaNSource("v")}) { found = 1; nan = v; }
    else if (v > max) { max = v; }
  }
  if (found < 1 && ${isInfiniteSource("max")}) { found = 1; nan = ${nanSource("max")}; }
  if (label < 0 || label >= ${classes}) { found = 1; nan = ${nanSource("label")}; }
  let total = 0;
  for (let c = 0; c < ${classes}; c++) total += Math.exp(x[this.thread.x][c] - max);
  return found > 0 ? nan : Math.log(total) + (max - x[this.thread.x][label]);
}`;
    const losses = run({ name: "crossEntropy rows", inputs: [[rows, classes], [rows]], output: [rows], source }, inputs);
    return sumLines(run, "crossEntropy", losses, { lines: 1, count: rows }, `sum / ${rows}`);
  },
  backward: (run, _needs, dOut, [logits, labels], _output, { shapes: [[rows, classes]] }) => {
    const parts = lineParts(run, "crossEntropy", logits, linesOf("crossEntropy", [rows, classes], { axis: 1 }));
    const source = `function (x, labels, parts, d) {
  const hot = labels[this.thread.y] === this.thread.x ? 1 : 0;
  return (Math.exp(x[this.thread.y][this.thread.x] - parts[0][this.thread.y]) / parts[1][this.thread.y] - hot) * (d[0] / ${rows});
}`;
    const dLogits = run({ name: "crossEntropy gradient", inputs: [[rows, classes], [rows], [2, rows], [1]], output: [rows, classes], source }, [logits, labels, parts, dOut]);
    parts.release();
    return [dLogits, null];
  },
});
