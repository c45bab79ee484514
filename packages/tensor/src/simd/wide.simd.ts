// Sums of many single-precision numbers. Up to 64 of them are added in pairs of pairs, which rounds each of them six times
// at most (and is exact for equal ones), and from then on sums are in double precision.
import { madd } from "./lanes.simd";

// @ts-ignore: decorator
@inline
function sumOf2(p: usize): v128 {
  return f32x4.add(v128.load(p), v128.load(p, 16));
}

// @ts-ignore: decorator
@inline
function sumOf8(p: usize): v128 {
  return f32x4.add(f32x4.add(sumOf2(p), sumOf2(p + 32)), f32x4.add(sumOf2(p + 64), sumOf2(p + 96)));
}

// @ts-ignore: decorator
@inline
function productOf2(p: usize, q: usize): v128 {
  return madd(v128.load(p), v128.load(q), f32x4.mul(v128.load(p, 16), v128.load(q, 16)));
}

// @ts-ignore: decorator
@inline
function productOf8(p: usize, q: usize): v128 {
  return f32x4.add(f32x4.add(productOf2(p, q), productOf2(p + 32, q + 32)), f32x4.add(productOf2(p + 64, q + 64), productOf2(p + 96, q + 96)));
}

// @ts-ignore: decorator
@inline
export function lowWide(x: v128): v128 {
  return f64x2.promote_low_f32x4(x);
}

// @ts-ignore: decorator
@inline
export function highWide(x: v128): v128 {
  return f64x2.promote_low_f32x4(i8x16.shuffle(x, x, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7));
}

// @ts-ignore: decorator
@inline
export function sumOfLanes(x: v128): f64 {
  return f64x2.extract_lane(x, 0) + f64x2.extract_lane(x, 1);
}

/** x[0] + ... + x[count - 1]. */
export function wideSum(x: usize, count: usize): f64 {
  let a = f64x2.splat(0);
  let b = a;
  for (let end = x + ((count & ~63) << 2); x < end; x += 256) {
    const sum = f32x4.add(sumOf8(x), sumOf8(x + 128));
    a = f64x2.add(a, lowWide(sum));
    b = f64x2.add(b, highWide(sum));
  }
  for (let end = x + ((count & 60) << 2); x < end; x += 16) {
    const four = v128.load(x);
    a = f64x2.add(a, lowWide(four));
    b = f64x2.add(b, highWide(four));
  }
  let sum = sumOfLanes(f64x2.add(a, b));
  for (let end = x + ((count & 3) << 2); x < end; x += 4) sum += <f64>load<f32>(x);
  return sum;
}

/** x[0] y[0] + ... + x[count - 1] y[count - 1]. */
export function wideDot(x: usize, y: usize, count: usize): f64 {
  let a = f64x2.splat(0);
  let b = a;
  for (let end = x + ((count & ~63) << 2); x < end; x += 256, y += 256) {
    const sum = f32x4.add(productOf8(x, y), productOf8(x + 128, y + 128));
    a = f64x2.add(a, lowWide(sum));
    b = f64x2.add(b, highWide(sum));
  }
  for (let end = x + ((count & 60) << 2); x < end; x += 16, y += 16) {
    const four = f32x4.mul(v128.load(x), v128.load(y));
    a = f64x2.add(a, lowWide(four));
    b = f64x2.add(b, highWide(four));
  }
  let sum = sumOfLanes(f64x2.add(a, b));
  for (let end = x + ((count & 3) << 2); x < end; x += 4, y += 4) sum += <f64>load<f32>(x) * <f64>load<f32>(y);
  return sum;
}
