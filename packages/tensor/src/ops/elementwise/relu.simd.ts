const ZERO: usize = memory.data<f32>([0]);

/** out[i] = max(x[i], 0) for from <= i < to; NaN stays NaN. */
export function reluMap(out: usize, x: usize, from: i32, to: i32): void {
  const zero = v128.load32_splat(ZERO);
  let o = out + (<usize>from << 2);
  let p = x + (<usize>from << 2);
  const end = x + (<usize>to << 2);
  for (; p + 16 <= end; p += 16, o += 16) v128.store(o, f32x4.max(v128.load(p), zero));
  for (; p < end; p += 4, o += 4) store<f32>(o, max<f32>(load<f32>(p), 0));
}
