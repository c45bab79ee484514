import type { DeviceBuffer } from "../../device.ts";
import { gridOf, placeOf, refuseInexact } from "../../gpu/grid.ts";
import type { Kernel } from "../../gpu/kernel.ts";
import { MOST_INPUTS } from "../../gpu/kernel.ts";
import type { GpuKernels } from "../../gpu/kernels.ts";
import { gpuPrimitive } from "../../gpu/kernels.ts";
import { sizeOf } from "../../shape.ts";
import { concatOp } from "./concat.ts";

interface Part {
  readonly buffer: DeviceBuffer;
  /** Entries along the axis. */
  readonly size: number;
}

/** As many inputs as a kernel has arguments at a time, until one is left. */
export const concatGpu: GpuKernels<{ readonly axis: number }> = gpuPrimitive(concatOp, (run, inputs, { shapes, shape, attrs: { axis } }) => {
  const [outer, inner] = [sizeOf(shape.slice(0, axis)), sizeOf(shape.slice(axis + 1))];
  const all = inputs.map((buffer, i) => ({ buffer, size: shapes[i][axis] }));
  const [first, ...rest] = all.filter(({ buffer }) => buffer.length > 0);
  if (first === undefined) return run({ name: "concat", inputs: [], output: [0], source: "function () { return 0; }" }, []);
  first.buffer.retain(); // alone it is the result itself: buffers are never written again
  let joined: Part = first;
  for (let i = 0; i < rest.length; i += MOST_INPUTS - 1) {
    const parts = [joined, ...rest.slice(i, i + MOST_INPUTS - 1)];
    const buffer = run(joinKernel(parts, outer, inner), parts.map((p) => p.buffer));
    joined.buffer.release();
    joined = { buffer, size: parts.reduce((sum, p) => sum + p.size, 0) };
  }
  return joined.buffer;
});

function joinKernel(parts: readonly Part[], outer: number, inner: number): Kernel {
  const total = parts.reduce((sum, { size }) => sum + size, 0);
  const grid = gridOf([outer, total, inner]);
  const [o, entry, j] = grid.indices;
  if (grid.prelude !== "") refuseInexact("concat", parts.map(({ buffer }) => buffer.length));
  let end = 0;
  const returns = parts.map(({ size }, k) => {
    const own = end === 0 ? entry : `(${entry} - ${end})`;
    end += size;
    const value = `return p${k}[${placeOf([o, own, j], [size * inner, inner, 1])}];`;
    return k === parts.length - 1 ? value : `if (${entry} < ${end}) ${value}`;
  });
  return { name: "concat", inputs: parts.map(({ buffer }) => [buffer.length] as const), output: grid.output, source: `function (${parts.map((_, k) => `p${k}`).join(", ")}) { ${grid.prelude}${returns.join(" ")} }` };
}
