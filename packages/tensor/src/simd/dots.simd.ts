// Dot products of up to 6 vectors with up to 2 others, over pixels: as many accumulators as in a tile, and no broadcast.
import { madd } from "./lanes.simd";

/** V8 up to version 11 runs short of registers from 5 rows on when products need one each. */
// @ts-ignore: decorator
@inline
const DOT_ROWS: i32 = FUSED ? 6 : 4;

/** The last 1 to 3 of a row and zeros: what lies behind is neither read nor multiplied, it may be NaN. */
// @ts-ignore: decorator
@inline
function lastOf(from: usize, count: i32): v128 {
  if (count == 1) return v128.load32_zero(from);
  if (count == 2) return v128.load64_zero(from);
  return v128.load32_lane(from + 8, v128.load64_zero(from), 2);
}

/** The sums of four vectors, as one. */
// @ts-ignore: decorator
@inline
function sums(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = f32x4.add(v128.shuffle<f32>(a, b, 0, 1, 4, 5), v128.shuffle<f32>(a, b, 2, 3, 6, 7));
  const cd = f32x4.add(v128.shuffle<f32>(c, d, 0, 1, 4, 5), v128.shuffle<f32>(c, d, 2, 3, 6, 7));
  return f32x4.add(v128.shuffle<f32>(ab, cd, 0, 2, 4, 6), v128.shuffle<f32>(ab, cd, 1, 3, 5, 7));
}

// @ts-ignore: decorator
@inline
function dots(rows: i32, columns: i32, out: usize, a: usize, aTable: usize, aImage: usize, b: usize, bColumn: usize, bImage: usize, pixels: i32, images: i32): void {
  let c00 = f32x4.splat(0), c01 = c00, c10 = c00, c11 = c00, c20 = c00, c21 = c00, c30 = c00, c31 = c00, c40 = c00, c41 = c00, c50 = c00, c51 = c00;
  let a0 = a + load<u32>(aTable);
  let a1 = rows > 1 ? a + load<u32>(aTable, 4) : a0;
  let a2 = rows > 2 ? a + load<u32>(aTable, 8) : a0;
  let a3 = rows > 3 ? a + load<u32>(aTable, 12) : a0;
  let a4 = rows > 4 ? a + load<u32>(aTable, 16) : a0;
  let a5 = rows > 5 ? a + load<u32>(aTable, 20) : a0;
  let b0 = b, b1 = b + bColumn;
  const whole = <usize>(pixels & ~3) << 2;
  const rest = pixels & 3;
  for (; images > 0; images--) {
    for (let q: usize = 0; q < whole; q += 16) {
      const x = v128.load(b0 + q), y = columns > 1 ? v128.load(b1 + q) : x;
      let s = v128.load(a0 + q);
      c00 = madd(s, x, c00); if (columns > 1) c01 = madd(s, y, c01);
      if (rows > 1) { s = v128.load(a1 + q); c10 = madd(s, x, c10); if (columns > 1) c11 = madd(s, y, c11); }
      if (rows > 2) { s = v128.load(a2 + q); c20 = madd(s, x, c20); if (columns > 1) c21 = madd(s, y, c21); }
      if (rows > 3) { s = v128.load(a3 + q); c30 = madd(s, x, c30); if (columns > 1) c31 = madd(s, y, c31); }
      if (rows > 4) { s = v128.load(a4 + q); c40 = madd(s, x, c40); if (columns > 1) c41 = madd(s, y, c41); }
      if (rows > 5) { s = v128.load(a5 + q); c50 = madd(s, x, c50); if (columns > 1) c51 = madd(s, y, c51); }
    }
    if (rest) {
      const x = lastOf(b0 + whole, rest), y = columns > 1 ? lastOf(b1 + whole, rest) : x;
      let s = lastOf(a0 + whole, rest);
      c00 = madd(s, x, c00); if (columns > 1) c01 = madd(s, y, c01);
      if (rows > 1) { s = lastOf(a1 + whole, rest); c10 = madd(s, x, c10); if (columns > 1) c11 = madd(s, y, c11); }
      if (rows > 2) { s = lastOf(a2 + whole, rest); c20 = madd(s, x, c20); if (columns > 1) c21 = madd(s, y, c21); }
      if (rows > 3) { s = lastOf(a3 + whole, rest); c30 = madd(s, x, c30); if (columns > 1) c31 = madd(s, y, c31); }
      if (rows > 4) { s = lastOf(a4 + whole, rest); c40 = madd(s, x, c40); if (columns > 1) c41 = madd(s, y, c41); }
      if (rows > 5) { s = lastOf(a5 + whole, rest); c50 = madd(s, x, c50); if (columns > 1) c51 = madd(s, y, c51); }
    }
    b0 += bImage; b1 += bImage;
    a0 += aImage; a1 += aImage; a2 += aImage; a3 += aImage; a4 += aImage; a5 += aImage;
  }
  v128.store(out, sums(c00, c10, c20, c30));
  if (rows > 4) v128.store(out, sums(c40, c50, c40, c50), 16);
  if (columns > 1) {
    v128.store(out, sums(c01, c11, c21, c31), 32);
    if (rows > 4) v128.store(out, sums(c41, c51, c41, c51), 48);
  }
}

