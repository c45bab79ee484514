// Sums over axes: the tensor as [outer, kept, inner], summed over `outer` and `inner`, times `scale`.
import { highWide, lowWide, wideSum } from "../../simd/wide.simd";

/** out[k] for from <= k < to: sums of `outer` runs of `inner` numbers. */
export function sumRuns(out: usize, x: usize, outer: i32, kept: i32, inner: i32, scale: f64, from: i32, to: i32): void {
  const bytes = <usize>inner << 2;
  for (let k = from; k < to; k++) {
    let total: f64 = 0;
    for (let o = 0; o < outer; o++) total += wideSum(x + (<usize>o * kept + k) * bytes, inner);
    store<f32>(out + (<usize>k << 2), <f32>(total * scale));
  }
}

/** The case of no `inner`, such as the gradient of a bias: out[k] = scale * (x[0, k] + ... + x[rows - 1, k]). */
export function sumColumns(out: usize, x: usize, rows: i32, columns: i32, scale: f64, from: i32, to: i32): void {
  const stride = <usize>columns << 2;
  let k = from;
  for (; k + 16 <= to; k += 16) {
    let p = x + (<usize>k << 2);
    let a0 = f64x2.splat(0), a1 = a0, b0 = a0, b1 = a0, c0 = a0, c1 = a0, d0 = a0, d1 = a0;
    let row = 0;
    for (; row + 4 <= rows; row += 4, p += 4 * stride) {
      let sum = sumOfRows(p, stride);
      a0 = f64x2.add(a0, lowWide(sum));
      a1 = f64x2.add(a1, highWide(sum));
      sum = sumOfRows(p + 16, stride);
      b0 = f64x2.add(b0, lowWide(sum));
      b1 = f64x2.add(b1, highWide(sum));
      sum = sumOfRows(p + 32, stride);
      c0 = f64x2.add(c0, lowWide(sum));
      c1 = f64x2.add(c1, highWide(sum));
      sum = sumOfRows(p + 48, stride);
      d0 = f64x2.add(d0, lowWide(sum));
      d1 = f64x2.add(d1, highWide(sum));
    }
    for (; row < rows; row++, p += stride) {
      a0 = f64x2.add(a0, lowWide(v128.load(p)));
      a1 = f64x2.add(a1, highWide(v128.load(p)));
      b0 = f64x2.add(b0, lowWide(v128.load(p, 16)));
      b1 = f64x2.add(b1, highWide(v128.load(p, 16)));
      c0 = f64x2.add(c0, lowWide(v128.load(p, 32)));
      c1 = f64x2.add(c1, highWide(v128.load(p, 32)));
      d0 = f64x2.add(d0, lowWide(v128.load(p, 48)));
      d1 = f64x2.add(d1, highWide(v128.load(p, 48)));
    }
    const o = out + (<usize>k << 2);
    const s = f64x2.splat(scale);
    v128.store(o, single(f64x2.mul(a0, s), f64x2.mul(a1, s)));
    v128.store(o, single(f64x2.mul(b0, s), f64x2.mul(b1, s)), 16);
    v128.store(o, single(f64x2.mul(c0, s), f64x2.mul(c1, s)), 32);
    v128.store(o, single(f64x2.mul(d0, s), f64x2.mul(d1, s)), 48);
  }
  for (; k < to; k++) {
    let p = x + (<usize>k << 2);
    let total: f64 = 0;
    let row = 0;
    for (; row + 4 <= rows; row += 4, p += 4 * stride)
      total += <f64>((load<f32>(p) + load<f32>(p + stride)) + (load<f32>(p + 2 * stride) + load<f32>(p + 3 * stride)));
    for (; row < rows; row++, p += stride) total += <f64>load<f32>(p);
    store<f32>(out + (<usize>k << 2), <f32>(total * scale));
  }
}

/** Four neighbouring columns of four rows. */
// @ts-ignore: decorator
@inline
function sumOfRows(p: usize, stride: usize): v128 {
  const pair = f32x4.add(v128.load(p), v128.load(p + stride));
  return f32x4.add(pair, f32x4.add(v128.load(p + 2 * stride), v128.load(p + 3 * stride)));
}

// @ts-ignore: decorator
@inline
function single(low: v128, high: v128): v128 {
  return i8x16.shuffle(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23);
}

const BLOCK = 16384;

/** A long sum in parts: partials[b], in double precision, of the block of 16,384 numbers that begins at x[16,384 b]. */
export function sumBlocks(partials: usize, x: usize, count: i32, from: i32, to: i32): void {
  for (let block = from; block < to; block++) {
    const start = block * BLOCK;
    store<f64>(partials + (<usize>block << 3), wideSum(x + (<usize>start << 2), min(BLOCK, count - start)));
  }
}

/** out[0] = scale * the sum of the partials, in their order. */
export function sumPartials(out: usize, partials: usize, count: i32, scale: f64): void {
  let total: f64 = 0;
  for (let i = 0; i < count; i++) total += load<f64>(partials + (<usize>i << 3));
  store<f32>(out, <f32>(total * scale));
}
