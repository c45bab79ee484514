// What the derivatives of elementwise functions compute, in one pass: from the gradient d of a result y, for
// from <= i < to.
import { zipVectors } from "../../simd/loops.simd";

const ONE = memory.data<f32>([1]);

class ReluGrad { @inline at(d: v128, y: v128): v128 { return v128.andnot(d, f32x4.le(y, f32x4.splat(0))); } }
// 1 - y^2 as (1 - y)(1 + y), and y (1 - y): near saturation the difference keeps its digits.
class TanhGrad {
  @inline at(d: v128, y: v128): v128 {
    const one = v128.load32_splat(ONE);
    return f32x4.mul(d, f32x4.mul(f32x4.sub(one, y), f32x4.add(one, y)));
  }
}
class SigmoidGrad { @inline at(d: v128, y: v128): v128 { return f32x4.mul(d, f32x4.mul(y, f32x4.sub(v128.load32_splat(ONE), y))); } }

export function reluGradZip(out: usize, d: usize, y: usize, from: i32, to: i32): void {
  const at = <usize>from << 2;
  zipVectors<ReluGrad>(out + at, d + at, y + at, to - from);
}
export function tanhGradZip(out: usize, d: usize, y: usize, from: i32, to: i32): void {
  const at = <usize>from << 2;
  zipVectors<TanhGrad>(out + at, d + at, y + at, to - from);
}
export function sigmoidGradZip(out: usize, d: usize, y: usize, from: i32, to: i32): void {
  const at = <usize>from << 2;
  zipVectors<SigmoidGrad>(out + at, d + at, y + at, to - from);
}
