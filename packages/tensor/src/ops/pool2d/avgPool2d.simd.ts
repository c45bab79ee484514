// Means over windows, and their derivative. Ranges are planes (one channel of one image).
import { firstInside, endInside, windowVector } from "../../simd/windows.simd";

// @ts-ignore: decorator
@inline
function sumOne(x: usize, width: i32, y0: i32, y1: i32, x0: i32, x1: i32): f32 {
  let sums = f32x4.splat(0);
  let rest: f32 = 0;
  for (let row = y0; row < y1; row++) {
    let p = x + (<usize>(row * width + x0) << 2);
    const end = p + (<usize>(x1 - x0) << 2);
    for (; p + 16 <= end; p += 16) sums = f32x4.add(sums, v128.load(p));
    for (; p < end; p += 4) rest += load<f32>(p);
  }
  return f32x4.extract_lane(sums, 0) + f32x4.extract_lane(sums, 1) + (f32x4.extract_lane(sums, 2) + f32x4.extract_lane(sums, 3)) + rest;
}

/** `divisor`: of every window, or 0: the number of pixels of each that are not padding. */
export function avgPool2dForward(out: usize, x: usize, height: i32, width: i32, outHeight: i32, outWidth: i32, kernelHeight: i32, kernelWidth: i32, strideY: i32, strideX: i32, padY: i32, padX: i32, divisor: i32, from: i32, to: i32): void {
  const begin = firstInside(padX, strideX, outWidth), end = endInside(width, kernelWidth, padX, strideX, outWidth);
  for (let plane = from; plane < to; plane++)
    for (let i = 0; i < outHeight; i++) {
      const y0 = max(0, i * strideY - padY), y1 = min(height, i * strideY - padY + kernelHeight);
      const image = x + (<usize>(plane * height * width) << 2), row = out + ((<usize>(plane * outHeight + i) * outWidth) << 2);
      for (let j = 0; j < outWidth;) {
        const o = row + (<usize>j << 2);
        if (j < begin || j + 4 > end) {
          const x0 = max(0, j * strideX - padX), x1 = min(width, j * strideX - padX + kernelWidth);
          store<f32>(o, sumOne(image, width, y0, y1, x0, x1) / <f32>(divisor ? divisor : (y1 - y0) * (x1 - x0)));
          j++;
        } else {
          let sums = f32x4.splat(0);
          for (let y = y0; y < y1; y++) {
            const p = image + (<usize>(y * width + j * strideX - padX) << 2);
            for (let tap = 0; tap < kernelWidth; tap++) sums = f32x4.add(sums, windowVector(p + (<usize>tap << 2), strideX));
          }
          v128.store(o, f32x4.div(sums, f32x4.splat(<f32>(divisor ? divisor : (y1 - y0) * kernelWidth))));
          j += j + 8 <= end || j + 4 == end ? 4 : end - j - 4;
        }
      }
    }
}

/** The same for windows of 2 x 2 side by side, at least 4 in a row. */
export function avgPool2dForward2x2(out: usize, x: usize, height: i32, width: i32, outHeight: i32, outWidth: i32, from: i32, to: i32): void {
  const rowBytes = <usize>width << 2;
  for (let plane = from; plane < to; plane++)
    for (let i = 0; i < outHeight; i++)
      for (let j = 0; j < outWidth; j += 4) {
        j = min(j, outWidth - 4);
        const p = x + <usize>(plane * height + 2 * i) * rowBytes + (<usize>j << 3);
        const left = f32x4.add(v128.load(p), v128.load(p + rowBytes)), right = f32x4.add(v128.load(p, 16), v128.load(p + rowBytes, 16));
        const sums = f32x4.add(v128.shuffle<f32>(left, right, 0, 2, 4, 6), v128.shuffle<f32>(left, right, 1, 3, 5, 7));
        v128.store(out + (<usize>((plane * outHeight + i) * outWidth + j) << 2), f32x4.mul(sums, f32x4.splat(0.25)));
      }
}

/** dx = 0, then adds dy / divisor to every pixel of its window. */
export function avgPool2dSpread(dx: usize, dy: usize, height: i32, width: i32, outHeight: i32, outWidth: i32, kernelHeight: i32, kernelWidth: i32, strideY: i32, strideX: i32, padY: i32, padX: i32, divisor: i32, from: i32, to: i32): void {
  for (let plane = from; plane < to; plane++) {
    const image = dx + (<usize>(plane * height * width) << 2);
    memory.fill(image, 0, <usize>(height * width) << 2);
    for (let i = 0; i < outHeight; i++) {
      const y0 = max(0, i * strideY - padY), y1 = min(height, i * strideY - padY + kernelHeight);
      for (let j = 0; j < outWidth; j++) {
        const x0 = max(0, j * strideX - padX), x1 = min(width, j * strideX - padX + kernelWidth);
        const share = load<f32>(dy + ((<usize>((plane * outHeight + i) * outWidth + j)) << 2)) / <f32>(divisor ? divisor : (y1 - y0) * (x1 - x0));
        for (let row = y0; row < y1; row++) {
          let p = image + (<usize>(row * width + x0) << 2);
          const end = p + (<usize>(x1 - x0) << 2);
          for (; p + 16 <= end; p += 16) v128.store(p, f32x4.add(v128.load(p), f32x4.splat(share)));
          for (; p < end; p += 4) store<f32>(p, load<f32>(p) + share);
        }
      }
    }
  }
}

/** The same for windows of 2 x 2 side by side, at least 4 in a row. */
export function avgPool2dSpread2x2(dx: usize, dy: usize, height: i32, width: i32, outHeight: i32, outWidth: i32, from: i32, to: i32): void {
  const rowBytes = <usize>width << 2;
  const gaps = (width & 1) | (height & 1);
  for (let plane = from; plane < to; plane++) {
    const image = dx + <usize>(plane * height) * rowBytes;
    if (gaps) memory.fill(image, 0, <usize>height * rowBytes);
    for (let i = 0; i < outHeight; i++)
      for (let j = 0; j < outWidth; j += 4) {
        j = min(j, outWidth - 4);
        const share = f32x4.mul(v128.load(dy + (<usize>((plane * outHeight + i) * outWidth + j) << 2)), f32x4.splat(0.25));
        const left = v128.shuffle<f32>(share, share, 0, 0, 1, 1), right = v128.shuffle<f32>(share, share, 2, 2, 3, 3);
        const p = image + <usize>(2 * i) * rowBytes + (<usize>j << 3);
        v128.store(p, left);
        v128.store(p, right, 16);
        v128.store(p + rowBytes, left);
        v128.store(p + rowBytes, right, 16);
      }
  }
}
