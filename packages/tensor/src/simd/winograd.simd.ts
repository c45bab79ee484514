// The transforms of Winograd's convolution F(2 x 2, 3 x 3), for four tiles of a row of tiles at a time. What belongs to one
// of the 16 places of a tile lies in a plane of its own, so that planes are matrices [channel][tile].
//
//           1  0 -1  0             1  0  0
//     B^T = 0  1  1  0         G = ½  ½  ½        A^T = 1  1  1  0
//           0 -1  1  0             ½ -½  ½              0  1 -1 -1
//           0  1  0 -1             0  0  1
//
// A transform goes over columns first, from rows of an image to four lines, and then along the lines.
import { madd, storeLanes } from "./lanes.simd";

/** What winogradPlan.ts computes, in its order. Names that end in Bytes or Pitch, and tables, are byte offsets. */
@unmanaged
export class WinogradPlan {
  batch: i32;
  channels: i32; height: i32; width: i32; imageBytes: i32;
  out: i32; outHeight: i32; outWidth: i32; outImageBytes: i32;
  padY: i32; padX: i32;
  tileRows: i32; tileColumns: i32; blockRows: i32; blocks: i32; chunks: i32;
  lineBytes: i32; channelBytes: i32; inPitch: i32; outPitch: i32; weightPitch: i32; workBytes: i32;
  inRows: i32; outRows: i32;
}

/** Lines of a transform, and one of zeros: rows beside an image. */
// @ts-ignore: decorator
@inline
export const LINES: usize = 5;

/** lines = B^T over rows a to d of an image, n numbers each. */
export function windowLines(lines: usize, lineBytes: usize, a: usize, b: usize, c: usize, d: usize, n: i32): void {
  const l1 = lines + lineBytes, l2 = l1 + lineBytes, l3 = l2 + lineBytes;
  const bytes = <usize>n << 2;
  let i: usize = 0;
  for (; i + 16 <= bytes; i += 16) {
    const x = v128.load(b + i), y = v128.load(c + i);
    v128.store(lines + i, f32x4.sub(v128.load(a + i), y));
    v128.store(l1 + i, f32x4.add(x, y));
    v128.store(l2 + i, f32x4.sub(y, x));
    v128.store(l3 + i, f32x4.sub(x, v128.load(d + i)));
  }
  for (; i < bytes; i += 4) {
    const x = load<f32>(b + i), y = load<f32>(c + i);
    store<f32>(lines + i, load<f32>(a + i) - y);
    store<f32>(l1 + i, x + y);
    store<f32>(l2 + i, y - x);
    store<f32>(l3 + i, x - load<f32>(d + i));
  }
}

/** B^T along the lines, where a tile's four numbers begin at every second one: line k to planes 4 k to 4 k + 3. */
export function windowPlanes(planes: usize, pitch: usize, lines: usize, lineBytes: usize, tiles: i32): void {
  for (let k = 0; k < 4; k++, lines += lineBytes, planes += 4 * pitch) {
    const p1 = planes + pitch, p2 = p1 + pitch, p3 = p2 + pitch;
    let from = lines;
    for (let t: usize = 0, end = <usize>tiles << 2; t < end; t += 16, from += 32) {
      const low = v128.load(from), high = v128.load(from, 16), next = v128.load(from, 24);
      const x0 = v128.shuffle<f32>(low, high, 0, 2, 4, 6), x1 = v128.shuffle<f32>(low, high, 1, 3, 5, 7);
      const x2 = v128.shuffle<f32>(x0, next, 1, 2, 3, 6), x3 = v128.shuffle<f32>(x1, next, 1, 2, 3, 7);
      v128.store(planes + t, f32x4.sub(x0, x2));
      v128.store(p1 + t, f32x4.add(x1, x2));
      v128.store(p2 + t, f32x4.sub(x2, x1));
      v128.store(p3 + t, f32x4.sub(x1, x3));
    }
  }
}

/** lines = A over rows a and b of a gradient, the last line with its sign turned. */
export function gradientLines(lines: usize, lineBytes: usize, a: usize, b: usize, n: i32): void {
  const l1 = lines + lineBytes, l2 = l1 + lineBytes, l3 = l2 + lineBytes;
  const bytes = <usize>n << 2;
  let i: usize = 0;
  for (; i + 16 <= bytes; i += 16) {
    const x = v128.load(a + i), y = v128.load(b + i);
    v128.store(lines + i, x);
    v128.store(l1 + i, f32x4.add(x, y));
    v128.store(l2 + i, f32x4.sub(x, y));
    v128.store(l3 + i, y);
  }
  for (; i < bytes; i += 4) {
    const x = load<f32>(a + i), y = load<f32>(b + i);
    store<f32>(lines + i, x);
    store<f32>(l1 + i, x + y);
    store<f32>(l2 + i, x - y);
    store<f32>(l3 + i, y);
  }
}

/** A along the lines, two numbers a tile, the last plane of each line with its sign turned. */
export function gradientPlanes(planes: usize, pitch: usize, lines: usize, lineBytes: usize, tiles: i32): void {
  for (let k = 0; k < 4; k++, lines += lineBytes, planes += 4 * pitch) {
    const p1 = planes + pitch, p2 = p1 + pitch, p3 = p2 + pitch;
    let from = lines;
    for (let t: usize = 0, end = <usize>tiles << 2; t < end; t += 16, from += 32) {
      const low = v128.load(from), high = v128.load(from, 16);
      const x = v128.shuffle<f32>(low, high, 0, 2, 4, 6), y = v128.shuffle<f32>(low, high, 1, 3, 5, 7);
      v128.store(planes + t, x);
      v128.store(p1 + t, f32x4.add(x, y));
      v128.store(p2 + t, f32x4.sub(x, y));
      v128.store(p3 + t, y);
    }
  }
}