/**
 * out[v][r] = sum over images i and pixels q of a[aTable[r] + i * aImage + q] * b[v * bColumn + i * bImage + q], for r < rows
 * and v < 2 (wide) or 1. Steps are bytes; `out` is [2][8], the entries from `rows` on hold anything.
 */
function runDots(rows: i32, wide: bool, out: usize, a: usize, aTable: usize, aImage: usize, b: usize, bColumn: usize, bImage: usize, pixels: i32, images: i32): void {
  if (wide) {
    if (rows == 6) dots(6, 2, out, a, aTable, aImage, b, bColumn, bImage, pixels, images);
    else if (rows == 5) dots(5, 2, out, a, aTable, aImage, b, bColumn, bImage, pixels, images);
    else if (rows == 4) dots(4, 2, out, a, aTable, aImage, b, bColumn, bImage, pixels, images);
    else if (rows == 3) dots(3, 2, out, a, aTable, aImage, b, bColumn, bImage, pixels, images);
    else if (rows == 2) dots(2, 2, out, a, aTable, aImage, b, bColumn, bImage, pixels, images);
    else dots(1, 2, out, a, aTable, aImage, b, bColumn, bImage, pixels, images);
  } else {
    if (rows == 6) dots(6, 1, out, a, aTable, aImage, b, bColumn, bImage, pixels, images);
    else if (rows == 5) dots(5, 1, out, a, aTable, aImage, b, bColumn, bImage, pixels, images);
    else if (rows == 4) dots(4, 1, out, a, aTable, aImage, b, bColumn, bImage, pixels, images);
    else if (rows == 3) dots(3, 1, out, a, aTable, aImage, b, bColumn, bImage, pixels, images);
    else if (rows == 2) dots(2, 1, out, a, aTable, aImage, b, bColumn, bImage, pixels, images);
    else dots(1, 1, out, a, aTable, aImage, b, bColumn, bImage, pixels, images);
  }
}

/**
 * out[v][row] (+)= sum over images i and pixels q of b[v * bColumn + i * bImage + q] * a[aTable[row] + i * aImage + q], for v < count
 * and all rows. Steps are bytes; `temporary` is room for 16 numbers.
 */
export function correlate(out: usize, count: i32, b: usize, bColumn: usize, bImage: usize, rows: i32, a: usize, aTable: usize, aImage: usize, pixels: i32, images: i32, add: bool, temporary: usize): void {
  const tiles = (rows + DOT_ROWS - 1) / DOT_ROWS;
  let row = 0;
  for (let t = 0; t < tiles; t++) {
    const n = rows / tiles + i32(t < rows % tiles);
    for (let v = 0; v < count; v += 2) {
      const wide = v + 1 < count;
      runDots(n, wide, temporary, a, aTable + (<usize>row << 2), aImage, b + <usize>v * bColumn, bColumn, bImage, pixels, images);
      for (let w = 0; w < 1 + i32(wide); w++) {
        const to = out + (<usize>((v + w) * rows + row) << 2), from = temporary + (<usize>w << 5);
        for (let r: usize = 0; r < <usize>n << 2; r += 4) store<f32>(to + r, add ? load<f32>(to + r) + load<f32>(from + r) : load<f32>(from + r));
      }
    }
    row += n;
  }
}
