// Windows of an image that four outputs of a row see.

/** First and end of the outputs of a row whose windows lie inside it whole. */
export function firstInside(pad: i32, stride: i32, outputs: i32): i32 {
  return min(outputs, (pad + stride - 1) / stride);
}
export function endInside(length: i32, kernel: i32, pad: i32, stride: i32, outputs: i32): i32 {
  const last = length - kernel + pad;
  return last < 0 ? 0 : min(outputs, last / stride + 1);
}

/** Four numbers `step` apart; nothing beyond the last of them is read. */
// @ts-ignore: decorator
@inline
export function windowVector(from: usize, step: i32): v128 {
  if (step == 1) return v128.load(from);
  if (step == 2) return v128.shuffle<f32>(v128.load(from), v128.load(from, 12), 0, 2, 5, 7);
  const bytes = <usize>step << 2;
  return v128.load32_lane(from + 3 * bytes, v128.load32_lane(from + 2 * bytes, v128.load32_lane(from + bytes, v128.load32_zero(from), 1), 2), 3);
}
