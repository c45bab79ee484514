// Arithmetic in place on single-precision arrays that live in the shared memory, by compiled kernels: what an optimizer
// does. For whoever owns the arrays: nothing is recorded and nothing checked, so ask `runsInPlace` first.
import { ambient } from "../ambient.ts";
import type { Numbers } from "../dtype.ts";
import { isInSharedMemory } from "../memory.ts";
import type { Address } from "../op.ts";
import { hasSimd, kernels } from "../simd/kernels.ts";
import { ELEMENTWISE_GRAIN } from "../simd/grain.ts";
import { parallel } from "../simd/parallel.ts";
import { withScratch } from "../simd/scratch.ts";

/** Numbers to a block: each leaves sums of its own, which are then added up in order. The kernels know it too. */
const BLOCK = 16_384;
const SUMS = 3;

/** Euclidean norms, of the weights and the gradient before the update. */
export interface UpdateNorms {
  readonly weight: number;
  readonly gradient: number;
  readonly change: number;
}

/** The scalars of d = inner g + l2 w and of w = w - (... + decay w). */
export interface UpdateScalars {
  readonly inner: number;
  readonly l2: number;
  readonly decay: number;
}

/** Whether the kernels below can take these arrays. */
export function runsInPlace(...arrays: readonly (Numbers | null)[]): boolean {
  if (ambient.kernels !== "simd" || !hasSimd()) return false;
  for (const array of arrays) if (array !== null && !(array instanceof Float32Array && isInSharedMemory(array))) return false;
  return true;
}

/** Runs a kernel over blocks of `count` numbers, each of which writes `sums` partial sums; their totals, as square roots. */
function norms(count: number, sums: number, run: (partials: Address, blocks: number) => void): number[] {
  const blocks = Math.ceil(count / BLOCK);
  return withScratch(8 * sums * blocks, (partials) => {
    run(partials, blocks);
    return Array.from({ length: sums }, (_, i) => Math.sqrt(kernels().partialsTotal(partials + 8 * i, blocks, sums)));
  });
}

function update(count: number, run: (partials: Address, blocks: number) => void): UpdateNorms {
  const [weight, gradient, change] = norms(count, SUMS, run);
  return { weight, gradient, change };
}

/** Euclidean norm, squares added up in double precision. */
export function normInPlace(x: Numbers): number {
  const [norm] = norms(x.length, 1, (partials, blocks) => parallel("normSquares", [partials, x.byteOffset, x.length], blocks, 4));
  return norm;
}

/** w = w - (ofGradient d + decay w) */
export function descendInPlace(w: Numbers, g: Numbers, { inner, l2, decay, ofGradient }: UpdateScalars & { readonly ofGradient: number }): UpdateNorms {
  return update(w.length, (partials, blocks) => parallel("updateDescent", [w.byteOffset, g.byteOffset, w.length, partials, inner, l2, ofGradient, decay], blocks, 1));
}

/** v = carried v + added d; w = w - (ofGradient d + ofBuffer v + decay w) */
export function momentumInPlace(
  w: Numbers, g: Numbers, v: Numbers,
  { inner, l2, decay, carried, added, ofGradient, ofBuffer }: UpdateScalars & { readonly carried: number; readonly added: number; readonly ofGradient: number; readonly ofBuffer: number },
): UpdateNorms {
  const arrays = [w.byteOffset, g.byteOffset, v.byteOffset, w.length] as const;
  return update(w.length, (partials, blocks) =>
    ofGradient === 0
      ? parallel("updateHeavyBall", [...arrays, partials, inner * added, l2 * added, carried, ofBuffer, decay], blocks, 1)
      : parallel("updateNesterov", [...arrays, partials, inner, l2, carried, added, ofGradient, ofBuffer, decay], blocks, 1));
}

/** m = m + new1 (d - m); v = v + new2 (d^2 - v); w = w - (rate m / (scale sqrt(v) + eps) + decay w) */
export function adamInPlace(
  w: Numbers, g: Numbers, m: Numbers, v: Numbers,
  { inner, l2, decay, new1, new2, rate, scale, eps }: UpdateScalars & { readonly new1: number; readonly new2: number; readonly rate: number; readonly scale: number; readonly eps: number },
): UpdateNorms {
  return update(w.length, (partials, blocks) =>
    parallel("updateAdam", [w.byteOffset, g.byteOffset, m.byteOffset, v.byteOffset, w.length, partials, inner, l2, new1, new2, rate, scale, eps, decay], blocks, 1));
}

/** mean = mean + added (x - mean); returns the distance |x - mean| with the mean as it was before. */
export function trackMeanInPlace(mean: Numbers, x: Numbers, added: number): number {
  const [distance] = norms(x.length, 1, (partials, blocks) => parallel("updateMean", [mean.byteOffset, x.byteOffset, x.length, partials, added], blocks, 1));
  return distance;
}

/** target = target + source */
export function addInPlace(target: Numbers, source: Numbers): void {
  parallel("addRows", [target.byteOffset, target.byteOffset, source.byteOffset, target.length], target.length, ELEMENTWISE_GRAIN);
}
