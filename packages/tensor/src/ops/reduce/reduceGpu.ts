// Reductions over any axes on a device. Few threads that each add up many numbers leave a GPU idle and lose digits, so a
// reduction of many terms goes in stages: each leaves the axes in their places and makes the reduced ones shorter.
import type { DeviceBuffer } from "../../device.ts";
import { withFunctions } from "../../gpu/functions.ts";
import type { Grid } from "../../gpu/grid.ts";
import { collapse, gridOf, placeOf, refuseInexact } from "../../gpu/grid.ts";
import type { Kernel } from "../../gpu/kernel.ts";
import { writtenKernels } from "../../gpu/kernelCache.ts";
import type { Run } from "../../gpu/kernels.ts";
import type { Shape } from "../../shape.ts";
import { reducedShape, sizeOf, stridesOf } from "../../shape.ts";

/** Terms that one thread takes: their rounding errors stay below 256 units, and hundreds of threads have work at 2^16 terms. */
const MOST_TERMS = 256;
/** With so many results there is work for a GPU anyway, and threads may take more terms. */
const MANY_RESULTS = 2 ** 15;
const MOST_TERMS_OF_MANY = 1024;

/** How numbers are reduced: expressions, which may name the functions of gpu/functions.ts. */
export interface Folding {
  readonly name: string;
  /** A term from an element `v` and, where `beside` is given, the number `w` of its result. Default: v. */
  readonly term?: string;
  /** Numbers of the results' shape that the terms depend on. */
  readonly beside?: DeviceBuffer;
  /** Two partial results `a` and `b` together. */
  readonly together: string;
  /** What adding up begins with; null: with the first element, of which there is one. */
  readonly start: 0 | null;
  /** The result from what is left, `a`. Default: a. */
  readonly result?: string;
}

export const SUM = { together: "a + b", start: 0 } as const;
export const LARGEST = { together: "maxOf(a, b)", start: null } as const;

interface FoldAxis {
  readonly size: number;
  readonly isReduced: boolean;
}

/** An axis of one stage: of its `size` elements each thread takes every `parts`-th. */
interface StageAxis extends FoldAxis {
  readonly parts: number;
}

const written = writtenKernels<readonly Kernel[]>();

/** Reduces x of the given shape over the axes. The result has the elements of the reduced shape. */
export function fold(run: Run, x: DeviceBuffer, shape: Shape, axes: readonly number[], folding: Folding): DeviceBuffer {
  const { name, term = "v", beside, together, start, result = "a" } = folding;
  const spec = { term, hasBeside: beside !== undefined, together, start, result };
  const [first, ...more] = written.get([name, shape, axes, ...Object.values(spec)].join(";"), () => [...stages(name, shape, axes, spec)]);
  let current = run(first, beside === undefined ? [x] : [x, beside]);
  for (const kernel of more) {
    const next = run(kernel, [current]);
    current.release();
    current = next;
  }
  return current;
}

function* stages(name: string, shape: Shape, axes: readonly number[], spec: StageSpec): Generator<Kernel> {
  const results = sizeOf(reducedShape(shape, axes, false));
  if (results === 0) {
    const lengths: readonly (readonly [number])[] = [[sizeOf(shape)], ...(spec.hasBeside ? [[0] as const] : [])];
    yield { name, inputs: lengths, output: [0], source: "function (p) { return p[0]; }" };
    return;
  }
  let left = foldAxes(shape, axes);
  for (let isFirst = true, isLast = false; !isLast; isFirst = false) {
    const stage = stageOf(left, results);
    isLast = stage.every((axis) => !axis.isReduced || axis.parts === 1);
    yield stageKernel(name, stage, { ...spec, term: isFirst ? spec.term : "v", hasBeside: isFirst && spec.hasBeside, result: isLast ? spec.result : "a" });
    left = stage.map(({ isReduced, parts }) => ({ size: parts, isReduced })).filter((axis) => axis.size !== 1);
  }
}

