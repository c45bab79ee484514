// The tile of the matrix product for 128-bit vectors: 6 x 8 sums, or 5 x 8 (tile.simd.ts says why).
import { madd, storeLanes } from "./lanes.simd";
import { ROWS } from "./tile.simd";

/** c[i, j] = sum over p of a[p][i] * b[p][j]; of it, `rows` x `columns` are stored. */
export function narrowTile(c: usize, step: usize, a: usize, b: usize, k: i32, rows: i32, columns: i32, add: i32): void {
  let c00 = f32x4.splat(0), c01 = c00;
  let c10 = c00, c11 = c00;
  let c20 = c00, c21 = c00;
  let c30 = c00, c31 = c00;
  let c40 = c00, c41 = c00;
  let c50 = c00, c51 = c00;
  const end = b + <usize>k * 32;
  for (; b < end; b += 32, a += ROWS * 4) {
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
  if (columns == 8) {
    v128.store(c, add ? f32x4.add(v128.load(c), low) : low);
    v128.store(c, add ? f32x4.add(v128.load(c, 16), high) : high, 16);
  } else {
    storeLanes(c, low, columns, add);
    storeLanes(c + 16, high, columns - 4, add);
  }
}
