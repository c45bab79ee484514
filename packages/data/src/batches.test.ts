import { Rng, scope, tensor } from "@llr/tensor";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Batch, type BatchOptions, batches, stepsPerEpoch } from "./batches.ts";
import type { Dataset } from "./dataset.ts";
import { glyphs } from "./synthetic/glyphs.ts";

const digits = glyphs({ count: 50, rng: new Rng(1) });

/** Copies of everything that a batch holds, because its arrays are filled anew. */
const copied = ({ images, labels, size, index }: Batch) => ({ shape: [...images.shape], pixels: [...images.data], labels: [...labels.data], size, index });
const epoch = (options: BatchOptions, dataset: Dataset = digits) => Array.from(batches(dataset, options), copied);

/** A set in which image i is the one pixel i. */
const numbered = (count: number): Dataset => ({
  name: "numbered",
  images: { shape: [count, 1, 1, 1], data: Uint8Array.from({ length: count }, (_, i) => i) },
  labels: Uint8Array.from({ length: count }, (_, i) => i),
  classes: Array.from({ length: count }, (_, i) => `${i}`),
  mean: [0],
  std: [1 / 255],
});

const sizes = { count: fc.integer({ min: 0, max: 200 }), size: fc.integer({ min: 1, max: 60 }) };

describe("an epoch", () => {
  it("without a generator gives the images in their order, normalised, the last batch short", () => {
    const [first, second, third, ...rest] = epoch({ size: 20 });
    expect(rest).toEqual([]);
    expect([first.shape, second.shape, third.shape]).toEqual([[20, 1, 8, 8], [20, 1, 8, 8], [10, 1, 8, 8]]);
    expect([first.index, second.index, third.index, third.size]).toEqual([0, 1, 2, 10]);
    const pixels = [first, second, third].flatMap((batch) => batch.pixels);
    const expected = Float32Array.from(digits.images.data, (value) => (value / 255 - digits.mean[0]) / digits.std[0]);
    expect(Float32Array.from(pixels)).toEqual(expected);
    expect([first, second, third].flatMap((batch) => batch.labels)).toEqual([...digits.labels]);
  });

  it("with a generator gives every image once, with its own label, in the order of its permutation", () => {
    fc.assert(fc.property(sizes.count, sizes.size, fc.nat(), (count, size, seed) => {
      const seen = epoch({ size, rng: new Rng(seed) }, numbered(count));
      const images = seen.flatMap((batch) => batch.pixels.map(Math.round));
      expect(seen.flatMap((batch) => batch.labels)).toEqual(images);
      expect(images).toEqual([...new Rng(seed).permutation(count)]);
    }));
  });

  it("has stepsPerEpoch batches, whatever the options", () => {
    fc.assert(fc.property(sizes.count, sizes.size, fc.boolean(), fc.option(fc.integer({ min: 1, max: 10 }), { nil: undefined }), (count, size, dropLast, limit) => {
      const seen = epoch({ size, dropLast, limit }, numbered(count));
      expect(seen.length).toBe(stepsPerEpoch(numbered(count), { size, dropLast, limit }));
      expect(seen.every((batch) => batch.size === size) || !dropLast).toBe(true);
    }));
  });

  it("after which the generator gives another order for the next one", () => {
    const rng = new Rng(5);
    expect(epoch({ size: 50, rng })).not.toEqual(epoch({ size: 50, rng }));
  });

  it("started in the middle gives the batches of the uninterrupted one", () => {
    const options = (): BatchOptions => ({ size: 8, rng: new Rng(9).stream("epoch/4") });
    const whole = epoch(options());
    for (let start = 0; start <= whole.length; start++) expect(epoch({ ...options(), start })).toEqual(whole.slice(start));
  });

  it("stopped early moves the generator on no differently", () => {
    const rng = new Rng(5);
    for (const _ of batches(digits, { size: 8, rng })) break;
    const other = new Rng(5);
    epoch({ size: 8, rng: other });
    expect(rng.state()).toEqual(other.state());
  });

  it("normalises each channel with its own mean and deviation", () => {
    const colour: Dataset = {
      name: "colour", classes: ["a"], labels: new Uint8Array(2), mean: [0, 0.2, 1], std: [1, 0.2, 0.5],
      images: { shape: [2, 3, 1, 2], data: Uint8Array.of(0, 255, 51, 51, 255, 255, 255, 0, 0, 102, 0, 0) },
    };
    const [{ pixels }] = epoch({ size: 2 }, colour);
    expect(pixels.map((x) => Math.round(x * 1e6) / 1e6)).toEqual([0, 1, 0, 0, 0, 0, 1, 0, -1, 1, -2, -2]);
  });
});

describe("a batch", () => {
  it("becomes tensors as it is", () => {
    const [images, labels] = scope(() => {
      for (const batch of batches(digits, { size: 16, rng: new Rng(1) })) return [tensor(batch.images), tensor(batch.labels)];
      throw new Error("no batch");
    });
    expect([images.shape, images.dtype, labels.shape, labels.dtype]).toEqual([[16, 1, 8, 8], "f32", [16], "i32"]);
  });

  it("shares its arrays with the next: an epoch allocates for one batch", () => {
    const buffers = new Set<ArrayBufferLike>();
    for (const batch of batches(digits, { size: 8 })) buffers.add(batch.images.data.buffer).add(batch.labels.data.buffer);
    expect(buffers.size).toBe(2);
  });

  it("larger than the set holds the whole set and no memory for more", () => {
    const [batch, ...rest] = Array.from(batches(digits, { size: 1e9 }));
    expect([batch.size, batch.images.data.buffer.byteLength, rest.length]).toEqual([50, 50 * 64 * 4, 0]);
  });
});

describe("bad options", () => {
  it.each<[BatchOptions, string]>([
    [{ size: 0 }, "batches: size is 0. It must be a positive integer."],
    [{ size: 1.5 }, "size is 1.5"],
    [{ size: Number.NaN }, "size is NaN"],
    [{ size: 8, limit: 0 }, "limit is 0"],
    [{ size: 8, start: -1 }, "start is -1. It must be an integer from 0 to 7, the batches of the epoch."],
    [{ size: 8, start: 8 }, "start is 8"],
    [{ size: 8, limit: 2, start: 3 }, "start is 3. It must be an integer from 0 to 2"],
  ])("%j are refused at the call, before the generator is used", (options, problem) => {
    const rng = new Rng(1);
    expect(() => batches(digits, { ...options, rng })).toThrow(problem);
    expect(rng.state()).toEqual(new Rng(1).state());
  });

  it("and a set whose parts disagree are refused at the call", () => {
    expect(() => batches({ ...digits, labels: digits.labels.subarray(1) }, { size: 8 })).toThrow("49 labels for 50 images");
  });
});
