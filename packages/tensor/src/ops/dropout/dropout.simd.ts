/** out[i] = x[i] * mask[i] * scale for from <= i < to; the mask is bytes of 0 and 1. As in the reference, 0 times infinity is NaN. */
export function dropoutMaskMap(out: usize, x: usize, mask: usize, scale: f32, from: i32, to: i32): void {
  const factor = f32x4.splat(scale);
  const last = to - 3;
  let i = from;
  for (; i < last; i += 4) {
    // Four bytes, widened twice.
    const kept = f32x4.convert_i32x4_u(i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(mask + i))));
    v128.store(out + (<usize>i << 2), f32x4.mul(f32x4.mul(v128.load(x + (<usize>i << 2)), kept), factor));
  }
  for (; i < to; i++) store<f32>(out + (<usize>i << 2), load<f32>(x + (<usize>i << 2)) * f32(load<u8>(mask + i)) * scale);
}
