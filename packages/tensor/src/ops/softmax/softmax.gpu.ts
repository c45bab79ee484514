import type { GpuKernels } from "../../gpu/kernels.ts";
import { gpuPrimitive } from "../../gpu/kernels.ts";
import type { Primitive } from "../../op.ts";
import type { AlongAxis } from "./linesGpu.ts";
import { dimsOf, everyNumber, line, lineParts, linesOf, place } from "./linesGpu.ts";
import { logSoftmaxGradOp, logSoftmaxOp } from "./logSoftmax.ts";
import { softmaxGradOp, softmaxOp } from "./softmax.ts";

const overLines = (op: Primitive<AlongAxis>, expression: string): GpuKernels<AlongAxis> =>
  gpuPrimitive(op, (run, [x], { shape, attrs }) => {
    const lines = linesOf(op.name, shape, attrs);
    const parts = lineParts(run, op.name, x, lines);
    const out = everyNumber(run, op.name, lines, [x], parts, expression);
    parts.release();
    return out;
  });

/** Derivatives, which need the sum of a term in dOut (`d`) and the result (`y`) over each line: `s[l]` in the expression. */
const gradOverLines = (op: Primitive<AlongAxis>, term: string, expression: string): GpuKernels<AlongAxis> =>
  gpuPrimitive(op, (run, [dOut, y], { shape, attrs }) => {
    const lines = linesOf(op.name, shape, attrs);
    const summed = term.includes("y") ? [dOut, y] : [dOut];
    const at = (text: string): string => text.replace(/[dy]/g, (name) => name + place(lines));
    const source = `function (${["d", "y"].slice(0, summed.length).join(", ")}) { ${line(lines)} let sum = 0; for (let k = 0; k < ${lines.count}; k++) sum += ${at(term)}; return sum; }`;
    const sums = run({ name: `${op.name} sums`, inputs: summed.map(() => dimsOf(lines)), output: [lines.outer * lines.inner], source }, summed);
    const out = everyNumber(run, op.name, lines, [dOut, y], sums, expression);
    sums.release();
    return out;
  });

export const softmaxGpu: GpuKernels<AlongAxis> = overLines(softmaxOp, "Math.exp(v - s[0][l]) / s[1][l]");
export const logSoftmaxGpu: GpuKernels<AlongAxis> = overLines(logSoftmaxOp, "v - s[0][l] - Math.log(s[1][l])");
export const softmaxGradGpu: GpuKernels<AlongAxis> = gradOverLines(softmaxGradOp, "d * y", "u * (v - s[l])");
export const logSoftmaxGradGpu: GpuKernels<AlongAxis> = gradOverLines(logSoftmaxGradOp, "d", "v - Math.exp(u) * s[l]");
