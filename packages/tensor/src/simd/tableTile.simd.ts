// Products of matrices in registers: 12 accumulators, 2 vectors and 1 broadcast number fill the 15 registers that V8 hands
// out. One more value alive in a loop, or a loop unrolled, halves the speed. The heights and widths below are constants
// where `tile` is inlined, so each of its copies holds only what it uses.
import { madd } from "./lanes.simd";

/** Rows of the largest tile. Without fused multiply-add the products need a register. */
// @ts-ignore: decorator
@inline
export const TILE_ROWS: i32 = FUSED ? 6 : 5;

const ZEROS: usize = memory.data<f32>([0, 0, 0, 0, 0, 0]);
/** Rows of a tile that is stored to be copied: it reaches beyond the last column. */
const TILE_TABLE: usize = memory.data<i32>([0, 32, 64, 96, 128, 160]);
/** Bytes of the work space for such a tile. */
// @ts-ignore: decorator
@inline
export const TILE_BYTES: usize = 256;
/** What tiles read of b should stay in the first-level cache while all rows of weights go over it. */
// @ts-ignore: decorator
@inline
const BLOCK_BYTES: i32 = 24576;

// @ts-ignore: decorator
@inline
function emit(out: usize, c0: v128, c1: v128, vectors: i32, add: bool): void {
  if (add) {
    v128.store(out, f32x4.add(v128.load(out), c0));
    if (vectors > 1) v128.store(out, f32x4.add(v128.load(out, 16), c1), 16);
  } else {
    v128.store(out, c0);
    if (vectors > 1) v128.store(out, c1, 16);
  }
}

// @ts-ignore: decorator
@inline
function tile(rows: i32, vectors: i32, a: usize, b: usize, bTable: usize, depth: i32, out: usize, outTable: usize, bias: usize, add: bool): void {
  let c00 = v128.load32_splat(bias), c01 = c00;
  let c10 = c00, c11 = c00, c20 = c00, c21 = c00, c30 = c00, c31 = c00, c40 = c00, c41 = c00, c50 = c00, c51 = c00;
  if (rows > 1) { c10 = v128.load32_splat(bias, 4); c11 = c10; }
  if (rows > 2) { c20 = v128.load32_splat(bias, 8); c21 = c20; }
  if (rows > 3) { c30 = v128.load32_splat(bias, 12); c31 = c30; }
  if (rows > 4) { c40 = v128.load32_splat(bias, 16); c41 = c40; }
  if (rows > 5) { c50 = v128.load32_splat(bias, 20); c51 = c50; }
  for (const end = bTable + (<usize>depth << 2); bTable < end; bTable += 4, a += rows << 2) {
    const at = b + load<u32>(bTable);
    const b0 = v128.load(at);
    const b1 = vectors > 1 ? v128.load(at, 16) : b0;
    let s = v128.load32_splat(a);
    c00 = madd(s, b0, c00); if (vectors > 1) c01 = madd(s, b1, c01);
    if (rows > 1) { s = v128.load32_splat(a, 4); c10 = madd(s, b0, c10); if (vectors > 1) c11 = madd(s, b1, c11); }
    if (rows > 2) { s = v128.load32_splat(a, 8); c20 = madd(s, b0, c20); if (vectors > 1) c21 = madd(s, b1, c21); }
    if (rows > 3) { s = v128.load32_splat(a, 12); c30 = madd(s, b0, c30); if (vectors > 1) c31 = madd(s, b1, c31); }
    if (rows > 4) { s = v128.load32_splat(a, 16); c40 = madd(s, b0, c40); if (vectors > 1) c41 = madd(s, b1, c41); }
    if (rows > 5) { s = v128.load32_splat(a, 20); c50 = madd(s, b0, c50); if (vectors > 1) c51 = madd(s, b1, c51); }
  }
  // One row after the other: with `add`, rows of the output may overlap.
  emit(out + load<u32>(outTable), c00, c01, vectors, add);
  if (rows > 1) emit(out + load<u32>(outTable, 4), c10, c11, vectors, add);
  if (rows > 2) emit(out + load<u32>(outTable, 8), c20, c21, vectors, add);
  if (rows > 3) emit(out + load<u32>(outTable, 12), c30, c31, vectors, add);
  if (rows > 4) emit(out + load<u32>(outTable, 16), c40, c41, vectors, add);
  if (rows > 5) emit(out + load<u32>(outTable, 20), c50, c51, vectors, add);
}

