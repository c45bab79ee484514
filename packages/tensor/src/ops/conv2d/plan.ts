// How the compiled kernels go over a convolution: sizes, steps and tables, all functions of the shapes alone. The kernels
// read them from the memory as the struct `Plan` of simd/unfold.simd.ts.
import type { Shape } from "../../shape.ts";
import type { Conv2dAttrs } from "./geometry.ts";

/** Bytes of an unfolded strip of an image, or of several small images: a quarter of a usual second-level cache. */
const UNFOLDED_BYTES = 262_144;
/** Pixels that a dot product of the weight gradient should go over, so that adding up its 4 lanes does not show. */
const DOT_PIXELS = 256;
/** The batch is cut into at most this many chunks, each worth this many multiplications: what threads are given. */
const CHUNKS = 8;
const CHUNK_PRODUCTS = 200_000;
/** Memory for work space, and for the chunks' weight gradients. */
const WORK_BYTES = 67_108_864;
const TILE_BYTES = 256;

export interface SimdPlan {
  /** The struct and its tables. */
  readonly words: Int32Array;
  readonly chunks: number;
  readonly groups: number;
  /** Channels of the output and of the input, products of one sum, pixels, in one group. */
  readonly out: number;
  readonly depth: number;
  readonly inStep: number;
  readonly outStep: number;
  /** Work space for all chunks. */
  readonly workBytes: number;
}

const align = (bytes: number, to = 64): number => Math.ceil(bytes / to) * to;

/** For images x, weights w and outputs y; null where there is nothing to compute. */
export function planSimd(x: Shape, w: Shape, y: Shape, { stride, padding, dilation, groups }: Conv2dAttrs): SimdPlan | null {
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
  let stripRows = outHeight;
  while (stripRows > 1 && planes * planeBytesOf(stripRows) > UNFOLDED_BYTES) stripRows = Math.ceil(stripRows / 2);
  const planeBytes = planeBytesOf(stripRows);
  const unfoldedBytes = align(planes * planeBytes + 32); // a tile may read 7 numbers beyond the last one
  const pass = stripRows < outHeight ? 1 : Math.max(1, Math.min(batch, Math.floor(UNFOLDED_BYTES / unfoldedBytes), Math.ceil(DOT_PIXELS / outPixels)));

  // The gradient is copied where tiles would reach beyond it, or where channels a power of two apart compete for the same
  // lines of the cache.
  const stripPixels = stripRows * outWidth;
  const inPlace = stripPixels % 8 === 0 && outHeight % stripRows === 0 && (outPixels * 4) % 1024 !== 0;
  const gradPitch = inPlace ? 0 : align(stripPixels * 4, 32) + 32;

  const workBytes = align(TILE_BYTES + Math.max(unfoldedBytes * pass, unfoldedBytes + out * gradPitch + 32));
  const most = Math.min(CHUNKS, batch, Math.ceil((batch * out * depth * outPixels) / CHUNK_PRODUCTS), Math.floor(WORK_BYTES / (workBytes + out * depth * 4)));
  const chunks = Math.max(1, most);

  const list = <T>(n: number, entry: (i: number) => T): T[] => Array.from({ length: n }, (_, i) => entry(i));
  const taps = list(depth, (k) => {
    const [ky, kx, channel] = [Math.floor(k / kernelWidth) % kernelHeight, k % kernelWidth, Math.floor(k / (kernelWidth * kernelHeight))];
    const plane = (channel * kernelWidth + kx) * phaseRows.length + phaseRows.indexOf(phaseOf(ky));
    return plane * planeBytes + Math.floor((ky * dilation[0]) / stride[0]) * outWidth * 4;
  });
  const tables = [taps, list(out, (o) => o * outPixels * 4), list(out, (o) => o * (gradPitch || outPixels * 4)), phaseRows];
  const sizes = [
    batch, chunks,
    channels, height, width, allChannels * height * width * 4,
    out, outHeight, outWidth, allOut * outPixels * 4,
    kernelWidth, stride[0], stride[1], padding[0], padding[1], dilation[1],
    depth, phaseRows.length, stripRows, extraRows, planeBytes, unfoldedBytes,
    pass, gradPitch, workBytes,
  ];
  let at = (sizes.length + tables.length) * 4;
  const tableOffsets = tables.map((table) => (at += table.length * 4) - table.length * 4);
  return {
    words: Int32Array.from([...sizes, ...tableOffsets, ...tables.flat()]),
    chunks, groups, out, depth, inStep: channels * height * width * 4, outStep: out * outPixels * 4,
    workBytes: workBytes * chunks,
  };
}
