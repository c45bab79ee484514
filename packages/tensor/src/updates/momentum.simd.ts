import { madd } from "../simd/lanes.simd";
import { loadPart, storePart } from "../simd/loops.simd";
import { acrossLanes, BLOCK, bytesOfBlock, RUN, storeSums } from "../simd/updates.simd";

// How the scaled gradient becomes a step: itself, the buffer, or a mixture of both.
// @ts-ignore: decorator
@inline
const PLAIN = 0;
// @ts-ignore: decorator
@inline
const HEAVY_BALL = 1;
// @ts-ignore: decorator
@inline
const NESTEROV = 2;

/** Writes w and v for the four numbers (or the first `count`) x of w and y of g; returns the change that was subtracted. */
// @ts-ignore: decorator
@inline
function step(kind: i32, count: i32, p: usize, r: usize, x: v128, y: v128, inner: v128, l2: v128, carried: v128, added: v128, ofGradient: v128, ofBuffer: v128, decay: v128): v128 {
  const d = madd(l2, x, f32x4.mul(inner, y));
  let change = f32x4.mul(decay, x);
  if (kind != PLAIN) {
    const velocity = madd(carried, count == 4 ? v128.load(r) : loadPart(r, count, f32x4.splat(0)), kind == HEAVY_BALL ? d : f32x4.mul(added, d));
    if (count == 4) v128.store(r, velocity);
    else storePart(r, velocity, count);
    change = madd(ofBuffer, velocity, change);
  }
  if (kind != HEAVY_BALL) change = madd(ofGradient, d, change);
  const after = f32x4.sub(x, change);
  if (count == 4) v128.store(p, after);
  else storePart(p, after, count);
  return change;
}

// @ts-ignore: decorator
@inline
function update(kind: i32, w: usize, g: usize, v: usize, count: i32, partials: usize, innerOne: f32, l2One: f32, carriedOne: f32, addedOne: f32, ofGradientOne: f32, ofBufferOne: f32, decayOne: f32, from: i32, to: i32): void {
  const inner = f32x4.splat(innerOne), l2 = f32x4.splat(l2One), carried = f32x4.splat(carriedOne), added = f32x4.splat(addedOne);
  const ofGradient = f32x4.splat(ofGradientOne), ofBuffer = f32x4.splat(ofBufferOne), decay = f32x4.splat(decayOne);
  for (let block = from; block < to; block++) {
    const start = <usize>(block * BLOCK) << 2;
    const bytes = bytesOfBlock(block, count);
    let sumW: f64 = 0, sumG: f64 = 0, sumChange: f64 = 0;
    let p = w + start, q = g + start, r = v + start;
    const end = p + (bytes & ~15);
    while (p < end) {
      const stop = min(end, p + RUN);
      let a = f32x4.splat(0), b = a, c = a;
      for (; p < stop; p += 16, q += 16, r += 16) {
        const x = v128.load(p), y = v128.load(q);
        const change = step(kind, 4, p, r, x, y, inner, l2, carried, added, ofGradient, ofBuffer, decay);
        a = madd(x, x, a);
        b = madd(y, y, b);
        c = madd(change, change, c);
      }
      sumW += acrossLanes(a);
      sumG += acrossLanes(b);
      sumChange += acrossLanes(c);
    }
    const left = <i32>(bytes & 15) >> 2;
    if (left > 0) {
      const zero = f32x4.splat(0);
      const x = loadPart(p, left, zero), y = loadPart(q, left, zero);
      const change = step(kind, left, p, r, x, y, inner, l2, carried, added, ofGradient, ofBuffer, decay);
      sumW += acrossLanes(f32x4.mul(x, x));
      sumG += acrossLanes(f32x4.mul(y, y));
      sumChange += acrossLanes(f32x4.mul(change, change));
    }
    storeSums(partials, block, sumW, sumG, sumChange);
  }
}

// d = inner g + l2 w; v = carried v + added d; w = w - (ofGradient d + ofBuffer v + decay w). Heavy ball needs d for v alone:
// the caller has multiplied inner and l2 by `added`.

export function updateDescent(w: usize, g: usize, count: i32, partials: usize, inner: f32, l2: f32, ofGradient: f32, decay: f32, from: i32, to: i32): void {
  update(PLAIN, w, g, 0, count, partials, inner, l2, 0, 0, ofGradient, 0, decay, from, to);
}
export function updateHeavyBall(w: usize, g: usize, v: usize, count: i32, partials: usize, inner: f32, l2: f32, carried: f32, ofBuffer: f32, decay: f32, from: i32, to: i32): void {
  update(HEAVY_BALL, w, g, v, count, partials, inner, l2, carried, 1, 0, ofBuffer, decay, from, to);
}
export function updateNesterov(w: usize, g: usize, v: usize, count: i32, partials: usize, inner: f32, l2: f32, carried: f32, added: f32, ofGradient: f32, ofBuffer: f32, decay: f32, from: i32, to: i32): void {
  update(NESTEROV, w, g, v, count, partials, inner, l2, carried, added, ofGradient, ofBuffer, decay, from, to);
}