/**
 * out[outTable[r] + q] (+)= bias[r] + sum over d < depth of a[d][r] * b[bTable[d] + q], for r < rows and 8 columns q (wide)
 * or 4. Tables hold byte offsets; `a` is packed, [depth][rows].
 */
function runTile(rows: i32, wide: bool, a: usize, b: usize, bTable: usize, depth: i32, out: usize, outTable: usize, bias: usize, add: bool): void {
  if (wide) {
    if (rows == 6) tile(6, 2, a, b, bTable, depth, out, outTable, bias, add);
    else if (rows == 5) tile(5, 2, a, b, bTable, depth, out, outTable, bias, add);
    else if (rows == 4) tile(4, 2, a, b, bTable, depth, out, outTable, bias, add);
    else if (rows == 3) tile(3, 2, a, b, bTable, depth, out, outTable, bias, add);
    else if (rows == 2) tile(2, 2, a, b, bTable, depth, out, outTable, bias, add);
    else tile(1, 2, a, b, bTable, depth, out, outTable, bias, add);
  } else {
    if (rows == 6) tile(6, 1, a, b, bTable, depth, out, outTable, bias, add);
    else if (rows == 5) tile(5, 1, a, b, bTable, depth, out, outTable, bias, add);
    else if (rows == 4) tile(4, 1, a, b, bTable, depth, out, outTable, bias, add);
    else if (rows == 3) tile(3, 1, a, b, bTable, depth, out, outTable, bias, add);
    else if (rows == 2) tile(2, 1, a, b, bTable, depth, out, outTable, bias, add);
    else tile(1, 1, a, b, bTable, depth, out, outTable, bias, add);
  }
}

/**
 * out[outTable[row] + q] (+)= bias[row] + sum over d of packed[row][d] * b[bTable[d] + q], for all rows and q < pixels. Rows are
 * spread evenly over tiles, [tile][depth][row of the tile]; `bias` is 0 where there is none.
 */
export function multiply(out: usize, outTable: usize, packed: usize, rows: i32, b: usize, bTable: usize, depth: i32, pixels: i32, bias: usize, add: bool, temporary: usize): void {
  const tiles = (rows + TILE_ROWS - 1) / TILE_ROWS;
  const biasStep: usize = bias ? 4 : 0;
  if (!bias) bias = ZEROS;
  const block = max(8, (BLOCK_BYTES / (depth << 2)) & ~7);
  for (let start = 0; start < pixels; start += block) {
    const end = min(pixels, start + block);
    let a = packed, row = 0;
    for (let t = 0; t < tiles; t++) {
      const n = rows / tiles + i32(t < rows % tiles);
      const table = outTable + (<usize>row << 2), added = bias + <usize>row * biasStep;
      let q = start;
      for (; q + 8 <= end; q += 8) runTile(n, true, a, b + (<usize>q << 2), bTable, depth, out + (<usize>q << 2), table, added, add);
      if (q < end) {
        runTile(n, end - q > 4, a, b + (<usize>q << 2), bTable, depth, temporary, TILE_TABLE, added, false);
        copyTile(out + (<usize>q << 2), table, temporary, n, end - q, add);
      }
      a += <usize>(n * depth) << 2;
      row += n;
    }
  }
}

function copyTile(out: usize, outTable: usize, tile: usize, rows: i32, columns: i32, add: bool): void {
  for (let r = 0; r < rows; r++, outTable += 4, tile += 32) {
    const to = out + load<u32>(outTable);
    for (let j: usize = 0; j < <usize>columns << 2; j += 4) store<f32>(to + j, add ? load<f32>(to + j) + load<f32>(tile + j) : load<f32>(tile + j));
  }
}
