// Tiles of C = A B in single precision, from packed operands (pack.simd.ts).
import { madd } from "../../simd/lanes.simd";
import { COLUMNS, ROWS } from "../../simd/tile.simd";

/** Rows of A that stay in the second-level cache while all of B's strips pass by: a multiple of every tile's rows. */
const BLOCK_ROWS: i32 = 240;

export function gemmRows(): i32 {
  return ROWS;
}

export function gemmColumns(): i32 {
  return COLUMNS;
}

export function gemmBlockRows(): i32 {
  return BLOCK_ROWS;
}

/**
 * C [m, n], whose rows are `step` bytes apart, from packed A [m, k] and packed B [k, n]; unless `add` is 0 onto what C holds.
 * Index `from <= i < to` is a pair of a block of BLOCK_ROWS rows and, running faster, a strip of columns.
 */
export function gemmTiles(c: usize, step: usize, a: usize, b: usize, m: i32, n: i32, k: i32, add: i32, from: i32, to: i32): void {
  const strips = (n + COLUMNS - 1) / COLUMNS;
  let block = from / strips;
  let strip = from % strips;
  for (let i = from; i < to; i++) {
    const columns = min(COLUMNS, n - strip * COLUMNS);
    const end = min(m, (block + 1) * BLOCK_ROWS);
    const bStrip = b + <usize>strip * COLUMNS * <usize>k * 4;
    for (let row = block * BLOCK_ROWS; row < end; row += ROWS)
      tile(c + <usize>row * step + <usize>strip * COLUMNS * 4, step, a + <usize>row * k * 4, bStrip, k, min(ROWS, m - row), columns, add);
    if (++strip == strips) {
      strip = 0;
      block++;
    }
  }
}

/** One tile: c[i, j] = sum over p of a[p][i] * b[p][j]; of it, `rows` x `columns` are stored. */
function tile(c: usize, step: usize, a: usize, b: usize, k: i32, rows: i32, columns: i32, add: i32): void {
  let c00 = f32x4.splat(0), c01 = c00;
  let c10 = c00, c11 = c00;
  let c20 = c00, c21 = c00;
  let c30 = c00, c31 = c00;
  let c40 = c00, c41 = c00;
  let c50 = c00, c51 = c00;
  const end = b + <usize>k * COLUMNS * 4;
  for (; b < end; b += COLUMNS * 4, a += ROWS * 4) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    let x = v128.load32_splat(a);
    c00 = madd(x, b0, c00);
    c01 = madd(x, b1, c01);
    x = v128.load32_splat(a, 4);
    c10 = madd(x, b0, c10);
    c11 = madd(x, b1, c11);
    x = v128.load32_splat(a, 8);
    c20 = madd(x, b0, c20);
    c21 = madd(x, b1, c21);
    x = v128.load32_splat(a, 12);
    c30 = madd(x, b0, c30);
    c31 = madd(x, b1, c31);
    x = v128.load32_splat(a, 16);
    c40 = madd(x, b0, c40);
    c41 = madd(x, b1, c41);
    if (ROWS == 6) {
      x = v128.load32_splat(a, 20);
      c50 = madd(x, b0, c50);
      c51 = madd(x, b1, c51);
    }
  }
  storeRow(c, c00, c01, columns, add);
  if (rows > 1) storeRow(c + step, c10, c11, columns, add);
  if (rows > 2) storeRow(c + 2 * step, c20, c21, columns, add);
  if (rows > 3) storeRow(c + 3 * step, c30, c31, columns, add);
  if (rows > 4) storeRow(c + 4 * step, c40, c41, columns, add);
  if (ROWS == 6 && rows > 5) storeRow(c + 5 * step, c50, c51, columns, add);
}

// @ts-ignore: decorator
@inline
function storeRow(c: usize, low: v128, high: v128, columns: i32, add: i32): void {
  if (columns == COLUMNS) {
    v128.store(c, add ? f32x4.add(v128.load(c), low) : low);
    v128.store(c, add ? f32x4.add(v128.load(c, 16), high) : high, 16);
  } else storePart(c, low, high, columns, add);
}

function storePart(c: usize, low: v128, high: v128, columns: i32, add: i32): void {
  if (columns >= 4) {
    v128.store(c, add ? f32x4.add(v128.load(c), low) : low);
    c += 16;
    columns -= 4;
    low = high;
  }
  for (; columns > 0; columns--, c += 4) {
    const x = f32x4.extract_lane(low, 0);
    store<f32>(c, add ? load<f32>(c) + x : x);
    low = v128.shuffle<f32>(low, low, 1, 2, 3, 0);
  }
}
