// Images unfolded along their rows, and back: the layout in which every tap of a convolution sees the pixels of all outputs
// one behind the other, whatever the stride, the padding and the dilation.

/** What plan.ts computes, in its order. Sizes that end in Bytes, and tables, are byte offsets. */
@unmanaged
export class Plan {
  batch: i32; chunks: i32;
  channels: i32; height: i32; width: i32; imageBytes: i32;
  out: i32; outHeight: i32; outWidth: i32; outImageBytes: i32;
  kernelWidth: i32; strideY: i32; strideX: i32; padY: i32; padX: i32; dilationX: i32;
  depth: i32; phases: i32; stripRows: i32; extraRows: i32; planeBytes: i32; unfoldedBytes: i32;
  pass: i32; gradPitch: i32; workBytes: i32;
  taps: i32; outRows: i32; gradRows: i32; phaseRows: i32;
}

/** First and end of the outputs of a row whose tap lies inside the image. */
function firstColumn(p: Plan, tap: i32): i32 {
  const missing = p.padX - tap * p.dilationX;
  return missing <= 0 ? 0 : min(p.outWidth, (missing + p.strideX - 1) / p.strideX);
}
function endColumn(p: Plan, tap: i32): i32 {
  const last = p.width - 1 + p.padX - tap * p.dilationX;
  return last < 0 ? 0 : min(p.outWidth, last / p.strideX + 1);
}

/** Whether some tap of some output lies beside the image: there `unfold` writes nothing. */
export function reachesBeside(p: Plan): bool {
  return p.padX > 0 || (p.outWidth - 1) * p.strideX + (p.kernelWidth - 1) * p.dilationX >= p.width;
}

export function zeroFill(to: usize, bytes: usize): void {
  const end = to + bytes;
  for (; to + 16 <= end; to += 16) v128.store(to, f32x4.splat(0));
  for (; to < end; to += 4) store<f32>(to, 0);
}

/** to[j] = from[j * step], j < n; reads nothing beyond from[(n - 1) * step]. */
// @ts-ignore: decorator
@inline
export function copyRow(to: usize, from: usize, n: i32, step: i32): void {
  const end = to + (<usize>n << 2);
  if (step == 1 && n >= 4) {
    const last = end - 16, lastFrom = from + (<usize>(n - 4) << 2);
    for (; to < last; to += 16, from += 16) v128.store(to, v128.load(from));
    v128.store(last, v128.load(lastFrom));
  } else {
    if (step == 2)
      for (; to + 16 < end; to += 16, from += 32) v128.store(to, v128.shuffle<f32>(v128.load(from), v128.load(from, 16), 0, 2, 4, 6));
    for (; to < end; to += 4, from += <usize>step << 2) store<f32>(to, load<f32>(from));
  }
}

/** to[j * step] += from[j], j < n. */
// @ts-ignore: decorator
@inline
function addRow(to: usize, from: usize, n: i32, step: i32): void {
  const end = from + (<usize>n << 2);
  if (step == 1) {
    for (; from + 16 <= end; from += 16, to += 16) v128.store(to, f32x4.add(v128.load(to), v128.load(from)));
    if (n & 2) {
      v128.store64_lane(to, f32x4.add(v128.load64_zero(to), v128.load64_zero(from)), 0);
      to += 8;
      from += 8;
    }
    if (n & 1) store<f32>(to, load<f32>(to) + load<f32>(from));
  } else for (; from < end; from += 4, to += <usize>step << 2) store<f32>(to, load<f32>(to) + load<f32>(from));
}

/**
 * u[c][kx][phase][t][j] = x[c][(first + t) * strideY + phaseRow - padY][j * strideX + kx * dilationX - padX], 0 in the
 * padding above and below; beside the image nothing is written. Then output (first + i, j) finds tap (c, ky, kx) at
 * taps[c, ky, kx] + i * outWidth + j.
 */
export function unfold(p: Plan, u: usize, x: usize, first: i32, rows: i32): void {
  const rowBytes = <usize>p.outWidth << 2;
  for (let c = 0; c < p.channels; c++, x += <usize>(p.height * p.width) << 2)
    for (let tap = 0; tap < p.kernelWidth; tap++) {
      const from = firstColumn(p, tap), n = endColumn(p, tap) - from;
      const column = from * p.strideX + tap * p.dilationX - p.padX;
      for (let phase = 0; phase < p.phases; phase++, u += p.planeBytes) {
        let row = first * p.strideY + phaseRow(p, phase) - p.padY;
        let to = u;
        for (let t = rows + p.extraRows; t > 0; t--, row += p.strideY, to += rowBytes) {
          if (<u32>row >= <u32>p.height) zeroFill(to, rowBytes);
          else if (n > 0) copyRow(to + (<usize>from << 2), x + (<usize>(row * p.width + column) << 2), n, p.strideX);
        }
      }
    }
}

/** The reverse of `unfold`: adds every number of u to the pixel of x that it would be taken from. */
export function fold(p: Plan, x: usize, u: usize, first: i32, rows: i32): void {
  const rowBytes = <usize>p.outWidth << 2;
  for (let c = 0; c < p.channels; c++, x += <usize>(p.height * p.width) << 2)
    for (let tap = 0; tap < p.kernelWidth; tap++) {
      const from = firstColumn(p, tap), n = endColumn(p, tap) - from;
      const column = from * p.strideX + tap * p.dilationX - p.padX;
      for (let phase = 0; phase < p.phases; phase++, u += p.planeBytes) {
        let row = first * p.strideY + phaseRow(p, phase) - p.padY;
        let at = u + (<usize>from << 2);
        for (let t = rows + p.extraRows; t > 0; t--, row += p.strideY, at += rowBytes)
          if (<u32>row < <u32>p.height && n > 0) addRow(x + (<usize>(row * p.width + column) << 2), at, n, p.strideX);
      }
    }
}

// @ts-ignore: decorator
@inline
function phaseRow(p: Plan, phase: i32): i32 {
  return load<i32>(changetype<usize>(p) + p.phaseRows + (<usize>phase << 2));
}
