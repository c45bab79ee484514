// A 4 x 4 block transposed on its way from one place to another.

/** to[p * toStep + w] = from[w * fromStep + p] for p, w in 0..3; steps in bytes. */
// @ts-ignore: decorator
@inline
export function transpose4(to: usize, toStep: usize, from: usize, fromStep: usize): void {
  const a = v128.load(from);
  const b = v128.load(from + fromStep);
  const c = v128.load(from + 2 * fromStep);
  const d = v128.load(from + 3 * fromStep);
  const ab0 = v128.shuffle<f32>(a, b, 0, 4, 1, 5); // a0 b0 a1 b1
  const ab2 = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
  const cd0 = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
  const cd2 = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<f64>(ab0, cd0, 0, 2));
  v128.store(to + toStep, v128.shuffle<f64>(ab0, cd0, 1, 3));
  v128.store(to + 2 * toStep, v128.shuffle<f64>(ab2, cd2, 0, 2));
  v128.store(to + 3 * toStep, v128.shuffle<f64>(ab2, cd2, 1, 3));
}
