import { NoKernelError } from "../../errors.ts";
import type { GpuKernels } from "../../gpu/kernels.ts";
import { gpuPrimitive } from "../../gpu/kernels.ts";
import { takesTiles, tiledProduct } from "../../gpu/product.ts";
import type { Shape } from "../../shape.ts";
import { formatShape, sizeOf } from "../../shape.ts";
import { matmulProduct, product } from "./gpuProducts.ts";
import type { Transposes } from "./matmul.ts";
import { matmulOp } from "./matmul.ts";

/** Batches with one matrix an entry on both sides, the same number of them; other broadcasts have no kernel. */
export const matmulGpu: GpuKernels<Transposes> = gpuPrimitive(matmulOp, (run, inputs, { shapes: [a, b], shape, attrs }) => {
  const batchOf = (s: Shape): number => sizeOf(s.slice(0, -2));
  const [m, n] = shape.slice(-2) as [number, number];
  const k = a.at(attrs.transposeA ? -2 : -1)!;
  const batch = sizeOf(shape.slice(0, -2));
  if (batchOf(a) !== batch || batchOf(b) !== batch)
    throw new NoKernelError("matmul", `the batches of a ${formatShape(a)} and b ${formatShape(b)} broadcast; the gpu has a kernel for equal ones. Use broadcastTo first.`);
  const tiled = matmulProduct({ m, n, k, batch }, attrs);
  return takesTiles(run, tiled) ? tiledProduct(run, tiled, inputs) : product(run, inputs, { m, n, k, batch }, attrs);
});
