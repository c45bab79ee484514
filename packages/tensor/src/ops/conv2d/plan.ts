// How the compiled kernels go over a convolution: sizes, steps and tables, all functions of the shapes alone. The kernels
// read them from the memory as the struct `Plan` of simd/unfold.simd.ts.
import type { Shape } from "../../shape.ts";
import type { ConvAttrs } from "./geometry.ts";

/** Bytes of an unfolded strip of an image that tiles go over: a quarter of a usual second-level cache. */
const UNFOLDED_BYTES = 262_144;
/**
 * Pixels that a dot product of the weight gradient goes over at a time, so that adding up its 4 lanes does not show; if
 * need be those of several images, and of more bytes, because dot products read what is unfolded only once.
 */
const DOT_PIXELS = 1024;
const DOT_BYTES = 8_388_608;
/** The batch is cut into chunks that are worth this many multiplications: what threads are given. */
const CHUNK_PRODUCTS = 200_000;
/** At most this many and this much memory where each makes a weight gradient of its own, to be added up. */
export const PARTS: number = 8;
export const PARTS_BYTES: number = 67_108_864;
export const TILE_BYTES: number = 256;

export interface SimdPlan {
  /** The struct and its tables. */
  readonly words: Int32Array;
  readonly chunks: number;
  readonly groups: number;
  /** Of one group: output channels, products of one sum, bytes from its images to those of the next, and of its outputs. */
  readonly out: number;
  readonly depth: number;
  readonly inStep: number;
  readonly outStep: number;
  /** Work space of a thread. */
  readonly workBytes: number;
}

const align = (bytes: number, to = 64): number => Math.ceil(bytes / to) * to;

/** For images x, weights w and outputs y, by tiles or (weight gradient) by dot products; null where there is nothing to compute. */
export function planSimd(by: "tiles" | "dots", [x, w, y]: readonly [Shape, Shape, Shape], { stride, padding, dilation, groups }: ConvAttrs): SimdPlan | null {
  const [batch, allChannels, height, width] = x as [number, number, number, number];
  const [allOut, channels, kernelHeight, kernelWidth] = w as [number, number, number, number];
  const [, , outHeight, outWidth] = y as [number, number, number, number];
  const out = allOut / groups;
  const depth = channels * kernelHeight * kernelWidth;
  const outPixels = outHeight * outWidth;
  if (batch * out * depth * outPixels === 0) return null;

  // Rows of the padded image that taps meet fall into classes by their distance to the rows of the outputs.
  const phaseOf = (ky: number): number => (ky * dilation[0]) % stride[0];
  const phaseRows = [...new Set(Array.from({ length: kernelHeight }, (_, ky) => phaseOf(ky)))];
  const extraRows = Math.floor(((kernelHeight - 1) * dilation[0]) / stride[0]);
  const planes = channels * kernelWidth * phaseRows.length;
  const planeBytesOf = (rows: number): number => (rows + extraRows) * outWidth * 4;
  const isTooLarge = (rows: number): boolean =>
    planes * planeBytesOf(rows) > (by === "dots" && (rows * outWidth) / 2 < DOT_PIXELS ? DOT_BYTES : UNFOLDED_BYTES);
  let stripRows = outHeight;
  while (stripRows > 1 && isTooLarge(stripRows)) stripRows = Math.ceil(stripRows / 2);
  const planeBytes = planeBytesOf(stripRows);
  const unfoldedBytes = align(planes * planeBytes + 32); // a tile may read 7 numbers beyond the last one
  const pass = by === "tiles" || stripRows < outHeight ? 1 : Math.max(1, Math.min(batch, Math.floor(DOT_BYTES / unfoldedBytes), Math.ceil(DOT_PIXELS / outPixels)));

  // The gradient is copied where tiles would reach beyond it, or where channels a power of two apart compete for the same
  // lines of the cache.
  const stripPixels = stripRows * outWidth;
  const inPlace = stripPixels % 8 === 0 && outHeight % stripRows === 0 && (outPixels * 4) % 1024 !== 0;
  const gradPitch = inPlace ? 0 : align(stripPixels * 4, 32) + 32;

  const workBytes = align(TILE_BYTES + Math.max(unfoldedBytes * pass, unfoldedBytes + out * gradPitch + 32));
  const worth = Math.ceil((batch * out * depth * outPixels) / CHUNK_PRODUCTS);
  const most = by === "tiles" ? batch : Math.min(PARTS, batch, Math.ceil((4 * batch) / pass), Math.floor(PARTS_BYTES / (out * depth * 4)));
  const chunks = Math.max(1, Math.min(most, worth));

  const sizes = [
    batch, chunks,
    channels, height, width, allChannels * height * width * 4,
    out, outHeight, outWidth, allOut * outPixels * 4,
    kernelWidth, stride[0], stride[1], padding[0], padding[1], dilation[1],
    depth, phaseRows.length, stripRows, extraRows, planeBytes, unfoldedBytes,
    pass, gradPitch, workBytes,
  ];
  // Tables: places of the taps, rows of the output, rows of its gradient, phases.
  const tablesAt = sizes.length + 4;
  const lengths = [depth, out, out, phaseRows.length];
  const words = new Int32Array(tablesAt + depth + 2 * out + phaseRows.length);
  let at = tablesAt;
  words.set(sizes);
  words.set(lengths.map((length) => ((at += length) - length) * 4), sizes.length);
  at = tablesAt;
  for (let channel = 0; channel < channels; channel++)
    for (let ky = 0; ky < kernelHeight; ky++) {
      const phase = phaseRows.indexOf(phaseOf(ky));
      const row = Math.floor((ky * dilation[0]) / stride[0]) * outWidth * 4;
      for (let kx = 0; kx < kernelWidth; kx++) words[at++] = ((channel * kernelWidth + kx) * phaseRows.length + phase) * planeBytes + row;
    }
  for (let o = 0; o < out; o++) words[at++] = o * outPixels * 4;
  for (let o = 0; o < out; o++) words[at++] = o * (gradPitch || outPixels * 4);
  words.set(phaseRows, at);
  return {
    words, chunks, groups, out, depth, inStep: channels * height * width * 4, outStep: out * outPixels * 4, workBytes,
  };
}
