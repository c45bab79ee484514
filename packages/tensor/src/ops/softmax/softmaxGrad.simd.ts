// From the gradient d of a result y, along the last axis; from and to are rows of `columns` numbers.
import { expOf } from "../../simd/exponential.simd";
import { madd } from "../../simd/lanes.simd";
import { loadPart, storePart } from "../../simd/loops.simd";
import { wideDot, wideSum } from "../../simd/wide.simd";

/** out = y (d - sum(d y)) */
export function softmaxGradRows(out: usize, d: usize, y: usize, columns: i32, from: i32, to: i32): void {
  const bytes = <usize>columns << 2;
  for (let row = <usize>from; row < <usize>to; row++) {
    let o = out + row * bytes, p = d + row * bytes, q = y + row * bytes;
    const shift = f32x4.splat(<f32>wideDot(p, q, columns));
    for (const end = p + (bytes & ~15); p < end; p += 16, q += 16, o += 16) v128.store(o, f32x4.mul(v128.load(q), f32x4.sub(v128.load(p), shift)));
    const left = columns & 3;
    const zero = f32x4.splat(0);
    storePart(o, f32x4.mul(loadPart(q, left, zero), f32x4.sub(loadPart(p, left, zero), shift)), left);
  }
}

/** out = d - e^y sum(d), with y the logarithm of softmax. */
export function logSoftmaxGradRows(out: usize, d: usize, y: usize, columns: i32, from: i32, to: i32): void {
  const bytes = <usize>columns << 2;
  for (let row = <usize>from; row < <usize>to; row++) {
    let o = out + row * bytes, p = d + row * bytes, q = y + row * bytes;
    const minus = f32x4.splat(-<f32>wideSum(p, columns));
    for (const end = p + (bytes & ~15); p < end; p += 16, q += 16, o += 16) v128.store(o, madd(expOf(v128.load(q)), minus, v128.load(p)));
    const left = columns & 3;
    const zero = f32x4.splat(0);
    if (left > 0) storePart(o, madd(expOf(loadPart(q, left, zero)), minus, loadPart(p, left, zero)), left);
  }
}
