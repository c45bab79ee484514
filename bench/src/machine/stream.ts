// How fast one core moves numbers, in the four ways that kernels do.
import type { LoopFunction } from "./assemble.ts";
import { assemble, f32, get, i32, lane0, load, loop, plus, plusAddress, set, splat, store, times, v128 } from "./assemble.ts";
import { instantiate } from "./webAssembly.ts";

/** Bytes for each element, counted as STREAM does: what a write reads into the cache first is left out. */
export const PATTERNS = {
  /** y = x */
  copy: 8,
  /** z = x + y */
  add: 12,
  /** the total of x: reading alone */
  sum: 4,
  /** x = x + c y: written where it was read, as an optimizer does, which costs less */
  update: 12,
} as const;
export type Pattern = keyof typeof PATTERNS;

const VECTORS = 8; // a loop's round: eight vectors of four, so that eight sums go side by side
/** What the number of elements must be a multiple of. */
export const ROUND: number = 4 * VECTORS;

// Parameters: bytes of one array, addresses of the three; locals: position, eight vectors.
const [BYTES, X, Y, Z, AT, FIRST] = [0, 1, 2, 3, 4, 5];
const each = (code: (offset: number, local: number) => readonly number[]): number[] => Array.from({ length: VECTORS }, (_, i) => code(16 * i, FIRST + i)).flat();
const at = (array: number): number[] => [...get(array), ...get(AT), ...plusAddress];
const read = (array: number, offset: number): number[] => [...at(array), ...load(offset)];

function stream(name: Pattern, body: readonly number[], end: readonly number[] = []): LoopFunction {
  return {
    name, params: [i32, i32, i32, i32], locals: [i32, ...Array.from({ length: VECTORS }, () => v128)],
    ...(end.length > 0 && { result: f32 }), body: [...loop(AT, 4 * ROUND, BYTES, body), ...end],
  };
}

const half = [0x43, ...new Uint8Array(Float32Array.of(0.5).buffer), ...splat];
const functions = [
  stream("copy", each((offset) => [...at(Y), ...read(X, offset), ...store(offset)])),
  stream("add", each((offset) => [...at(Z), ...read(X, offset), ...read(Y, offset), ...plus, ...store(offset)])),
  // Four lanes of eight sums; lane 0 of their total is enough to tell that the work was done.
  stream("sum", each((offset, sum) => [...get(sum), ...read(X, offset), ...plus, ...set(sum)]), [...get(FIRST), ...each((_, sum) => (sum === FIRST ? [] : [...get(sum), ...plus])), ...lane0]),
  stream("update", each((offset) => [...at(X), ...read(X, offset), ...read(Y, offset), ...half, ...times, ...plus, ...store(offset)])),
];

export interface Stream {
  readonly arrays: readonly [x: Float32Array, y: Float32Array, z: Float32Array];
  run(pattern: Pattern): number;
}

/** Three arrays in a memory of their own, and the loops over them. */
export function makeStream(elements: number): Stream {
  if (elements % ROUND !== 0) throw new Error(`internal: ${elements} elements are no multiple of ${ROUND}.`);
  const bytes = 4 * elements;
  const exports = instantiate(assemble(functions, Math.ceil((3 * bytes) / 65_536)));
  const { buffer } = exports.memory as { buffer: ArrayBuffer };
  const starts = [0, bytes, 2 * bytes] as const;
  const [x, y, z] = starts.map((start) => new Float32Array(buffer, start, elements));
  return {
    arrays: [x, y, z],
    run: (pattern) => (exports[pattern] as (...args: number[]) => number | undefined)(bytes, ...starts) ?? 0,
  };
}
