import type { Address, Call } from "../../op.ts";
import { sizeOf } from "../../shape.ts";
import { parallel } from "../../simd/parallel.ts";

/** Elements whose powers take about 2 us. */
const GRAIN = 4096;

type Rows = (out: Address, inputs: readonly Address[], call: Call<{ readonly axis: number }>) => void | false;

/** Calls `run` with the rows of the last axis; declines any other axis. */
const overRows = (run: (out: Address, inputs: readonly Address[], columns: number, rows: number, grain: number) => void): Rows => (out, inputs, { shape, attrs: { axis } }) => {
  if (axis !== shape.length - 1) return false;
  const columns = shape[axis];
  run(out, inputs, columns, columns === 0 ? 0 : sizeOf(shape) / columns, Math.ceil(GRAIN / Math.max(1, columns)));
  return;
};

export const lastAxis = (kernel: "softmaxRows" | "logSoftmaxRows"): Rows =>
  overRows((out, [x], columns, rows, grain) => parallel(kernel, [out, x, columns], rows, grain));

export const lastAxisGrad = (kernel: "softmaxGradRows" | "logSoftmaxGradRows"): Rows =>
  overRows((out, [dOut, y], columns, rows, grain) => parallel(kernel, [out, dOut, y, columns], rows, grain));
