// Batch normalisation of [batch, channels, pixels]. Ranges are channels. A mean is kept as two numbers in single precision,
// its rounded value and what that leaves out: then x - mean is exact to the last digit also far from 0.
import { madd } from "../../simd/lanes.simd";
import { highWide, lowWide, sumOfLanes, wideSum } from "../../simd/wide.simd";

/** Numbers whose products are added up in single precision before they go into a double. */
// @ts-ignore: decorator
@inline
const RUN: i32 = 64;

// @ts-ignore: decorator
@inline
function centred(x: v128, mean: v128, rest: v128): v128 {
  return f32x4.sub(f32x4.sub(x, mean), rest);
}

// @ts-ignore: decorator
@inline
function centredOne(x: usize, mean: f32, rest: f32): f32 {
  return load<f32>(x) - mean - rest;
}

// @ts-ignore: decorator
@inline
function wide(x: v128): v128 {
  return f64x2.add(lowWide(x), highWide(x));
}

/** The sum of (x[i] - mean - rest)^2. */
function squareSum(x: usize, count: i32, mean: f32, rest: f32): f64 {
  const m = f32x4.splat(mean), r = f32x4.splat(rest);
  let total = f64x2.splat(0);
  let left = count & ~3;
  while (left > 0) {
    const n = min(left, RUN);
    let a = f32x4.splat(0), b = a;
    let end = x + (<usize>(n & ~7) << 2);
    for (; x < end; x += 32) {
      const d = centred(v128.load(x), m, r), e = centred(v128.load(x, 16), m, r);
      a = madd(d, d, a);
      b = madd(e, e, b);
    }
    if (n & 4) {
      const d = centred(v128.load(x), m, r);
      a = madd(d, d, a);
      x += 16;
    }
    total = f64x2.add(total, f64x2.add(wide(a), wide(b)));
    left -= n;
  }
  let sum = sumOfLanes(total);
  for (let end = x + (<usize>(count & 3) << 2); x < end; x += 4) {
    const d = <f64>centredOne(x, mean, rest);
    sum += d * d;
  }
  return sum;
}

/** The sum of dy[i] * (x[i] - mean - rest). */
function productSum(dy: usize, x: usize, count: i32, mean: f32, rest: f32): f64 {
  const m = f32x4.splat(mean), r = f32x4.splat(rest);
  let total = f64x2.splat(0);
  let left = count & ~3;
  while (left > 0) {
    const n = min(left, RUN);
    let a = f32x4.splat(0), b = a;
    const end = x + (<usize>(n & ~7) << 2);
    for (; x < end; x += 32, dy += 32) {
      a = madd(v128.load(dy), centred(v128.load(x), m, r), a);
      b = madd(v128.load(dy, 16), centred(v128.load(x, 16), m, r), b);
    }
    if (n & 4) {
      a = madd(v128.load(dy), centred(v128.load(x), m, r), a);
      x += 16;
      dy += 16;
    }
    total = f64x2.add(total, f64x2.add(wide(a), wide(b)));
    left -= n;
  }
  let sum = sumOfLanes(total);
  for (let end = x + (<usize>(count & 3) << 2); x < end; x += 4, dy += 4) sum += <f64>load<f32>(dy) * <f64>centredOne(x, mean, rest);
  return sum;
}

/** y[i] = (x[i] - mean - rest) * scale + shift. */
function normalise(y: usize, x: usize, count: i32, mean: f32, rest: f32, scale: f32, shift: f32): void {
  const m = f32x4.splat(mean), r = f32x4.splat(rest), s = f32x4.splat(scale), b = f32x4.splat(shift);
  let end = x + (<usize>(count & ~7) << 2);
  for (; x < end; x += 32, y += 32) {
    v128.store(y, madd(centred(v128.load(x), m, r), s, b));
    v128.store(y, madd(centred(v128.load(x, 16), m, r), s, b), 16);
  }
  end = x + (<usize>(count & 7) << 2);
  for (; x < end; x += 4, y += 4) store<f32>(y, centredOne(x, mean, rest) * scale + shift);
}

