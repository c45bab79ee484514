// Maxima over windows, four outputs of a row at a time. Ranges are planes (one channel of one image).
import { firstInside, endInside, windowVector } from "../../simd/windows.simd";

const LANES: usize = memory.data<i32>([0, 1, 2, 3]);

/** Where a later number takes the place of the best so far: it is greater, or the first NaN. */
// @ts-ignore: decorator
@inline
function wins(x: v128, best: v128): v128 {
  return v128.andnot(f32x4.eq(best, best), f32x4.le(x, best));
}

// @ts-ignore: decorator
@inline
function storeOne(out: usize, indices: usize, x: usize, width: i32, first: i32, y0: i32, y1: i32, x0: i32, x1: i32): void {
  let at = first + y0 * width + x0;
  let best = load<f32>(x + (<usize>at << 2));
  for (let row = y0; row < y1; row++)
    for (let i = first + row * width + x0, end = i + x1 - x0; i < end; i++) {
      const value = load<f32>(x + (<usize>i << 2));
      if (best == best && !(value <= best)) { best = value; at = i; }
    }
  store<f32>(out, best);
  store<i32>(indices, at);
}

/** Windows at [i * strideY - padY, + kernelHeight) and likewise in a row, clipped; `indices` count from the start of x. */
export function maxPool2dForward(out: usize, indices: usize, x: usize, height: i32, width: i32, outHeight: i32, outWidth: i32, kernelHeight: i32, kernelWidth: i32, strideY: i32, strideX: i32, padY: i32, padX: i32, from: i32, to: i32): void {
  const begin = firstInside(padX, strideX, outWidth), end = endInside(width, kernelWidth, padX, strideX, outWidth);
  const steps = i32x4.mul(v128.load(LANES), i32x4.splat(strideX));
  for (let plane = from; plane < to; plane++)
    for (let i = 0; i < outHeight; i++) {
      const y0 = max(0, i * strideY - padY), y1 = min(height, i * strideY - padY + kernelHeight);
      const first = plane * height * width, row = <usize>(plane * outHeight + i) * outWidth;
      let j = 0;
      while (j < outWidth) {
        const o = (row + j) << 2;
        if (j < begin || j + 4 > end) {
          storeOne(out + o, indices + o, x, width, first, y0, y1, max(0, j * strideX - padX), min(width, j * strideX - padX + kernelWidth));
          // The last full vector may begin again before the end: what it repeats comes out the same.
          j += 1;
        } else {
          let corner = first + y0 * width + j * strideX - padX;
          let best = windowVector(x + (<usize>corner << 2), strideX), at = i32x4.add(i32x4.splat(corner), steps);
          for (let y = y0; y < y1; y++, corner += width)
            for (let tap = 0; tap < kernelWidth; tap++) {
              const value = windowVector(x + (<usize>(corner + tap) << 2), strideX), take = wins(value, best);
              best = v128.bitselect(value, best, take);
              at = v128.bitselect(i32x4.add(i32x4.splat(corner + tap), steps), at, take);
            }
          v128.store(out + o, best);
          v128.store(indices + o, at);
          j += j + 8 <= end || j + 4 == end ? 4 : end - j - 4;
        }
      }
    }
}