/** The first row of A^T. */
// @ts-ignore: decorator
@inline
function first(m0: v128, m1: v128, m2: v128): v128 {
  return f32x4.add(m0, f32x4.add(m1, m2));
}

/** The second. */
// @ts-ignore: decorator
@inline
function second(m1: v128, m2: v128, m3: v128): v128 {
  return f32x4.sub(f32x4.sub(m1, m2), m3);
}

/** The outputs of four tiles that lie in one row of the image: even columns, odd columns. */
// @ts-ignore: decorator
@inline
function storeOutputs(to: usize, even: v128, odd: v128, columns: i32): void {
  const low = v128.shuffle<f32>(even, odd, 0, 4, 1, 5), high = v128.shuffle<f32>(even, odd, 2, 6, 3, 7);
  if (columns >= 8) {
    v128.store(to, low);
    v128.store(to, high, 16);
  } else {
    storeLanes(to, low, columns, 0);
    storeLanes(to + 16, high, columns - 4, 0);
  }
}

/**
 * A^T m A: the first `columns` outputs of a row of tiles and, unless `below` is 0, those of the row below.
 *
 * @returns `check` + 0, NaN if any is not finite
 */
export function outputRows(to: usize, below: usize, planes: usize, pitch: usize, columns: i32, check: v128): v128 {
  const zero = f32x4.splat(0);
  const p1 = planes + pitch, p2 = p1 + pitch, p3 = p2 + pitch;
  const row1: usize = 4 * pitch, row2: usize = 8 * pitch, row3: usize = 12 * pitch;
  for (let t: usize = 0; columns > 0; columns -= 8, t += 16, to += 32) {
    let b = v128.load(planes + t + row1), c = v128.load(planes + t + row2);
    const e0 = first(v128.load(planes + t), b, c), f0 = second(b, c, v128.load(planes + t + row3));
    b = v128.load(p1 + t + row1); c = v128.load(p1 + t + row2);
    const e1 = first(v128.load(p1 + t), b, c), f1 = second(b, c, v128.load(p1 + t + row3));
    b = v128.load(p2 + t + row1); c = v128.load(p2 + t + row2);
    const e2 = first(v128.load(p2 + t), b, c), f2 = second(b, c, v128.load(p2 + t + row3));
    b = v128.load(p3 + t + row1); c = v128.load(p3 + t + row2);
    const e3 = first(v128.load(p3 + t), b, c), f3 = second(b, c, v128.load(p3 + t + row3));
    let even = first(e0, e1, e2), odd = second(e1, e2, e3);
    check = madd(f32x4.add(even, odd), zero, check);
    storeOutputs(to, even, odd, columns);
    if (below) {
      even = first(f0, f1, f2);
      odd = second(f1, f2, f3);
      check = madd(f32x4.add(even, odd), zero, check);
      storeOutputs(below, even, odd, columns);
      below += 32;
    }
  }
  return check;
}

/** Places of G w G^T: four numbers for a row of w or what stands for it. */
// @ts-ignore: decorator
@inline
function weightRow(to: usize, pitch: usize, a: f32, b: f32, c: f32): void {
  const outer = (a + c) * 0.5, inner = b * 0.5;
  store<f32>(to, a);
  store<f32>(to + pitch, outer + inner);
  store<f32>(to + 2 * pitch, outer - inner);
  store<f32>(to + 3 * pitch, c);
}

/** G w G^T to a place of 16 planes; the numbers of w are `step` bytes apart. */
export function weightPlanes(to: usize, pitch: usize, w: usize, step: usize): void {
  const a = load<f32>(w), b = load<f32>(w + step), c = load<f32>(w + 2 * step);
  const d = load<f32>(w + 3 * step) * 0.5, e = load<f32>(w + 4 * step) * 0.5, f = load<f32>(w + 5 * step) * 0.5;
  const g = load<f32>(w + 6 * step), h = load<f32>(w + 7 * step), i = load<f32>(w + 8 * step);
  const ag = (a + g) * 0.5, bh = (b + h) * 0.5, ci = (c + i) * 0.5;
  weightRow(to, pitch, a, b, c);
  weightRow(to + 4 * pitch, pitch, ag + d, bh + e, ci + f);
  weightRow(to + 8 * pitch, pitch, ag - d, bh - e, ci - f);
  weightRow(to + 12 * pitch, pitch, g, h, i);
}

/** Row k of G^T over a column of places; the last place comes with its sign turned. */
// @ts-ignore: decorator
@inline
function foldColumn(m: usize, pitch: usize, k: i32): f32 {
  const b = load<f32>(m + 4 * pitch), c = load<f32>(m + 8 * pitch);
  if (k == 0) return load<f32>(m) + (b + c) * 0.5;
  if (k == 1) return (b - c) * 0.5;
  return (b + c) * 0.5 - load<f32>(m + 12 * pitch);
}

/** w = G^T m G of a place of 16 planes. @returns `check` + 0, NaN if any is not finite */
export function foldWeights(w: usize, m: usize, pitch: usize, check: f32): f32 {
  for (let k = 0; k < 3; k++, w += 12) {
    const a = foldColumn(m, pitch, k), b = foldColumn(m + pitch, pitch, k);
    const c = foldColumn(m + 2 * pitch, pitch, k), d = foldColumn(m + 3 * pitch, pitch, k);
    const both = (b + c) * 0.5;
    const w0 = a + both, w1 = (b - c) * 0.5, w2 = both - d;
    store<f32>(w, w0);
    store<f32>(w, w1, 4);
    store<f32>(w, w2, 8);
    check += (w0 + w1 + w2) * 0;
  }
  return check;
}
