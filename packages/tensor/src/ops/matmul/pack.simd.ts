// Packing for the matrix product: operands are rearranged into strips, in which the numbers of one step of the sum lie side
// by side. The inner loop then reads two streams whatever the strides were, so a transposed operand costs nothing extra.
// Strips at the edges are filled up with zeros.
import { COLUMNS, ROWS, WIDE_COLUMNS, WIDE_ROWS } from "../../simd/tile.simd";
import { transpose4 } from "../../simd/transpose4.simd";

/** Packs strips `from` to `to` of A [m, k], whose element (i, p) is at a + i * row + p * step (bytes): strip[p][i]. */
export function gemmPackA(packed: usize, a: usize, row: usize, step: usize, m: i32, k: i32, from: i32, to: i32): void {
  pack(packed, a, row, step, m, k, from, to, ROWS);
}

/** Packs strips `from` to `to` of B [k, n], whose element (p, j) is at b + p * step + j * column (bytes): strip[p][j]. */
export function gemmPackB(packed: usize, b: usize, step: usize, column: usize, n: i32, k: i32, from: i32, to: i32): void {
  pack(packed, b, column, step, n, k, from, to, COLUMNS);
}

export function gemmWidePackA(packed: usize, a: usize, row: usize, step: usize, m: i32, k: i32, from: i32, to: i32): void {
  pack(packed, a, row, step, m, k, from, to, WIDE_ROWS);
}

export function gemmWidePackB(packed: usize, b: usize, step: usize, column: usize, n: i32, k: i32, from: i32, to: i32): void {
  pack(packed, b, column, step, n, k, from, to, WIDE_COLUMNS);
}

/** Strips `width` wide of a matrix whose `count` lines are `across` bytes apart, and steps of the sum `step`; inlined for each width. */
// @ts-ignore: decorator
@inline
function pack(packed: usize, source: usize, across: usize, step: usize, count: i32, k: i32, from: i32, to: i32, width: i32): void {
  for (let s = from; s < to; s++) {
    let strip = packed + <usize>(s * width) * k * 4;
    let at = source + <usize>(s * width) * across;
    let rest = k;
    const present = min(width, count - s * width);
    if (present == width && across == 4) {
      for (; rest > 0; rest--, strip += width * 4, at += step) copyLanes(strip, at, width);
    } else if (present == width && step == 4) {
      for (; rest >= 4; rest -= 4, strip += width * 16, at += 16) transposeLanes(strip, at, across, width);
    }
    packEdge(strip, at, across, step, present, width, rest);
  }
}

/** `width` numbers: 4, 5, 6, 8 or 16. */
// @ts-ignore: decorator
@inline
function copyLanes(to: usize, from: usize, width: i32): void {
  v128.store(to, v128.load(from));
  if (width == 5) store<u32>(to, load<u32>(from, 16), 16);
  if (width == 6) store<u64>(to, load<u64>(from, 16), 16);
  if (width >= 8) v128.store(to, v128.load(from, 16), 16);
  if (width == 16) {
    v128.store(to, v128.load(from, 32), 32);
    v128.store(to, v128.load(from, 48), 48);
  }
}

/** Four numbers of each of `width` lines that are `across` bytes apart. */
// @ts-ignore: decorator
@inline
function transposeLanes(to: usize, from: usize, across: usize, width: i32): void {
  const step: usize = <usize>width * 4;
  transpose4(to, step, from, across);
  if (width == 5) {
    const e = v128.load(from + 4 * across);
    v128.store32_lane(to, e, 0, 16);
    v128.store32_lane(to + step, e, 1, 16);
    v128.store32_lane(to + 2 * step, e, 2, 16);
    v128.store32_lane(to + 3 * step, e, 3, 16);
  }
  if (width == 6) {
    const e = v128.load(from + 4 * across);
    const f = v128.load(from + 5 * across);
    const low = v128.shuffle<f32>(e, f, 0, 4, 1, 5); // e0 f0 e1 f1
    const high = v128.shuffle<f32>(e, f, 2, 6, 3, 7);
    v128.store64_lane(to, low, 0, 16);
    v128.store64_lane(to + step, low, 1, 16);
    v128.store64_lane(to + 2 * step, high, 0, 16);
    v128.store64_lane(to + 3 * step, high, 1, 16);
  }
  if (width >= 8) transpose4(to + 16, step, from + 4 * across, across);
  if (width == 16) {
    transpose4(to + 32, step, from + 8 * across, across);
    transpose4(to + 48, step, from + 12 * across, across);
  }
}

/** One by one: `present` of `width` rows (or columns) exist, the others are zero. */
function packEdge(strip: usize, source: usize, across: usize, step: usize, present: i32, width: i32, k: i32): void {
  for (let p = 0; p < k; p++, strip += width * 4, source += step)
    for (let w = 0; w < width; w++) store<f32>(strip + (<usize>w << 2), w < present ? load<f32>(source + <usize>w * across) : 0);
}
