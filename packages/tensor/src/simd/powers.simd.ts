// The sum of e^(x - max) over a row: what softmax, its logarithm and cross-entropy have in common.
import { expOf } from "./exponential.simd";
import { loadPart, storePart } from "./loops.simd";
import { highWide, lowWide, sumOfLanes } from "./wide.simd";

const LOWEST = memory.data<f32>([-Infinity]);

/** The largest of the numbers that are not NaN, -Infinity if there is none. (A NaN shows in the sum of powers.) */
export function rowMaximum(x: usize, count: usize): f32 {
  const lowest = v128.load32_splat(LOWEST);
  let a = lowest, b = lowest, c = lowest, d = lowest;
  // pmax(a, x) is a < x ? x : a.
  for (let end = x + ((count & ~15) << 2); x < end; x += 64) {
    a = f32x4.pmax(a, v128.load(x));
    b = f32x4.pmax(b, v128.load(x, 16));
    c = f32x4.pmax(c, v128.load(x, 32));
    d = f32x4.pmax(d, v128.load(x, 48));
  }
  for (let end = x + ((count & 12) << 2); x < end; x += 16) a = f32x4.pmax(a, v128.load(x));
  b = f32x4.pmax(b, loadPart(x, count & 3, lowest));
  a = f32x4.pmax(f32x4.pmax(a, b), f32x4.pmax(c, d));
  a = f32x4.pmax(a, i8x16.shuffle(a, a, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7));
  return max(f32x4.extract_lane(a, 0), f32x4.extract_lane(a, 1));
}

/** The sum of e^(x[i] - max), each of them written to `out` if that is not 0. NaN if one of them is. */
// @ts-ignore: decorator
@inline
function sumOfPowers(out: usize, x: usize, count: usize, max: f32, write: bool): f64 {
  const shift = f32x4.splat(max);
  let a = f64x2.splat(0);
  let b = a;
  for (let end = x + ((count & ~3) << 2); x < end; x += 16) {
    const power = expOf(f32x4.sub(v128.load(x), shift));
    if (write) {
      v128.store(out, power);
      out += 16;
    }
    a = f64x2.add(a, lowWide(power));
    b = f64x2.add(b, highWide(power));
  }
  const left = count & 3;
  if (left > 0) {
    // e^-Infinity adds nothing.
    const power = expOf(f32x4.sub(loadPart(x, left, v128.load32_splat(LOWEST)), shift));
    if (write) storePart(out, power, left);
    a = f64x2.add(a, lowWide(power));
    b = f64x2.add(b, highWide(power));
  }
  return sumOfLanes(f64x2.add(a, b));
}

export function powerSum(x: usize, count: usize, max: f32): f64 {
  return sumOfPowers(0, x, count, max, false);
}

export function writePowers(out: usize, x: usize, count: usize, max: f32): f64 {
  return sumOfPowers(out, x, count, max, true);
}
