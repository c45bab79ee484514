// Which convolutions run by Winograd's F(2 x 2, 3 x 3), and how the compiled kernels go over them: functions of the shapes
// alone. The kernels read them from the memory as the struct `WinogradPlan` of simd/winograd.simd.ts.
import type { Shape } from "../../shape.ts";
import type { ConvAttrs } from "./geometry.ts";
import { PARTS, PARTS_BYTES, TILE_BYTES } from "./plan.ts";

/** Below these the transforms cost more than the products that they save (bench/README.md). */
const CHANNELS = 8;
const FEWER_PRODUCTS = 1.5;
/** In tiles of all images: the weights are transformed once a call, their gradient is folded once. */
const TILES = { forward: 16, inputGrad: 16, weightGrad: 128 };

/** Planes of a block, of images and outputs: a part of a usual second-level cache, and tiles enough to use the weights. */
const BLOCK_BYTES = 131_072;
const BLOCK_TILES = 32;
/** Tiles that a dot product of the weight gradient goes over at a time, in 4 lanes. */
const DOT_TILES = 256;
const LINES = 5;

export type Pass = keyof typeof TILES;

export interface WinogradPlan {
  /** The struct and its tables. */
  readonly words: Int32Array;
  readonly groups: number;
  /** Channels of one group that go in and come out, and bytes from a group's images to those of the next. */
  readonly channels: number;
  readonly out: number;
  readonly inStep: number;
  readonly outStep: number;
  readonly blocks: number;
  readonly chunks: number;
  /** Bytes of the weights of one place of a tile. */
  readonly weightPitch: number;
  /** Work space of a thread. */
  readonly workBytes: number;
}

const align = (bytes: number): number => Math.ceil(bytes / 64) * 64;
/** Bytes of a plane. The odd line of the cache keeps the 16 places of a tile from competing for the same ones. */
const pitch = (bytes: number): number => align(bytes) + 64;

/**
 * For images x, weights w and outputs y; null for what is better done directly. The gradient for the images is planned as
 * what it is: a convolution of the outputs' gradient that gives images.
 */
export function planWinograd(pass: Pass, [x, w, y]: readonly [Shape, Shape, Shape], { stride, padding, dilation, groups }: ConvAttrs): WinogradPlan | null {
  if (w[2] !== 3 || w[3] !== 3 || ![...stride, ...dilation].every((n) => n === 1) || !padding.every((n) => n <= 2)) return null;
  const [from, to, pad] = pass === "inputGrad" ? [y, x, padding.map((n) => 2 - n)] : [x, y, padding];
  const [batch, allChannels, height, width] = from as [number, number, number, number];
  const [, allOut, outHeight, outWidth] = to as [number, number, number, number];
  const [channels, out] = [allChannels / groups, allOut / groups];

  const tileRows = Math.ceil(outHeight / 2);
  const tileColumns = 4 * Math.ceil(outWidth / 8);
  const isLarge = Math.min(channels, out) >= CHANNELS && batch * tileRows * tileColumns >= TILES[pass];
  if (!isLarge || 9 * outHeight * outWidth < FEWER_PRODUCTS * 16 * tileRows * tileColumns) return null;

  const rows = batch * tileRows;
  const tiles = pass === "weightGrad" ? DOT_TILES : Math.max(BLOCK_TILES, BLOCK_BYTES / (64 * (channels + out)));
  const blocks = Math.ceil(rows / Math.max(1, Math.floor(tiles / tileColumns)));
  const blockRows = Math.ceil(rows / blocks);
  const chunks = Math.max(1, Math.min(PARTS, blocks, Math.floor(PARTS_BYTES / (64 * channels * out))));

  const channelBytes = blockRows * tileColumns * 4;
  const lineBytes = align((2 * tileColumns + 2) * 4);
  const [inPitch, outPitch, weightPitch] = [channels * channelBytes, out * channelBytes, channels * out * 4].map(pitch);
  const workBytes = TILE_BYTES + LINES * lineBytes + 16 * (inPitch + outPitch);
  const sizes = [
    batch,
    channels, height, width, allChannels * height * width * 4,
    out, outHeight, outWidth, allOut * outHeight * outWidth * 4,
    pad[0], pad[1],
    tileRows, tileColumns, blockRows, blocks, chunks,
    lineBytes, channelBytes, inPitch, outPitch, weightPitch, workBytes,
  ];
  // Tables: the rows of a plane, of what goes in and of what comes out.
  const tablesAt = sizes.length + 2;
  const rowsOf = (count: number): number[] => Array.from({ length: count }, (_, c) => c * channelBytes);
  const words = Int32Array.of(...sizes, tablesAt * 4, (tablesAt + channels) * 4, ...rowsOf(channels), ...rowsOf(out));
  return {
    words, groups, channels, out, inStep: channels * height * width * 4, outStep: out * outHeight * outWidth * 4, blocks, chunks, weightPitch, workBytes,
  };
}
