// What kernels share. Functions here are inlined; only what a kernel file exports becomes part of the module's interface.

/** c + a * b, rounded once in the variant with fused multiply-add, twice in the portable one. */
// @ts-ignore: decorator
@inline
export function madd(a: v128, b: v128, c: v128): v128 {
  if (FUSED) return f32x4.relaxed_madd(a, b, c);
  else return f32x4.add(f32x4.mul(a, b), c);
}

/** Stores the first `count` of four numbers, all if there are more; unless `add` is 0, added to what is there. */
export function storeLanes(to: usize, lanes: v128, count: i32, add: i32): void {
  if (count >= 4) v128.store(to, add ? f32x4.add(v128.load(to), lanes) : lanes);
  else
    for (; count > 0; count--, to += 4) {
      const x = f32x4.extract_lane(lanes, 0);
      store<f32>(to, add ? load<f32>(to) + x : x);
      lanes = v128.shuffle<f32>(lanes, lanes, 1, 2, 3, 0);
    }
}