/** Neighbours that are both reduced or both kept are one axis. */
function foldAxes(shape: Shape, axes: readonly number[]): readonly FoldAxis[] {
  // They are told apart by a second array, the results, which stays in place along the reduced ones.
  return collapse(shape, [stridesOf(shape), keptStrides(shape, axes)]).map(({ size, strides: [, k] }) => ({ size, isReduced: k === 0 }));
}

/** Strides of the results, read along the axes of what is reduced. */
export function keptStrides(shape: Shape, axes: readonly number[]): readonly number[] {
  const kept = stridesOf(reducedShape(shape, axes, true));
  return shape.map((_, axis) => (axes.includes(axis) ? 0 : kept[axis]));
}

/** How the next stage cuts the reduced axes. */
function stageOf(axes: readonly FoldAxis[], results: number): readonly StageAxis[] {
  const count = sizeOf(axes.filter((axis) => axis.isReduced).map((axis) => axis.size));
  const most = results >= MANY_RESULTS ? MOST_TERMS_OF_MANY : MOST_TERMS;
  const stages = count <= most ? 1 : Math.ceil(Math.log(count) / Math.log(MOST_TERMS));
  let room = stages === 1 ? count : Math.ceil(count ** (1 / stages));
  // The first axes are added up within a thread, so that the last, where neighbours lie, are shared out among neighbours.
  return axes.map(({ size, isReduced }) => {
    if (!isReduced) return { size, isReduced, parts: size };
    const parts = room >= size ? Math.min(size, 1) : Math.ceil(size / Math.max(1, room));
    room = parts <= 1 ? Math.floor(room / Math.max(1, size)) : 1;
    return { size, isReduced, parts: size === 0 ? 1 : parts };
  });
}

type StageSpec = Required<Pick<Folding, "term" | "together" | "start" | "result">> & { readonly hasBeside: boolean };

function stageKernel(name: string, axes: readonly StageAxis[], { term, hasBeside, together, start, result }: StageSpec): Kernel {
  const length = sizeOf(axes.map((axis) => axis.size));
  const strides = stridesOf(axes.map((axis) => axis.size));
  const shared = axes.map((axis, i) => ({ ...axis, stride: strides[i], i })).filter((axis) => axis.parts !== 1);
  const grid: Grid = gridOf(shared.map((axis) => axis.parts));
  const looped = axes.map((axis, i) => ({ ...axis, stride: strides[i], i })).filter((axis) => axis.isReduced && axis.parts !== axis.size);
  refuseInexact(name, [length]);

  const indices = [...grid.indices, ...looped.map((axis) => `r${axis.i}`)];
  const place = placeOf(indices, [...shared.map((axis) => axis.stride), ...looped.map((axis) => axis.stride * axis.parts)]);
  // The last turn of a thread may lie behind the axis' end.
  const guards = looped.filter((axis) => axis.size % axis.parts !== 0).map((axis) => `${placeOf([grid.indices[shared.findIndex((s) => s.i === axis.i)], `r${axis.i}`], [1, axis.parts])} < ${axis.size}`);

  const kept = shared.filter((axis) => !axis.isReduced);
  const resultStrides = stridesOf(kept.map((axis) => axis.size));
  const results = sizeOf(kept.map((axis) => axis.size));
  const besidePlace = placeOf(grid.indices, shared.map((axis) => (axis.isReduced ? 0 : resultStrides[kept.indexOf(axis)])));
  const first = `let a = ${start ?? `p[${placeOf(grid.indices, shared.map((axis) => axis.stride))}]`};`;

  const add = `const v = p[${place}]; const b = ${term}; a = ${together};`;
  const loops = looped.map((axis) => `for (let r${axis.i} = 0; r${axis.i} < ${Math.ceil(axis.size / axis.parts)}; r${axis.i}++) `).join("");
  const body = guards.length === 0 ? `{ ${add} }` : `{ if (${guards.join(" && ")}) { ${add} } }`;
  return {
    name,
    inputs: hasBeside ? [[length], [results]] : [[length]],
    output: grid.output,
    source: `function (${hasBeside ? "p, beside" : "p"}) { ${withFunctions(`${grid.prelude}${hasBeside ? `const w = beside[${besidePlace}]; ` : ""}${first} ${loops}${body} return ${result};`)} }`,
  };
}
