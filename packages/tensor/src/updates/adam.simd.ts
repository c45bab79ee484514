import { madd } from "../simd/lanes.simd";
import { loadPart, storePart } from "../simd/loops.simd";
import { acrossLanes, BLOCK, bytesOfBlock, firstLanes, RUN, storeSums } from "../simd/updates.simd";

/** Of a number whose square is finite, and room for a rounding; that of @llr/optim's plain loops. */
const LIMIT: f32 = 1.8e19;

/** Finite numbers within LIMIT: a second moment that was infinite once would stay so. An infinity becomes NaN, as its product with 0. */
// @ts-ignore: decorator
@inline
function withinSquares(d: v128): v128 {
  return madd(d, f32x4.splat(0), f32x4.pmax(f32x4.pmin(d, f32x4.splat(LIMIT)), f32x4.splat(-LIMIT)));
}

/** Two sums at a time, since each addition waits for the one before it. */
// @ts-ignore: decorator
@inline
function squaresOf(x: usize, end: usize): f64 {
  let a = f32x4.splat(0), b = a;
  for (; x + 32 <= end; x += 32) {
    const even = v128.load(x), odd = v128.load(x, 16);
    a = madd(even, even, a);
    b = madd(odd, odd, b);
  }
  if (x < end) {
    const last = v128.load(x);
    a = madd(last, last, a);
  }
  return acrossLanes(f32x4.add(a, b));
}

/** Writes w, m and v for the four numbers (or the first `count`) at p and q; returns the change that was subtracted. */
// @ts-ignore: decorator
@inline
function step(bounded: bool, count: i32, p: usize, r: usize, s: usize, x: v128, y: v128, inner: v128, l2: v128, new1: v128, new2: v128, rate: v128, scale: v128, eps: v128, decay: v128): v128 {
  const zero = f32x4.splat(0);
  let d = madd(l2, x, f32x4.mul(inner, y));
  if (bounded) d = withinSquares(d);
  const m0 = count == 4 ? v128.load(r) : loadPart(r, count, zero);
  const v0 = count == 4 ? v128.load(s) : loadPart(s, count, zero);
  // m + (1 - beta) (d - m): as beta m + (1 - beta) d with both factors rounded, a constant d would not be kept.
  const m = madd(new1, f32x4.sub(d, m0), m0);
  const v = madd(new2, f32x4.sub(f32x4.mul(d, d), v0), v0);
  const change = madd(decay, x, f32x4.div(f32x4.mul(rate, m), madd(scale, f32x4.sqrt(v), eps)));
  const after = f32x4.sub(x, change);
  if (count == 4) {
    v128.store(r, m);
    v128.store(s, v);
    v128.store(p, after);
    return change;
  }
  storePart(r, m, count);
  storePart(s, v, count);
  storePart(p, after, count);
  return firstLanes(change, count); // with eps = 0 the unused lanes are 0 / 0
}

/**
 * d = inner g + l2 w; m = m + new1 (d - m); v = v + new2 (d^2 - v); w = w - (rate m / (scale sqrt(v) + eps) + decay w).
 * The squares of a run's w and g are added up before it is written: they say whether a d^2 can overflow.
 */
export function updateAdam(w: usize, g: usize, firstMoment: usize, secondMoment: usize, count: i32, partials: usize, inner: f32, l2: f32, new1: f32, new2: f32, rate: f32, scale: f32, eps: f32, decay: f32, from: i32, to: i32): void {
  const inner4 = f32x4.splat(inner), l24 = f32x4.splat(l2), new14 = f32x4.splat(new1), new24 = f32x4.splat(new2);
  const rate4 = f32x4.splat(rate), scale4 = f32x4.splat(scale), eps4 = f32x4.splat(eps), decay4 = f32x4.splat(decay);
  // d^2 <= 2 (inner g)^2 + 2 (l2 w)^2
  const ofG = 2 * <f64>inner * <f64>inner, ofW = 2 * <f64>l2 * <f64>l2, most = <f64>LIMIT * <f64>LIMIT;
  for (let block = from; block < to; block++) {
    const start = <usize>(block * BLOCK) << 2;
    const bytes = bytesOfBlock(block, count);
    let sumW: f64 = 0, sumG: f64 = 0, sumChange: f64 = 0;
    let p = w + start, q = g + start, r = firstMoment + start, s = secondMoment + start;
    const end = p + (bytes & ~15);
    while (p < end) {
      const stop = min(end, p + RUN);
      const ofRunW = squaresOf(p, stop), ofRunG = squaresOf(q, q + (stop - p));
      let c = f32x4.splat(0);
      if (ofG * ofRunG + ofW * ofRunW < most)
        for (; p < stop; p += 16, q += 16, r += 16, s += 16) {
          const change = step(false, 4, p, r, s, v128.load(p), v128.load(q), inner4, l24, new14, new24, rate4, scale4, eps4, decay4);
          c = madd(change, change, c);
        }
      else
        for (; p < stop; p += 16, q += 16, r += 16, s += 16) {
          const change = step(true, 4, p, r, s, v128.load(p), v128.load(q), inner4, l24, new14, new24, rate4, scale4, eps4, decay4);
          c = madd(change, change, c);
        }
      sumW += ofRunW;
      sumG += ofRunG;
      sumChange += acrossLanes(c);
    }
    const left = <i32>(bytes & 15) >> 2;
    if (left > 0) {
      const x = loadPart(p, left, f32x4.splat(0)), y = loadPart(q, left, f32x4.splat(0));
      const change = step(true, left, p, r, s, x, y, inner4, l24, new14, new24, rate4, scale4, eps4, decay4);
      sumW += acrossLanes(f32x4.mul(x, x));
      sumG += acrossLanes(f32x4.mul(y, y));
      sumChange += acrossLanes(f32x4.mul(change, change));
    }
    storeSums(partials, block, sumW, sumG, sumChange);
  }
}
