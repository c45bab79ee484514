import { madd } from "../simd/lanes.simd";
import { BLOCK, bytesOfBlock } from "../simd/updates.simd";
import { highWide, lowWide, sumOfLanes } from "../simd/wide.simd";

// @ts-ignore: decorator
@inline
function squaresOf2(p: usize): v128 {
  const a = v128.load(p), b = v128.load(p, 16);
  return madd(a, a, f32x4.mul(b, b));
}

// @ts-ignore: decorator
@inline
function squaresOf8(p: usize): v128 {
  return f32x4.add(f32x4.add(squaresOf2(p), squaresOf2(p + 32)), f32x4.add(squaresOf2(p + 64), squaresOf2(p + 96)));
}

/** Squares of a group of 64 are added up in single precision, where those of numbers below 1e-19 vanish and above 1e19 overflow. */
// @ts-ignore: decorator
@inline
function squaresFast(x: usize, end: usize): f64 {
  let a = f64x2.splat(0), b = a;
  for (; x < end; x += 256) {
    const sum = f32x4.add(squaresOf8(x), squaresOf8(x + 128));
    a = f64x2.add(a, lowWide(sum));
    b = f64x2.add(b, highWide(sum));
  }
  return sumOfLanes(f64x2.add(a, b));
}

/** Squares in double precision, which neither vanish nor overflow. */
// @ts-ignore: decorator
@inline
function squaresWide(x: usize, end: usize): f64 {
  let a = f64x2.splat(0), b = a;
  for (const stop = x + ((end - x) & ~15); x < stop; x += 16) {
    const low = lowWide(v128.load(x)), high = highWide(v128.load(x));
    a = f64x2.add(a, f64x2.mul(low, low));
    b = f64x2.add(b, f64x2.mul(high, high));
  }
  let sum = sumOfLanes(f64x2.add(a, b));
  for (; x < end; x += 4) sum += <f64>load<f32>(x) * <f64>load<f32>(x);
  return sum;
}

/** partials[b] = the sum of the squares of block b. */
export function normSquares(partials: usize, x: usize, count: i32, from: i32, to: i32): void {
  for (let block = from; block < to; block++) {
    const start = x + (<usize>(block * BLOCK) << 2);
    const bytes = bytesOfBlock(block, count);
    const groups = start + (bytes & ~255);
    let sum = squaresFast(start, groups);
    // With this sum, what vanished among 16,384 squares is less than 1e-10 of it.
    if (!(sum > 1e-24 && sum < Infinity)) sum = squaresWide(start, groups);
    store<f64>(partials + (<usize>block << 3), sum + squaresWide(groups, start + bytes));
  }
}

/** mean = mean + added (x - mean); partials[b] = the sum of (x - mean)^2 over block b, with the mean as it was before. */
export function updateMean(mean: usize, x: usize, count: i32, partials: usize, added: f32, from: i32, to: i32): void {
  const added4 = f32x4.splat(added);
  for (let block = from; block < to; block++) {
    const start = <usize>(block * BLOCK) << 2;
    const bytes = bytesOfBlock(block, count);
    let a = f64x2.splat(0), b = a;
    let p = mean + start, q = x + start;
    for (const end = p + (bytes & ~15); p < end; p += 16, q += 16) {
      const before = v128.load(p);
      const distance = f32x4.sub(v128.load(q), before);
      v128.store(p, madd(added4, distance, before));
      // In double precision: a rate is decided by this distance, and it may be tiny.
      const low = lowWide(distance), high = highWide(distance);
      a = f64x2.add(a, f64x2.mul(low, low));
      b = f64x2.add(b, f64x2.mul(high, high));
    }
    let sum = sumOfLanes(f64x2.add(a, b));
    for (const end = mean + start + bytes; p < end; p += 4, q += 4) {
      const before = load<f32>(p);
      const distance = load<f32>(q) - before;
      // The same rounding as above, whichever it is.
      store<f32>(p, f32x4.extract_lane(madd(added4, f32x4.splat(distance), f32x4.splat(before)), 0));
      sum += <f64>distance * <f64>distance;
    }
    store<f64>(partials + (<usize>block << 3), sum);
  }
}

/** The sum of partials[0], partials[step], ... , `count` of them, in this order. */
export function partialsTotal(partials: usize, count: i32, step: i32): f64 {
  let total: f64 = 0;
  for (let i = 0; i < count; i++) total += load<f64>(partials + (<usize>(i * step) << 3));
  return total;
}
