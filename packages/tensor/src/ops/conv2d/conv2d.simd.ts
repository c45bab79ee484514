// Convolution by register tiles over images that are unfolded along their rows: for a kernel of 5 x 5 that is a fifth of
// what a matrix of patches takes, it stays in the cache, and no tile knows about strides, padding or row ends.
// A kernel works on chunks of the batch, whose number depends on nothing but the shapes.
import { correlate } from "../../simd/dots.simd";
import { multiply, TILE_BYTES, TILE_ROWS } from "../../simd/tableTile.simd";
import { threadIndex } from "../../simd/thread.simd";
import { copyRow, fold, Plan, reachesBeside, unfold, zeroFill } from "../../simd/unfold.simd";

/** Rows are spread evenly over tiles. [tile][depth][row of the tile] from w[row * rowStep + d * depthStep]. */
export function conv2dPack(packed: usize, w: usize, rows: i32, depth: i32, rowStep: i32, depthStep: i32): void {
  const tiles = (rows + TILE_ROWS - 1) / TILE_ROWS;
  for (let t = 0; t < tiles; t++) {
    const n = rows / tiles + i32(t < rows % tiles);
    for (let r = 0; r < n; r++, w += <usize>rowStep << 2) {
      let from = w, to = packed + (<usize>r << 2);
      for (const end = to + (<usize>(n * depth) << 2); to < end; to += <usize>n << 2, from += <usize>depthStep << 2) store<f32>(to, load<f32>(from));
    }
    packed += <usize>(n * depth) << 2;
  }
}

/** y of the images of chunks from..to. `bias` is 0 where there is none. */
export function conv2dForward(plan: usize, work: usize, y: usize, x: usize, packed: usize, bias: usize, from: i32, to: i32): void {
  const p = changetype<Plan>(plan);
  const temporary = work + threadIndex * p.workBytes, u = temporary + TILE_BYTES;
  if (reachesBeside(p)) zeroFill(u, p.unfoldedBytes);
  for (let n = (from * p.batch) / p.chunks, end = (to * p.batch) / p.chunks; n < end; n++)
    for (let i = 0; i < p.outHeight; i += p.stripRows) {
      const rows = min(p.stripRows, p.outHeight - i);
      unfold(p, u, x + <usize>n * p.imageBytes, i, rows);
      multiply(y + <usize>n * p.outImageBytes + (<usize>(i * p.outWidth) << 2), plan + p.outRows, packed, p.out, u, plan + p.taps, p.depth, rows * p.outWidth, bias, false, temporary);
    }
}

/** dx of the images of chunks from..to: w^T * dy gives what every tap saw, unfolded; `packed` holds w^T. */
export function conv2dInputGrad(plan: usize, work: usize, dx: usize, dy: usize, packed: usize, from: i32, to: i32): void {
  const p = changetype<Plan>(plan);
  const temporary = work + threadIndex * p.workBytes, u = temporary + TILE_BYTES, copy = u + p.unfoldedBytes;
  for (let n = (from * p.batch) / p.chunks, end = (to * p.batch) / p.chunks; n < end; n++) {
    const image = dx + <usize>n * p.imageBytes;
    zeroFill(image, <usize>(p.channels * p.height * p.width) << 2);
    for (let i = 0; i < p.outHeight; i += p.stripRows) {
      const rows = min(p.stripRows, p.outHeight - i), pixels = rows * p.outWidth;
      let grad = dy + <usize>n * p.outImageBytes + (<usize>(i * p.outWidth) << 2);
      if (p.gradPitch) {
        for (let o = 0; o < p.out; o++) copyRow(copy + o * p.gradPitch, grad + load<u32>(plan + p.outRows + (<usize>o << 2)), pixels, 1);
        grad = copy;
      }
      zeroFill(u, p.unfoldedBytes);
      multiply(u, plan + p.taps, packed, p.depth, grad, plan + p.gradRows, p.out, pixels, 0, true, temporary);
      fold(p, image, u, i, rows);
    }
  }
}

/** parts[chunk] = the weight gradient, [out][depth], from the images of that chunk; chunks from..to. */
export function conv2dWeightGrad(plan: usize, work: usize, parts: usize, dy: usize, x: usize, from: i32, to: i32): void {
  const p = changetype<Plan>(plan);
  const temporary = work + threadIndex * p.workBytes, u = temporary + TILE_BYTES;
  if (reachesBeside(p)) zeroFill(u, p.unfoldedBytes * p.pass);
  for (let chunk = from; chunk < to; chunk++) {
    const part = parts + (<usize>(chunk * p.out * p.depth) << 2);
    const first = (chunk * p.batch) / p.chunks, end = ((chunk + 1) * p.batch) / p.chunks;
    for (let n = first; n < end; n += p.pass) {
      const images = min(p.pass, end - n);
      for (let i = 0; i < p.outHeight; i += p.stripRows) {
        const rows = min(p.stripRows, p.outHeight - i);
        for (let m = 0; m < images; m++) unfold(p, u + m * p.unfoldedBytes, x + <usize>(n + m) * p.imageBytes, i, rows);
        correlate(part, p.out, dy + <usize>n * p.outImageBytes + (<usize>(i * p.outWidth) << 2), p.outHeight * p.outWidth << 2, p.outImageBytes, p.depth, u, plan + p.taps, p.unfoldedBytes, rows * p.outWidth, images, n > first || i > 0, temporary);
      }
    }
  }
}

/** out[i] = the sum over parts of parts[part][i], in order; elements from..to of `count`. */
export function conv2dSumParts(out: usize, parts: usize, partCount: i32, count: i32, from: i32, to: i32): void {
  const step = <usize>count << 2;
  let o = out + (<usize>from << 2), p = parts + (<usize>from << 2);
  const end = out + (<usize>to << 2);
  for (; o + 16 <= end; o += 16, p += 16) {
    let at = p, sum = v128.load(at);
    for (let part = 1; part < partCount; part++) sum = f32x4.add(sum, v128.load((at += step)));
    v128.store(o, sum);
  }
  for (; o < end; o += 4, p += 4) {
    let at = p, sum = load<f32>(at);
    for (let part = 1; part < partCount; part++) sum += load<f32>((at += step));
    store<f32>(o, sum);
  }
}
