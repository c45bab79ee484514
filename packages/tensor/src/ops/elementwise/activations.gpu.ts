// Activations and their slopes. The functions that they name are in gpu/functions.ts.
import { literal } from "../../gpu/grid.ts";
import type { GpuKernels } from "../../gpu/kernels.ts";
import type { Range } from "./clip.ts";
import { clipOp, hardSigmoidOp, hardSwishOp, hardSwishSlopeOp, insideOp, relu6Op, withinOp } from "./clip.ts";
import { gpuMap } from "./elementwiseGpu.ts";
import type { Bend } from "./elu.ts";
import { bendSlopeOp, celuOp, eluOp, seluOp } from "./elu.ts";
import { geluOp, geluSlopeOp, geluTanhOp, geluTanhSlopeOp } from "./gelu.ts";
import { leakyReluOp } from "./leakyRelu.ts";
import { logSigmoidOp, mishOp, mishSlopeOp, siluOp, siluSlopeOp, softplusOp, softsignOp, softsignSlopeOp } from "./softplus.ts";

/** `x` between two numbers, which may be infinite: no literal of a kernel is. */
function clamped(op: string, x: string, { low, high }: Range): string {
  const [below, above] = [Math.min(low, high), high];
  const upper = above === Infinity ? x : `${x} > ${literal(op, above)} ? ${literal(op, above)} : ${x}`;
  return below === -Infinity ? upper : `${x} < ${literal(op, low)} ? ${literal(op, below)} : ${upper}`;
}

/** Whether x lies between two numbers, which may be infinite; NaN does not. */
function between(op: string, { low, high }: Range, less: "<" | "<="): string {
  const sides = [...(low === -Infinity ? [] : [`${literal(op, low)} ${less} x`]), ...(high === Infinity ? [] : [`x ${less} ${literal(op, high)}`])];
  return `${sides.length > 0 ? sides.join(" && ") : "x <= 0 || x > 0"} ? 1 : 0`;
}

export const clipGpu: GpuKernels<Range> = gpuMap(clipOp, (range) => clamped("clip", "x", range));
export const withinGpu: GpuKernels<Range> = gpuMap(withinOp, (range) => between("within", range, "<="));
export const insideGpu: GpuKernels<Range> = gpuMap(insideOp, (range) => between("inside", range, "<"));

const hardSigmoid = "(x < -3 ? 0 : x > 3 ? 1 : (x + 3) / 6)";
export const relu6Gpu: GpuKernels<null> = gpuMap(relu6Op, clamped("relu6", "x", { low: 0, high: 6 }));
export const hardSigmoidGpu: GpuKernels<null> = gpuMap(hardSigmoidOp, hardSigmoid);
export const hardSwishGpu: GpuKernels<null> = gpuMap(hardSwishOp, `x * ${hardSigmoid}`);
export const hardSwishSlopeGpu: GpuKernels<null> = gpuMap(hardSwishSlopeOp, "x < -3 ? 0 : x > 3 ? 1 : x / 3 + 0.5");
export const leakyReluGpu: GpuKernels<{ readonly slope: number }> = gpuMap(leakyReluOp, ({ slope }) => `x > 0 ? x : ${literal("leakyRelu", slope)} * x`);

const bend = (name: string) => ({ above, below, rate }: Bend): string => `x > 0 ? ${literal(name, above)} * x : ${literal(name, below)} * expm1Of(${literal(name, rate)} * x)`;
export const eluGpu: GpuKernels<Bend> = gpuMap(eluOp, bend("elu"));
export const seluGpu: GpuKernels<Bend> = gpuMap(seluOp, bend("selu"));
export const celuGpu: GpuKernels<Bend> = gpuMap(celuOp, bend("celu"));
export const bendSlopeGpu: GpuKernels<Bend> = gpuMap(bendSlopeOp, ({ above, below, rate }) => `x > 0 ? ${literal("bendSlope", above)} : ${literal("bendSlope", below)} * expOf(${literal("bendSlope", rate)} * x)`);

export const softplusGpu: GpuKernels<{ readonly beta: number }> = gpuMap(softplusOp, ({ beta }) => `softplusOf(${literal("softplus", beta)} * x) / ${literal("softplus", beta)}`);
export const logSigmoidGpu: GpuKernels<null> = gpuMap(logSigmoidOp, "0 - softplusOf(0 - x)");
export const siluGpu: GpuKernels<null> = gpuMap(siluOp, "x * sigmoidOf(x)");
export const siluSlopeGpu: GpuKernels<null> = gpuMap(siluSlopeOp, "sigmoidOf(x) * (1 + x * sigmoidOf(0 - x))");
const t = "tanhOf(softplusOf(x))";
export const mishGpu: GpuKernels<null> = gpuMap(mishOp, `x * ${t}`);
export const mishSlopeGpu: GpuKernels<null> = gpuMap(mishSlopeOp, `${t} + x * (1 - ${t} * ${t}) * sigmoidOf(x)`);
export const softsignGpu: GpuKernels<null> = gpuMap(softsignOp, "x / (1 + Math.abs(x))");
export const softsignSlopeGpu: GpuKernels<null> = gpuMap(softsignSlopeOp, "1 / ((1 + Math.abs(x)) * (1 + Math.abs(x)))");

// Distribution function and density of the normal distribution.
const P = `0.5 * erfcOf(x * ${-Math.SQRT1_2})`;
const density = `${1 / Math.sqrt(2 * Math.PI)} * expOf(-0.5 * x * x)`;
export const geluGpu: GpuKernels<null> = gpuMap(geluOp, `x * ${P}`);
export const geluSlopeGpu: GpuKernels<null> = gpuMap(geluSlopeOp, `${P} + x * ${density}`);

// The constants of gelu.ts. With s = sigmoid(2 u), 1 + tanh(u) is 2 s and 1 - tanh(u)^2 is 4 s (1 - s), without a difference.
const [rate, cubic] = [Math.sqrt(2 / Math.PI), 0.044715];
const s = (sign: "" | "-"): string => `sigmoidOf(${sign}${2 * rate} * (x + ${cubic} * x * x * x))`;
export const geluTanhGpu: GpuKernels<null> = gpuMap(geluTanhOp, `x * ${s("")}`);
export const geluTanhSlopeGpu: GpuKernels<null> = gpuMap(geluTanhSlopeOp, `${s("")} * (1 + x * ${s("-")} * ${2 * rate} * (1 + ${3 * cubic} * x * x))`);
