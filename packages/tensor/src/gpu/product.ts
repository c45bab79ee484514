// Which tile for which product, and whether tiles at all: by the sizes alone, so that a program computes the same way each time.
//
// No number here was measured on a graphics card. They follow from counting: what a tile fetches and wastes, and how many
// workgroups fill a large card (132 multiprocessors on an H100). From where on tiles are taken was measured on SwiftShader,
// which computes on a CPU, as times of one thread an element over times of tiles: m x n x k 32 x 32 x 32 2.2, 64 x 64 x 64 2.2,
// 256 x 256 x 256 6.6, 64 x 2048 x 576 5.5, 16 x 4096 x 144 1.9, but 8 x 4096 x 32 0.6 and 4 x 4096 x 64 0.5.
import type { DeviceBuffer } from "../device.ts";
import { LARGEST_EXACT, MOST_WORKGROUPS } from "./kernel.ts";
import type { Run } from "./kernels.ts";
import { runBoth, sumOfParts } from "./kernels.ts";
import type { Product, Tile } from "./tiles.ts";
import { lengthOfProduct, tiledKernel } from "./tiles.ts";

/** At most 16 KiB of shared memory and 256 threads: what every WebGPU device has. */
const TILES: readonly Tile[] = [
  { rows: 128, columns: 128, depth: 8, block: 8 },
  { rows: 64, columns: 64, depth: 16, block: 4 },
  { rows: 32, columns: 128, depth: 16, block: 4 },
  { rows: 128, columns: 32, depth: 16, block: 4 },
  { rows: 16, columns: 256, depth: 8, block: 4 },
  { rows: 256, columns: 16, depth: 8, block: 4 },
  { rows: 32, columns: 32, depth: 16, block: 4 },
];

/** Workgroups that keep a large card busy. A tile that leaves fewer is not chosen, or the terms are split. */
const FILLING = 256;
/** A range of terms is at least this long, so that what it writes is little beside what it reads. */
const SHORTEST_RANGE = 256;
/** A sum of more terms is split if it can be: rounding errors grow with it. */
const LONGEST_RANGE = 4096;

type Sizes = Pick<Product, "m" | "n" | "k" | "count">;

const workgroupsOf = ({ m, n, count }: Sizes, { rows, columns }: Tile): number => Math.ceil(m / rows) * Math.ceil(n / columns) * count;

/** Fewer rows or columns than this, and most of a tile is waste. */
const FEWEST_SIDES = 12;
/** Fewer terms, and fetching a strip pays for little. */
const FEWEST_TERMS = 16;
const FEWEST_PRODUCTS = 32_768;

/** Whether a product is to be computed by tiles. */
export function takesTiles(run: Run, sizes: Sizes): boolean {
  const { m, n, k, count } = sizes;
  if (!run.takesWgsl || Math.min(m, n) < FEWEST_SIDES || k < FEWEST_TERMS || m * n * k < FEWEST_PRODUCTS) return false;
  const { rows, columns } = tileFor(sizes);
  return Math.max(m / rows, n / columns, count) <= MOST_WORKGROUPS;
}

/**
 * The tile for a product: the one with the least to do, which is the area that its tiles cover, times what each of their
 * elements costs: its products, and the fetches of a row and a column that a tile shares out among its own.
 */
export function tileFor(sizes: Sizes): Tile {
  const cost = ({ rows, columns }: Tile): number => Math.ceil(sizes.m / rows) * rows * Math.ceil(sizes.n / columns) * columns * (1 + 16 / rows + 16 / columns);
  const fits = TILES.filter((tile) => tile.block === 4 || workgroupsOf(sizes, tile) >= FILLING);
  return fits.reduce((best, tile) => (cost(tile) < cost(best) ? tile : best));
}

/** Ranges that the terms are cut into, where there are too few tiles to fill a card. */
export function splitsFor(sizes: Sizes, tile: Tile): number {
  const { m, n, k, count } = sizes;
  const wanted = Math.max(Math.ceil(FILLING / workgroupsOf(sizes, tile)), Math.ceil(k / LONGEST_RANGE));
  const most = Math.min(Math.floor(k / SHORTEST_RANGE), Math.floor(LARGEST_EXACT / (m * n * count)), Math.floor(MOST_WORKGROUPS / count));
  return Math.max(1, Math.min(wanted, most));
}

/** A product for which {@link takesTiles}. Two stages where its terms are split. */
export function tiledProduct(run: Run, product: Product, inputs: readonly DeviceBuffer[]): DeviceBuffer {
  const tile = tileFor(product);
  const splits = splitsFor(product, tile);
  const kernel = tiledKernel(product, tile, splits);
  return splits === 1 ? run(kernel, inputs) : runBoth(run, kernel, inputs, sumOfParts(product.name, splits, lengthOfProduct(product)));
}
