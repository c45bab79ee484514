import type { Address, Call } from "../../op.ts";
import { sizeOf } from "../../shape.ts";
import { parallel } from "../../simd/parallel.ts";

/** Elements whose powers take about 2 us. */
const GRAIN = 4096;

/** Runs a simd kernel over rows of the last axis; declines any other axis. */
export const lastAxis = (kernel: "softmaxRows" | "logSoftmaxRows") =>
  (out: Address, [x]: readonly Address[], { shape, attrs: { axis } }: Call<{ readonly axis: number }>): void | false => {
    if (axis !== shape.length - 1) return false;
    const columns = shape[axis];
    parallel(kernel, [out, x, columns], columns === 0 ? 0 : sizeOf(shape) / columns, Math.ceil(GRAIN / Math.max(1, columns)));
    return;
  };
