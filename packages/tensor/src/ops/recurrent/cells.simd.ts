import { sigmoidOf, tanhOf } from "../../simd/exponential.simd";
import { madd } from "../../simd/lanes.simd";
import { loadPart, storePart, zipVectors } from "../../simd/loops.simd";

const ONE = memory.data<f32>([1]);

/** Four numbers, or as many as are left of a row. */
// @ts-ignore: decorator
@inline
function take(p: usize, left: usize): v128 {
  return left >= 4 ? v128.load(p) : loadPart(p, left, f32x4.splat(0));
}

// @ts-ignore: decorator
@inline
function put(p: usize, x: v128, left: usize): void {
  if (left >= 4) v128.store(p, x);
  else storePart(p, x, left);
}

/** x + h of a gate. */
// @ts-ignore: decorator
@inline
function sum2(x: usize, h: usize, left: usize): v128 {
  return f32x4.add(take(x, left), take(h, left));
}

// @ts-ignore: decorator
@inline
function sum3(x: usize, h: usize, b: usize, left: usize): v128 {
  return f32x4.add(sum2(x, h, left), take(b, left));
}

/** s (1 - s) */
// @ts-ignore: decorator
@inline
function sigmoidSlope(s: v128): v128 {
  return f32x4.mul(s, f32x4.sub(v128.load32_splat(ONE), s));
}

/** 1 - t^2 */
// @ts-ignore: decorator
@inline
function tanhSlope(t: v128): v128 {
  return f32x4.sub(v128.load32_splat(ONE), f32x4.mul(t, t));
}

class TanhOfSum { @inline at(x: v128, y: v128): v128 { return tanhOf(f32x4.add(x, y)); } }

/** out[i] = tanh(x[i] + h[i]) for from <= i < to. */
export function rnnCellForward(out: usize, x: usize, h: usize, from: i32, to: i32): void {
  const at = <usize>from << 2;
  zipVectors<TanhOfSum>(out + at, x + at, h + at, to - from);
}

/** h' and c' of the rows from <= row < to. */
export function lstmCellForward(out: usize, xGates: usize, hGates: usize, c: usize, batch: i32, hidden: i32, from: i32, to: i32): void {
  const width = <usize>hidden << 2; // bytes of a gate
  const half = <usize>batch * width;
  for (let row = <usize>from; row < <usize>to; row++)
    for (let left = <usize>hidden, at = row * width, k = row * (width << 2); ; left -= 4, at += 16, k += 16) {
      const x = xGates + k;
      const h = hGates + k;
      const input = f32x4.mul(sigmoidOf(sum2(x, h, left)), tanhOf(sum2(x + 2 * width, h + 2 * width, left)));
      const next = madd(sigmoidOf(sum2(x + width, h + width, left)), take(c + at, left), input);
      put(out + half + at, next, left);
      put(out + at, f32x4.mul(sigmoidOf(sum2(x + 3 * width, h + 3 * width, left)), tanhOf(next)), left);
      if (left <= 4) break;
    }
}

/** Gradients of the rows from <= row < to; those of the two gates are the same. 0: not wanted. */
export function lstmCellBackward(dX: usize, dH: usize, dC: usize, dOut: usize, xGates: usize, hGates: usize, c: usize, batch: i32, hidden: i32, from: i32, to: i32): void {
  const width = <usize>hidden << 2;
  const half = <usize>batch * width;
  for (let row = <usize>from; row < <usize>to; row++)
    for (let left = <usize>hidden, at = row * width, k = row * (width << 2); ; left -= 4, at += 16, k += 16) {
      const x = xGates + k;
      const h = hGates + k;
      const i = sigmoidOf(sum2(x, h, left));
      const f = sigmoidOf(sum2(x + width, h + width, left));
      const g = tanhOf(sum2(x + 2 * width, h + 2 * width, left));
      const o = sigmoidOf(sum2(x + 3 * width, h + 3 * width, left));
      const before = take(c + at, left);
      const t = tanhOf(madd(f, before, f32x4.mul(i, g)));
      const d = take(dOut + at, left);
      const dNext = madd(f32x4.mul(d, o), tanhSlope(t), take(dOut + half + at, left));
      const di = f32x4.mul(f32x4.mul(dNext, g), sigmoidSlope(i));
      const df = f32x4.mul(f32x4.mul(dNext, before), sigmoidSlope(f));
      const dg = f32x4.mul(f32x4.mul(dNext, i), tanhSlope(g));
      const dO = f32x4.mul(f32x4.mul(d, t), sigmoidSlope(o));
      if (dX) putGates(dX + k, width, di, df, dg, dO, left);
      if (dH) putGates(dH + k, width, di, df, dg, dO, left);
      if (dC) put(dC + at, f32x4.mul(dNext, f), left);
      if (left <= 4) break;
    }
}

