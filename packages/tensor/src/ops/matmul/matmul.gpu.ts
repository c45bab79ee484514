import { NoKernelError } from "../../errors.ts";
import type { Kernel } from "../../gpu/kernel.ts";
import type { GpuKernels } from "../../gpu/kernels.ts";
import { gpuPrimitive } from "../../gpu/kernels.ts";
import type { Shape } from "../../shape.ts";
import { formatShape, sizeOf } from "../../shape.ts";
import type { Transposes } from "./matmul.ts";
import { matmulOp } from "./matmul.ts";

/** One thread an element of the output: a row of a times a column of b. */
function productKernel(name: string, { m, n, k, batch }: { m: number; n: number; k: number; batch: number }, { transposeA, transposeB }: Transposes): Kernel {
  const a = transposeA ? "a[p * K + i][this.thread.y]" : "a[p * M + this.thread.y][i]";
  const b = transposeB ? "b[p * N + this.thread.x][i]" : "b[p * K + i][this.thread.x]";
  const place = (text: string): string => text.replaceAll("p", "this.thread.z").replace("M", String(m)).replace("N", String(n)).replace("K", String(k));
  return {
    name,
    inputs: [transposeA ? [batch * k, m] : [batch * m, k], transposeB ? [batch * n, k] : [batch * k, n]],
    output: [batch, m, n],
    source: `function (a, b) {
  let sum = 0;
  for (let i = 0; i < ${k}; i++) sum += ${place(a)} * ${place(b)};
  return sum;
}`,
  };
}

/** Batches with one matrix an entry on both sides, the same number of them; other broadcasts have no kernel. */
export const matmulGpu: GpuKernels<Transposes> = gpuPrimitive(matmulOp, (run, inputs, { shapes: [a, b], shape, attrs }) => {
  const batchOf = (s: Shape): number => sizeOf(s.slice(0, -2));
  const [m, n] = shape.slice(-2) as [number, number];
  const k = a.at(attrs.transposeA ? -2 : -1)!;
  const batch = sizeOf(shape.slice(0, -2));
  if (batchOf(a) !== batch || batchOf(b) !== batch)
    throw new NoKernelError("matmul", `the batches of a ${formatShape(a)} and b ${formatShape(b)} broadcast; the gpu has a kernel for equal ones. Use broadcastTo first.`);
  return run(productKernel("matmul", { m, n, k, batch }, attrs), inputs);
});
