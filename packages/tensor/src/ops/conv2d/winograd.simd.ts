// Convolution of 3 x 3 with stride 1 by Winograd's F(2 x 2, 3 x 3): a tile of 2 x 2 outputs takes 16 products a channel
// instead of 36 (Lavin and Gray 2016, "Fast algorithms for convolutional neural networks").
//
//     y  = A^T [sum over channels of (G w G^T) * (B^T x B)] A       * is elementwise; x are the 4 x 4 pixels that the tile sees
//     dw = G^T [sum over tiles of (A dy A^T) * (B^T x B)] G         the adjoint of the first line in w
//
// For each of the 16 places of a tile the sums are a product of matrices. The gradient for x is the first line again, over
// dy, with w turned by 180 degrees. A kernel works on blocks of whole rows of tiles, whose size depends on the shapes alone.
import { correlate } from "../../simd/dots.simd";
import { multiply, TILE_BYTES, TILE_ROWS } from "../../simd/tableTile.simd";
import { threadIndex } from "../../simd/thread.simd";
import { zeroFill } from "../../simd/unfold.simd";
import { foldWeights, gradientLines, gradientPlanes, LINES, outputRows, weightPlanes, windowLines, windowPlanes, WinogradPlan } from "../../simd/winograd.simd";

/** The place that goes into all four outputs with a factor of 1: a bias is added there. */
const BIAS_PLACE: i32 = 5;
/** Channels that are added up in one go; sums of more are sums of such sums, which round less often. */
const RUN: i32 = 32;

/**
 * [place][run][tile of rows][depth of the run][row of the tile] = G w G^T, for the depths from..to, with
 * w[row * rowStep + d * depthStep + ...]; turned by 180 degrees unless `turned` is 0.
 */
export function conv2dWinogradWeights(packed: usize, pitch: usize, w: usize, rows: i32, depth: i32, rowStep: i32, depthStep: i32, turned: i32, from: i32, to: i32): void {
  const tiles = (rows + TILE_ROWS - 1) / TILE_ROWS;
  const step: usize = turned ? <usize>-4 : 4;
  if (turned) w += 32;
  let row = 0;
  for (let t = 0; t < tiles; t++) {
    const n = rows / tiles + i32(t < rows % tiles);
    for (let d = from; d < to; d++) {
      const start = d - d % RUN, run = min(RUN, depth - start);
      const at = packed + (<usize>(start * rows + row * run + (d - start) * n) << 2);
      for (let r = 0; r < n; r++) weightPlanes(at + (<usize>r << 2), pitch, w + (<usize>((row + r) * rowStep + d * depthStep) << 2), step);
    }
    row += n;
  }
}

/** Planes of B^T x B for `rows` rows of tiles, from row `first` of all images on. */
function transformImages(p: WinogradPlan, planes: usize, lines: usize, x: usize, first: i32, rows: i32): void {
  const lineBytes = <usize>p.lineBytes, rowBytes = <usize>p.width << 2;
  const zeros = lines + 4 * lineBytes;
  zeroFill(lines, LINES * lineBytes);
  const columns = min(p.width, 2 * p.tileColumns + 2 - p.padX);
  for (let r = first; r < first + rows; r++, planes += <usize>p.tileColumns << 2) {
    const top = (r % p.tileRows) * 2 - p.padY;
    let at = x + <usize>(r / p.tileRows) * p.imageBytes + <usize>top * rowBytes, to = planes;
    for (let c = 0; c < p.channels; c++, at += <usize>p.height * rowBytes, to += p.channelBytes) {
      const row0 = <u32>top < <u32>p.height ? at : zeros;
      const row1 = <u32>(top + 1) < <u32>p.height ? at + rowBytes : zeros;
      const row2 = <u32>(top + 2) < <u32>p.height ? at + 2 * rowBytes : zeros;
      const row3 = <u32>(top + 3) < <u32>p.height ? at + 3 * rowBytes : zeros;
      windowLines(lines + (<usize>p.padX << 2), lineBytes, row0, row1, row2, row3, columns);
      windowPlanes(to, p.inPitch, lines, lineBytes, p.tileColumns);
    }
  }
}

