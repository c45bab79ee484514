import { ArgumentError, type Rng } from "@llr/tensor";
import { checkDataset, imageCount, type Dataset } from "./dataset.ts";

export interface BatchOptions {
  /** Images a batch. */
  readonly size: number;
  /** Shuffles: one permutation is drawn when `batches` is called. Without it the images come in their order. */
  readonly rng?: Rng | undefined;
  /** Leaves out the last batch when it is short. */
  readonly dropLast?: boolean | undefined;
  /** At most so many batches an epoch. */
  readonly limit?: number | undefined;
  /** The index of the first batch to give, for going on in the middle of an epoch. */
  readonly start?: number | undefined;
}

/** A batch as plain arrays; `tensor(batch.images)` copies them. */
export interface Batch {
  /** [size, channels, height, width], normalised. */
  readonly images: { readonly shape: readonly [number, number, number, number]; readonly data: Float32Array };
  /** [size] class numbers. */
  readonly labels: { readonly shape: readonly [number]; readonly data: Int32Array };
  /** How many images it holds: fewer than asked for in a short last batch. */
  readonly size: number;
  /** Its place in the epoch, from 0. */
  readonly index: number;
}

/**
 * How many batches `batches` gives from the start of an epoch.
 *
 * @throws ArgumentError unless size and limit are positive integers
 * @example
 * import { glyphs, stepsPerEpoch } from "@llr/data";
 * import { Rng } from "@llr/tensor";
 * const digits = glyphs({ count: 100, rng: new Rng(1) });
 * stepsPerEpoch(digits, { size: 32 }) // => 4
 * stepsPerEpoch(digits, { size: 32, dropLast: true }) // => 3
 */
export function stepsPerEpoch(dataset: Dataset, { size, dropLast = false, limit = Infinity }: Omit<BatchOptions, "rng" | "start">): number {
  if (!Number.isInteger(size) || size < 1) throw new ArgumentError("batches", `size is ${size}. It must be a positive integer.`);
  if (limit !== Infinity && (!Number.isInteger(limit) || limit < 1)) throw new ArgumentError("batches", `limit is ${limit}. It must be a positive integer.`);
  const whole = imageCount(dataset) / size;
  return Math.min(limit, dropLast ? Math.floor(whole) : Math.ceil(whole));
}

/**
 * One epoch of a data set, batch by batch.
 *
 * The arrays of a batch are filled anew for the next one: use them, or copy them, before going on. (`tensor` copies.)
 *
 * The order depends on the generator alone. To go on in the middle of an epoch, give the generator that the epoch began
 * with, for example a stream named after the epoch, and `start`: the batches are those of the uninterrupted run.
 *
 * @throws ArgumentError on a size, limit or start that is not such a number, and as `checkDataset`, when it is called
 * @example
 * import { batches, glyphs } from "@llr/data";
 * import { Rng } from "@llr/tensor";
 * const digits = glyphs({ count: 100, rng: new Rng(1) });
 * const epoch = 3;
 * const seen = [];
 * for (const batch of batches(digits, { size: 32, rng: new Rng(7).stream(`epoch/${epoch}`) })) seen.push(batch.images.shape);
 * seen // => [[32, 1, 8, 8], [32, 1, 8, 8], [32, 1, 8, 8], [4, 1, 8, 8]]
 */
export function batches(dataset: Dataset, options: BatchOptions): Generator<Batch, void, void> {
  checkDataset(dataset);
  const { size, rng, start = 0 } = options;
  const steps = stepsPerEpoch(dataset, options);
  if (!Number.isInteger(start) || start < 0 || start > steps)
    throw new ArgumentError("batches", `start is ${start}. It must be an integer from 0 to ${steps}, the batches of the epoch.`);
  // Here and not at the first batch, so that the generator has moved on when this call returns.
  return fillBatches(dataset, size, start, steps, rng?.permutation(imageCount(dataset)));
}

function* fillBatches(dataset: Dataset, size: number, start: number, steps: number, order: Int32Array | undefined): Generator<Batch, void, void> {
  const [count, channels, height, width] = dataset.images.shape;
  const { data } = dataset.images;
  const area = height * width;
  const table = normalisation(dataset);
  const longest = Math.min(size, count);
  const pixels = new Float32Array(longest * channels * area);
  const labels = new Int32Array(longest);
  for (let index = start; index < steps; index++) {
    const first = index * size;
    const n = Math.min(size, count - first);
    let to = 0;
    for (let i = 0; i < n; i++) {
      const image = order ? order[first + i] : first + i;
      labels[i] = dataset.labels[image];
      let from = image * channels * area;
      for (let offset = 0; offset < channels * 256; offset += 256)
        for (const end = from + area; from < end; from++) pixels[to++] = table[offset + data[from]];
    }
    yield {
      images: { shape: [n, channels, height, width], data: pixels.subarray(0, to) },
      labels: { shape: [n], data: labels.subarray(0, n) },
      size: n,
      index,
    };
  }
}

/** The normalised value of each of the 256 bytes, channel after channel: a look-up is cheaper than the arithmetic. */
function normalisation({ mean, std }: Dataset): Float32Array {
  return Float32Array.from({ length: mean.length * 256 }, (_, i) => ((i % 256) / 255 - mean[i >> 8]) / std[i >> 8]);
}
