import { gridOf, placeOf, refuseInexact } from "../../gpu/grid.ts";
import type { GpuKernels } from "../../gpu/kernels.ts";
import { gpuPrimitive } from "../../gpu/kernels.ts";
import type { Shape } from "../../shape.ts";
import { sizeOf } from "../../shape.ts";
import { fold, SUM } from "../reduce/reduceGpu.ts";
import type { GatherAttrs } from "./gather.ts";
import { addAtOp, around, gatherOp } from "./gather.ts";

/** The entry that the index at a place names, counted from the front. */
const entryAt = (place: string, size: number): string => `q[${place}] < 0 ? q[${place}] + ${size} : q[${place}]`;

export const gatherGpu: GpuKernels<GatherAttrs> = gpuPrimitive(gatherOp, (run, [x, indices], { shapes: [shape], attrs: { axis } }) => {
  const [outer, size, inner] = around(shape, axis);
  const { output, indices: [o, i, j], prelude } = gridOf([outer, indices.length, inner]);
  refuseInexact("gather", [x.length]);
  const source = `function (p, q) { ${prelude}const entry = ${entryAt(i, size)}; return p[${placeOf([o, "entry", j], [size * inner, inner, 1])}]; }`;
  return run({ name: "gather", inputs: [[x.length], [indices.length]], output, source }, [x, indices]);
});

/** Indices that one thread goes through, unless there are so many results that each thread may go through all. */
const MOST_INDICES = 256;
const MANY_RESULTS = 2 ** 15;

/**
 * Kernels cannot add to one place from several threads, so every result looks through the indices for its own. That is work
 * of results times indices: a vocabulary of 10,000 with 2,000 tokens and 256 features is as much as a matmul of these sizes.
 */
export const addAtGpu: GpuKernels<GatherAttrs & { readonly shape: Shape }> = gpuPrimitive(addAtOp, (run, [x, indices], { attrs: { axis, constant, shape } }) => {
  const [outer, size, inner] = around(shape, axis);
  const [n, results] = [indices.length, sizeOf(shape)];
  if (n === 0) return run({ name: "addAt", inputs: [], output: [results], source: "function () { return 0; }" }, []);
  const parts = results >= MANY_RESULTS ? 1 : Math.ceil(n / MOST_INDICES);
  const { output, indices: [part, o, e, j], prelude } = gridOf([parts, outer, size, inner]);
  refuseInexact("addAt", [x.length]);
  const i = placeOf([part, "r"], [1, parts]);
  const add = `if (entry === own) a = a + p[${placeOf([o, part, "r", j], [n * inner, inner, parts * inner, 1])}];`;
  const turn = `const own = ${entryAt(i, size)}; ${add}`;
  const source = `function (p, q) { ${prelude}const entry = ${e} + 0.0; let a = 0; for (let r = 0; r < ${Math.ceil(n / parts)}; r++) { ${n % parts === 0 ? turn : `if (${i} < ${n}) { ${turn} }`} } return ${constant === null ? "a" : `entry === ${constant} ? 0 : a`}; }`;
  const sums = run({ name: "addAt", inputs: [[x.length], [n]], output, source }, [x, indices]);
  if (parts === 1) return sums;
  const out = fold(run, sums, [parts, results], [0], { name: "addAt", ...SUM });
  sums.release();
  return out;
});
