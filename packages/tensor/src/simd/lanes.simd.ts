// What kernels share. Functions here are inlined; only what a kernel file exports becomes part of the module's interface.

/** c + a * b, rounded once in the variant with fused multiply-add, twice in the portable one. */
// @ts-ignore: decorator
@inline
export function madd(a: v128, b: v128, c: v128): v128 {
  if (FUSED) return f32x4.relaxed_madd(a, b, c);
  else return f32x4.add(f32x4.mul(a, b), c);
}