/** dx[i] = (dy[i] - middle - (x[i] - mean - rest) * slope) * scale. */
function spread(dx: usize, dy: usize, x: usize, count: i32, mean: f32, rest: f32, scale: f32, middle: f32, slope: f32): void {
  const m = f32x4.splat(mean), r = f32x4.splat(rest), s = f32x4.splat(scale), c = f32x4.splat(middle), k = f32x4.splat(-slope);
  let end = x + (<usize>(count & ~3) << 2);
  for (; x < end; x += 16, dy += 16, dx += 16) v128.store(dx, f32x4.mul(madd(centred(v128.load(x), m, r), k, f32x4.sub(v128.load(dy), c)), s));
  end = x + (<usize>(count & 3) << 2);
  for (; x < end; x += 4, dy += 4, dx += 4) store<f32>(dx, (load<f32>(dy) - middle - centredOne(x, mean, rest) * slope) * scale);
}

/** y, and stats: the means of all channels, then the variances, in double precision. */
export function batchNormForward(y: usize, stats: usize, x: usize, weight: usize, bias: usize, batch: i32, channels: i32, pixels: i32, eps: f64, from: i32, to: i32): void {
  const runBytes = <usize>pixels << 2, imageBytes = <usize>channels * runBytes;
  const count = <f64>batch * <f64>pixels;
  for (let c = from; c < to; c++) {
    const first = <usize>c * runBytes;
    let total: f64 = 0, squares: f64 = 0;
    for (let n = 0; n < batch; n++) total += wideSum(x + first + <usize>n * imageBytes, pixels);
    const exact = total / count;
    const mean = <f32>exact, rest = <f32>(exact - <f64>mean);
    for (let n = 0; n < batch; n++) squares += squareSum(x + first + <usize>n * imageBytes, pixels, mean, rest);
    const variance = squares / count;
    store<f64>(stats + (<usize>c << 3), exact);
    store<f64>(stats + (<usize>(channels + c) << 3), variance);
    const scale = <f32>(<f64>load<f32>(weight + (<usize>c << 2)) / Math.sqrt(variance + eps)), shift = load<f32>(bias + (<usize>c << 2));
    for (let n = 0; n < batch; n++) normalise(y + first + <usize>n * imageBytes, x + first + <usize>n * imageBytes, pixels, mean, rest, scale, shift);
  }
}

/** Gradients whose address is 0 are not wanted. */
export function batchNormBackward(dx: usize, dweight: usize, dbias: usize, dy: usize, x: usize, weight: usize, stats: usize, batch: i32, channels: i32, pixels: i32, eps: f64, from: i32, to: i32): void {
  const runBytes = <usize>pixels << 2, imageBytes = <usize>channels * runBytes;
  const count = <f64>batch * <f64>pixels;
  for (let c = from; c < to; c++) {
    const first = <usize>c * runBytes;
    const exact = load<f64>(stats + (<usize>c << 3)), inverse = 1 / Math.sqrt(load<f64>(stats + (<usize>(channels + c) << 3)) + eps);
    const mean = <f32>exact, rest = <f32>(exact - <f64>mean);
    let sum: f64 = 0, products: f64 = 0;
    for (let n = 0; n < batch; n++) {
      const at = first + <usize>n * imageBytes;
      sum += wideSum(dy + at, pixels);
      products += productSum(dy + at, x + at, pixels, mean, rest);
    }
    if (dweight) store<f32>(dweight + (<usize>c << 2), <f32>(products * inverse));
    if (dbias) store<f32>(dbias + (<usize>c << 2), <f32>sum);
    if (!dx) continue;
    const scale = <f32>(<f64>load<f32>(weight + (<usize>c << 2)) * inverse), middle = <f32>(sum / count), slope = <f32>(products * inverse * inverse / count);
    for (let n = 0; n < batch; n++) {
      const at = first + <usize>n * imageBytes;
      spread(dx + at, dy + at, x + at, pixels, mean, rest, scale, middle, slope);
    }
  }
}

/** y by given statistics. */
export function batchNormInference(y: usize, x: usize, means: usize, variances: usize, weight: usize, bias: usize, batch: i32, channels: i32, pixels: i32, eps: f64, from: i32, to: i32): void {
  const runBytes = <usize>pixels << 2, imageBytes = <usize>channels * runBytes;
  for (let c = from; c < to; c++) {
    const i = <usize>c << 2;
    const scale = <f32>(<f64>load<f32>(weight + i) / Math.sqrt(<f64>load<f32>(variances + i) + eps));
    for (let n = 0; n < batch; n++) {
      const at = <usize>c * runBytes + <usize>n * imageBytes;
      normalise(y + at, x + at, pixels, load<f32>(means + i), 0, scale, load<f32>(bias + i));
    }
  }
}