/** Planes of A dy A^T, those of the last row and column of places with their sign turned. */
function transformGradient(p: WinogradPlan, planes: usize, lines: usize, dy: usize, first: i32, rows: i32): void {
  const lineBytes = <usize>p.lineBytes, rowBytes = <usize>p.outWidth << 2;
  const zeros = lines + 4 * lineBytes;
  zeroFill(lines, LINES * lineBytes);
  for (let r = first; r < first + rows; r++, planes += <usize>p.tileColumns << 2) {
    const top = (r % p.tileRows) * 2;
    let at = dy + <usize>(r / p.tileRows) * p.outImageBytes + <usize>top * rowBytes, to = planes;
    for (let o = 0; o < p.out; o++, at += <usize>p.outHeight * rowBytes, to += p.channelBytes) {
      gradientLines(lines, lineBytes, at, top + 1 < p.outHeight ? at + rowBytes : zeros, p.outWidth);
      gradientPlanes(to, p.outPitch, lines, lineBytes, p.tileColumns);
    }
  }
}

/** y of `rows` rows of tiles. @returns whether it is finite */
function transformBack(p: WinogradPlan, y: usize, planes: usize, first: i32, rows: i32): bool {
  const rowBytes = <usize>p.outWidth << 2;
  let check = f32x4.splat(0);
  for (let r = first; r < first + rows; r++, planes += <usize>p.tileColumns << 2) {
    const top = (r % p.tileRows) * 2;
    let to = y + <usize>(r / p.tileRows) * p.outImageBytes + <usize>top * rowBytes, from = planes;
    for (let o = 0; o < p.out; o++, to += <usize>p.outHeight * rowBytes, from += p.channelBytes)
      check = outputRows(to, top + 1 < p.outHeight ? to + rowBytes : 0, from, p.outPitch, p.outWidth, check);
  }
  return !v128.any_true(f32x4.ne(check, check));
}

/** y of the blocks from..to. `bias` is 0 where there is none. The word at `failed` becomes 1 where y is not finite. */
export function conv2dWinogradForward(plan: usize, work: usize, y: usize, x: usize, packed: usize, bias: usize, failed: usize, from: i32, to: i32): void {
  const p = changetype<WinogradPlan>(plan);
  const temporary = work + threadIndex * p.workBytes, lines = temporary + TILE_BYTES, v = lines + LINES * p.lineBytes, m = v + 16 * p.inPitch;
  for (let block = from; block < to; block++) {
    const first = block * p.blockRows, rows = min(p.blockRows, p.batch * p.tileRows - first);
    transformImages(p, v, lines, x, first, rows);
    for (let place = 0; place < 16; place++)
      for (let c = 0; c < p.channels; c += RUN) {
        const weights = packed + place * p.weightPitch + (<usize>(c * p.out) << 2);
        multiply(m + place * p.outPitch, plan + p.outRows, weights, p.out, v + place * p.inPitch, plan + p.inRows + (<usize>c << 2), min(RUN, p.channels - c), rows * p.tileColumns, c == 0 && place == BIAS_PLACE ? bias : 0, c > 0, temporary);
      }
    if (!transformBack(p, y, m, first, rows)) store<i32>(failed, 1);
  }
}

/** parts[chunk] = [place][out][channels], the sums of dw over the blocks of that chunk; chunks from..to. */
export function conv2dWinogradWeightGrad(plan: usize, work: usize, parts: usize, dy: usize, x: usize, from: i32, to: i32): void {
  const p = changetype<WinogradPlan>(plan);
  const temporary = work + threadIndex * p.workBytes, lines = temporary + TILE_BYTES, v = lines + LINES * p.lineBytes, d = v + 16 * p.inPitch;
  for (let chunk = from; chunk < to; chunk++) {
    const begin = (chunk * p.blocks) / p.chunks, end = ((chunk + 1) * p.blocks) / p.chunks;
    for (let block = begin; block < end; block++) {
      const first = block * p.blockRows, rows = min(p.blockRows, p.batch * p.tileRows - first);
      transformImages(p, v, lines, x, first, rows);
      transformGradient(p, d, lines, dy, first, rows);
      for (let place = 0; place < 16; place++) {
        const part = parts + (<usize>((chunk * 16 + place) * p.out * p.channels) << 2);
        correlate(part, p.out, d + place * p.outPitch, p.channelBytes, 0, p.channels, v + place * p.inPitch, plan + p.inRows, 0, rows * p.tileColumns, 1, block > begin, temporary);
      }
    }
  }
}

/** dw of the pairs of channels from..to of `count`. The word at `failed` becomes 1 where it is not finite. */
export function conv2dWinogradFold(dw: usize, m: usize, count: i32, failed: usize, from: i32, to: i32): void {
  let check: f32 = 0;
  for (let i = from; i < to; i++) check = foldWeights(dw + <usize>i * 36, m + (<usize>i << 2), <usize>count << 2, check);
  if (check != check) store<i32>(failed, 1);
}