/** The same for windows of 2 x 2 that do not overlap, at least 4 in a row. */
export function maxPool2dForward2x2(out: usize, indices: usize, x: usize, height: i32, width: i32, outHeight: i32, outWidth: i32, from: i32, to: i32): void {
  const steps = i32x4.shl(v128.load(LANES), 1);
  const rowBytes = <usize>width << 2;
  for (let plane = from; plane < to; plane++)
    for (let i = 0; i < outHeight; i++) {
      const row = <usize>(plane * outHeight + i) * outWidth;
      for (let j = 0; j < outWidth; j += 4) {
        j = min(j, outWidth - 4);
        const corner = (plane * height + 2 * i) * width + 2 * j;
        const p = x + (<usize>corner << 2);
        const a0 = v128.load(p), a1 = v128.load(p, 16), b0 = v128.load(p + rowBytes), b1 = v128.load(p + rowBytes, 16);
        const here = i32x4.add(i32x4.splat(corner), steps);
        // The better of the upper two, of the lower two, of these; a mask is -1 where the second is better.
        const upper = v128.shuffle<f32>(a0, a1, 0, 2, 4, 6), upperRight = v128.shuffle<f32>(a0, a1, 1, 3, 5, 7);
        const lower = v128.shuffle<f32>(b0, b1, 0, 2, 4, 6), lowerRight = v128.shuffle<f32>(b0, b1, 1, 3, 5, 7);
        const rightAbove = wins(upperRight, upper), rightBelow = wins(lowerRight, lower);
        const above = v128.bitselect(upperRight, upper, rightAbove), below = v128.bitselect(lowerRight, lower, rightBelow);
        const isBelow = wins(below, above);
        const best = v128.bitselect(below, above, isBelow);
        const at = v128.bitselect(i32x4.sub(i32x4.add(here, i32x4.splat(width)), rightBelow), i32x4.sub(here, rightAbove), isBelow);
        const o = (row + j) << 2;
        v128.store(out + o, best);
        v128.store(indices + o, at);
      }
    }
}

/** out = 0, then out[indices[i]] += x[i]; every index lies in the plane of its number, others are skipped. */
export function maxPool2dPut(out: usize, x: usize, indices: usize, pixels: i32, outPixels: i32, from: i32, to: i32): void {
  for (let plane = from; plane < to; plane++) {
    const first = plane * pixels, target = out + (<usize>first << 2);
    memory.fill(target, 0, <usize>pixels << 2);
    let i = <usize>(plane * outPixels) << 2;
    for (const end = i + (<usize>outPixels << 2); i < end; i += 4) {
      const at = load<i32>(indices + i) - first;
      if (<u32>at >= <u32>pixels) continue;
      const to = target + (<usize>at << 2);
      store<f32>(to, load<f32>(to) + load<f32>(x + i));
    }
  }
}

/** The same where each index lies in a window of 2 x 2 of its own, at least 4 in a row. */
export function maxPool2dPut2x2(out: usize, x: usize, indices: usize, height: i32, width: i32, outHeight: i32, outWidth: i32, from: i32, to: i32): void {
  const steps = i32x4.shl(v128.load(LANES), 1);
  const rowBytes = <usize>width << 2;
  const gaps = (width & 1) | (height & 1);
  for (let plane = from; plane < to; plane++) {
    if (gaps) memory.fill(out + (<usize>(plane * height) * rowBytes), 0, <usize>height * rowBytes);
    for (let i = 0; i < outHeight; i++) {
      const row = <usize>(plane * outHeight + i) * outWidth;
      for (let j = 0; j < outWidth; j += 4) {
        j = min(j, outWidth - 4);
        const o = (row + j) << 2;
        const corner = (plane * height + 2 * i) * width + 2 * j;
        const at = i32x4.sub(v128.load(indices + o), i32x4.add(i32x4.splat(corner), steps)), value = v128.load(x + o);
        const a = v128.and(value, i32x4.eq(at, i32x4.splat(0))), b = v128.and(value, i32x4.eq(at, i32x4.splat(1)));
        const c = v128.and(value, i32x4.eq(at, i32x4.splat(width))), d = v128.and(value, i32x4.eq(at, i32x4.splat(width + 1)));
        const p = out + (<usize>corner << 2);
        v128.store(p, v128.shuffle<f32>(a, b, 0, 4, 1, 5));
        v128.store(p, v128.shuffle<f32>(a, b, 2, 6, 3, 7), 16);
        v128.store(p + rowBytes, v128.shuffle<f32>(c, d, 0, 4, 1, 5));
        v128.store(p + rowBytes, v128.shuffle<f32>(c, d, 2, 6, 3, 7), 16);
      }
    }
  }
}