function putGates(to: usize, width: usize, a: v128, b: v128, c: v128, d: v128, left: usize): void {
  put(to, a, left);
  put(to + width, b, left);
  put(to + 2 * width, c, left);
  put(to + 3 * width, d, left);
}

/** The next h of the rows from <= row < to. */
export function gruCellForward(out: usize, xGates: usize, hGates: usize, bias: usize, state: usize, hidden: i32, from: i32, to: i32): void {
  const width = <usize>hidden << 2;
  for (let row = <usize>from; row < <usize>to; row++)
    for (let left = <usize>hidden, at = row * width, k = row * (width * 3), b = bias; ; left -= 4, at += 16, k += 16, b += 16) {
      const x = xGates + k;
      const h = hGates + k;
      const r = sigmoidOf(sum3(x, h, b, left));
      const z = sigmoidOf(sum3(x + width, h + width, b + width, left));
      const n = tanhOf(madd(r, sum2(h + 2 * width, b + 2 * width, left), take(x + 2 * width, left)));
      put(out + at, madd(z, take(state + at, left), f32x4.mul(f32x4.sub(v128.load32_splat(ONE), z), n)), left);
      if (left <= 4) break;
    }
}

/** Gradients of four units a block, from <= block < to, in all rows: the bias has the sum over rows. 0: not wanted. */
export function gruCellBackward(dX: usize, dH: usize, dBias: usize, dState: usize, dOut: usize, xGates: usize, hGates: usize, bias: usize, state: usize, batch: i32, hidden: i32, from: i32, to: i32): void {
  const width = <usize>hidden << 2;
  for (let block = <usize>from; block < <usize>to; block++) {
    const left = <usize>hidden - (block << 2);
    const b = bias + (block << 4);
    let sumR = f32x4.splat(0);
    let sumZ = f32x4.splat(0);
    let sumM = f32x4.splat(0);
    for (let row: i32 = 0, at = block << 4, k = block << 4; row < batch; row++, at += width, k += 3 * width) {
      const x = xGates + k;
      const h = hGates + k;
      const m = sum2(h + 2 * width, b + 2 * width, left);
      const r = sigmoidOf(sum3(x, h, b, left));
      const z = sigmoidOf(sum3(x + width, h + width, b + width, left));
      const n = tanhOf(madd(r, m, take(x + 2 * width, left)));
      const d = take(dOut + at, left);
      const dn = f32x4.mul(f32x4.mul(d, f32x4.sub(v128.load32_splat(ONE), z)), tanhSlope(n));
      const dz = f32x4.mul(f32x4.mul(d, f32x4.sub(take(state + at, left), n)), sigmoidSlope(z));
      const dr = f32x4.mul(f32x4.mul(dn, m), sigmoidSlope(r));
      const dm = f32x4.mul(dn, r);
      if (dX) {
        put(dX + k, dr, left);
        put(dX + k + width, dz, left);
        put(dX + k + 2 * width, dn, left);
      }
      if (dH) {
        put(dH + k, dr, left);
        put(dH + k + width, dz, left);
        put(dH + k + 2 * width, dm, left);
      }
      if (dState) put(dState + at, f32x4.mul(d, z), left);
      sumR = f32x4.add(sumR, dr);
      sumZ = f32x4.add(sumZ, dz);
      sumM = f32x4.add(sumM, dm);
    }
    if (dBias) {
      put(dBias + (block << 4), sumR, left);
      put(dBias + (block << 4) + width, sumZ, left);
      put(dBias + (block << 4) + 2 * width, sumM, left);
    }
  }
}
