// The wide tile of the matrix product, 4 x 16 sums, for engines that join two 128-bit vectors that lie side by side into one
// of 256 bits (V8 with --experimental-wasm-revectorize). There it needs eight registers for sums and is twice as fast as the
// narrow tile; elsewhere sixteen sums do not fit into the registers, and it is slower.
import { madd, storeLanes } from "./lanes.simd";

/** c[i, j] = sum over p of a[p][i] * b[p][j]; of it, `rows` x `columns` are stored. The steps of the sum are taken in pairs. */
export function wideTile(c: usize, step: usize, a: usize, b: usize, k: i32, rows: i32, columns: i32, add: i32): void {
  let c00 = f32x4.splat(0), c01 = c00, c02 = c00, c03 = c00;
  let c10 = c00, c11 = c00, c12 = c00, c13 = c00;
  let c20 = c00, c21 = c00, c22 = c00, c23 = c00;
  let c30 = c00, c31 = c00, c32 = c00, c33 = c00;
  const end = b + <usize>(k & ~1) * 64;
  for (; b < end; b += 128, a += 32) {
    let b0 = v128.load(b);
    let b1 = v128.load(b, 16);
    let b2 = v128.load(b, 32);
    let b3 = v128.load(b, 48);
    let x: v128;
    x = v128.load32_splat(a, 0);
    c00 = madd(x, b0, c00);
    c01 = madd(x, b1, c01);
    c02 = madd(x, b2, c02);
    c03 = madd(x, b3, c03);
    x = v128.load32_splat(a, 4);
    c10 = madd(x, b0, c10);
    c11 = madd(x, b1, c11);
    c12 = madd(x, b2, c12);
    c13 = madd(x, b3, c13);
    x = v128.load32_splat(a, 8);
    c20 = madd(x, b0, c20);
    c21 = madd(x, b1, c21);
    c22 = madd(x, b2, c22);
    c23 = madd(x, b3, c23);
    x = v128.load32_splat(a, 12);
    c30 = madd(x, b0, c30);
    c31 = madd(x, b1, c31);
    c32 = madd(x, b2, c32);
    c33 = madd(x, b3, c33);
    b0 = v128.load(b, 64);
    b1 = v128.load(b, 80);
    b2 = v128.load(b, 96);
    b3 = v128.load(b, 112);
    x = v128.load32_splat(a, 16);
    c00 = madd(x, b0, c00);
    c01 = madd(x, b1, c01);
    c02 = madd(x, b2, c02);
    c03 = madd(x, b3, c03);
    x = v128.load32_splat(a, 20);
    c10 = madd(x, b0, c10);
    c11 = madd(x, b1, c11);
    c12 = madd(x, b2, c12);
    c13 = madd(x, b3, c13);
    x = v128.load32_splat(a, 24);
    c20 = madd(x, b0, c20);
    c21 = madd(x, b1, c21);
    c22 = madd(x, b2, c22);
    c23 = madd(x, b3, c23);
    x = v128.load32_splat(a, 28);
    c30 = madd(x, b0, c30);
    c31 = madd(x, b1, c31);
    c32 = madd(x, b2, c32);
    c33 = madd(x, b3, c33);
  }
  if (k & 1) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    const b2 = v128.load(b, 32);
    const b3 = v128.load(b, 48);
    let x: v128;
    x = v128.load32_splat(a, 0);
    c00 = madd(x, b0, c00);
    c01 = madd(x, b1, c01);
    c02 = madd(x, b2, c02);
    c03 = madd(x, b3, c03);
    x = v128.load32_splat(a, 4);
    c10 = madd(x, b0, c10);
    c11 = madd(x, b1, c11);
    c12 = madd(x, b2, c12);
    c13 = madd(x, b3, c13);
    x = v128.load32_splat(a, 8);
    c20 = madd(x, b0, c20);
    c21 = madd(x, b1, c21);
    c22 = madd(x, b2, c22);
    c23 = madd(x, b3, c23);
    x = v128.load32_splat(a, 12);
    c30 = madd(x, b0, c30);
    c31 = madd(x, b1, c31);
    c32 = madd(x, b2, c32);
    c33 = madd(x, b3, c33);
  }
  storeWide(c, c00, c01, c02, c03, columns, add);
  if (rows > 1) storeWide(c + step, c10, c11, c12, c13, columns, add);
  if (rows > 2) storeWide(c + 2 * step, c20, c21, c22, c23, columns, add);
  if (rows > 3) storeWide(c + 3 * step, c30, c31, c32, c33, columns, add);
}

// @ts-ignore: decorator
@inline
function storeWide(c: usize, a: v128, b: v128, d: v128, e: v128, columns: i32, add: i32): void {
  if (columns == 16) {
    if (add) {
      v128.store(c, f32x4.add(v128.load(c), a));
      v128.store(c, f32x4.add(v128.load(c, 16), b), 16);
      v128.store(c, f32x4.add(v128.load(c, 32), d), 32);
      v128.store(c, f32x4.add(v128.load(c, 48), e), 48);
    } else {
      v128.store(c, a);
      v128.store(c, b, 16);
      v128.store(c, d, 32);
      v128.store(c, e, 48);
    }
    return;
  }
  storeLanes(c, a, columns, add);
  storeLanes(c + 16, b, columns - 4, add);
  storeLanes(c + 32, d, columns - 8, add);
  storeLanes(c + 48, e, columns - 12, add);
}
