import { ArgumentError, ShapeError, type Rng } from "@llr/tensor";

/** Labelled images as plain arrays: whole in memory, one byte a value. */
export interface Dataset {
  /** For titles and manifests, for example `mnist/train`. */
  readonly name: string;
  readonly images: {
    readonly shape: readonly [count: number, channels: number, height: number, width: number];
    /** 0 to 255 */
    readonly data: Uint8Array;
  };
  /** One class number an image. */
  readonly labels: Uint8Array;
  /** The names of the classes, in the order of their numbers. */
  readonly classes: readonly string[];
  /** Of each channel, with values scaled to 0 ... 1; `batches` makes (value / 255 - mean) / std of each. */
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

export const imageCount = (dataset: Dataset): number => dataset.images.shape[0];

/**
 * Everything that has to hold between the fields of a data set. `batches` asks it, so that a set put together by hand
 * cannot give wrong numbers in silence.
 *
 * @throws ShapeError if the arrays' lengths do not follow from the images' shape
 * @throws ArgumentError if a label is no class, or a standard deviation is not positive
 */
export function checkDataset({ name, images, labels, classes, mean, std }: Dataset): void {
  const { shape, data } = images;
  const values = shape.reduce((product, size) => product * size, 1);
  if (shape.length !== 4 || !shape.every((size) => Number.isInteger(size) && size >= 0) || data.length !== values)
    throw new ShapeError(
      "dataset",
      `${name}: the images are [${shape.join(", ")}] with ${data.length} values. It needs [count, channels, height, width] and as many values as their product.`,
      [shape],
    );
  const [count, channels] = shape;
  if (labels.length !== count)
    throw new ShapeError("dataset", `${name}: there are ${labels.length} labels for ${count} images. It needs one label an image.`, [shape, [labels.length]]);
  if (mean.length !== channels || std.length !== channels)
    throw new ShapeError(
      "dataset",
      `${name}: mean has ${mean.length} values and std ${std.length}, the images have ${channels} channels. It needs one of each a channel.`,
      [shape],
    );
  if (!mean.every(Number.isFinite) || !std.every((s) => s > 0 && s < Infinity))
    throw new ArgumentError("dataset", `${name}: mean is [${mean.join(", ")}], std is [${std.join(", ")}]. They must be finite, and std above 0.`);
  const wrong = labels.findIndex((label) => label >= classes.length);
  if (wrong !== -1) throw new ArgumentError("dataset", `${name}: label ${wrong} is ${labels[wrong]}, outside [0, ${classes.length}).`);
}

/**
 * A part of a data set: its first n images (sharing their memory), or with a generator n different ones drawn at random
 * (copied, in the order drawn).
 *
 * @throws ArgumentError unless n is an integer from 0 to the number of images
 * @example
 * import { glyphs, subset } from "@llr/data";
 * import { Rng } from "@llr/tensor";
 * const digits = glyphs({ count: 100, rng: new Rng(1) });
 * subset(digits, 10).images.shape // => [10, 1, 8, 8]
 */
export function subset(dataset: Dataset, n: number, { rng }: { readonly rng?: Rng | undefined } = {}): Dataset {
  const [count, channels, height, width] = dataset.images.shape;
  if (!Number.isInteger(n) || n < 0 || n > count)
    throw new ArgumentError("subset", `n is ${n}. It must be an integer from 0 to ${count}, the images of ${dataset.name}.`);
  const size = channels * height * width;
  const shape = [n, channels, height, width] as const;
  if (rng === undefined) {
    const data = dataset.images.data.subarray(0, n * size);
    return { ...dataset, name: `${dataset.name}, first ${n}`, images: { shape, data }, labels: dataset.labels.subarray(0, n) };
  }
  const chosen = rng.permutation(count).subarray(0, n);
  const data = new Uint8Array(n * size);
  chosen.forEach((from, to) => data.set(dataset.images.data.subarray(from * size, (from + 1) * size), to * size));
  return { ...dataset, name: `${dataset.name}, random ${n}`, images: { shape, data }, labels: Uint8Array.from(chosen, (i) => dataset.labels[i]) };
}

/**
 * Sets the last n images aside, so that choices (a rate, a number of epochs) can be made without looking at the test set.
 *
 * @returns train: the images before them; heldOut: the last n. Both share the data set's memory.
 * @throws ArgumentError unless 0 <= n <= number of images
 * @example
 * import { glyphs, holdOut } from "@llr/data";
 * import { Rng } from "@llr/tensor";
 * const { train, heldOut } = holdOut(glyphs({ count: 100, rng: new Rng(1) }), 20);
 * [train.labels.length, heldOut.labels.length] // => [80, 20]
 */
export function holdOut(dataset: Dataset, n: number): { readonly train: Dataset; readonly heldOut: Dataset } {
  const [count, channels, height, width] = dataset.images.shape;
  if (!Number.isInteger(n) || n < 0 || n > count) throw new ArgumentError("holdOut", `n is ${n}. It must be an integer from 0 to ${count}, the images of ${dataset.name}.`);
  const from = count - n;
  const images = { shape: [n, channels, height, width] as const, data: dataset.images.data.subarray(from * channels * height * width) };
  return { train: subset(dataset, from), heldOut: { ...dataset, name: `${dataset.name}, last ${n}`, images, labels: dataset.labels.subarray(from) } };
}

/**
 * Mean and standard deviation of each channel over all images, of the values scaled to 0 ... 1; the deviation is the
 * population's (divided by N). For MNIST's training images they are the familiar 0.1307 and 0.3081.
 *
 * @throws ArgumentError if there are no values
 */
export function channelStatistics({ shape, data }: Dataset["images"]): { mean: number[]; std: number[] } {
  const [count, channels, height, width] = shape;
  const area = height * width;
  if (count * area === 0) throw new ArgumentError("channelStatistics", `the images are [${shape.join(", ")}]. It needs at least one value.`);
  // Counting how often each of the 256 values occurs makes both sums exact integers.
  const histograms = Array.from({ length: channels }, () => new Float64Array(256));
  for (let plane = 0; plane < count * channels; plane++) {
    const histogram = histograms[plane % channels];
    for (let i = plane * area; i < (plane + 1) * area; i++) histogram[data[i]]++;
  }
  const n = count * area;
  const moments = histograms.map((histogram) => {
    const mean = histogram.reduce((sum, times, value) => sum + times * value, 0) / n;
    const variance = histogram.reduce((sum, times, value) => sum + times * (value - mean) ** 2, 0) / n;
    return { mean: mean / 255, std: Math.sqrt(variance) / 255 };
  });
  return { mean: moments.map(({ mean }) => mean), std: moments.map(({ std }) => std) };
}
