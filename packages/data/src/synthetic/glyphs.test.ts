import { Rng } from "@llr/tensor";
import { describe, expect, it } from "vitest";
import { checkDataset, type Dataset } from "../dataset.ts";
import { glyphs } from "./glyphs.ts";

/** The share of images whose nearest mean image (over the training set) is that of their own class. */
function nearestMeanAccuracy(train: Dataset, test: Dataset): number {
  const [count, , height, width] = train.images.shape;
  const size = height * width;
  const means = train.classes.map((_, c) => {
    const mean = new Float64Array(size);
    for (let i = c; i < count; i += 10) for (let p = 0; p < size; p++) mean[p] += train.images.data[i * size + p] / (count / 10);
    return mean;
  });
  const right = Array.from(test.labels).filter((label, i) => {
    const image = test.images.data.subarray(i * size, (i + 1) * size);
    const distances = means.map((mean) => mean.reduce((sum, m, p) => sum + (m - image[p]) ** 2, 0));
    return distances.indexOf(Math.min(...distances)) === label;
  });
  return right.length / test.labels.length;
}

describe("glyphs", () => {
  it.each([8, 28])("of %d pixels are a valid set with every digit equally often", (size) => {
    const digits = glyphs({ count: 100, size, rng: new Rng(2) });
    checkDataset(digits);
    for (let digit = 0; digit < 10; digit++) expect(digits.labels.filter((label) => label === digit).length).toBe(10);
  });

  it("can be told apart, but not by the crudest means at once: the task is neither noise nor trivial", () => {
    const accuracy = nearestMeanAccuracy(glyphs({ count: 500, rng: new Rng(1) }), glyphs({ count: 300, rng: new Rng(2) }));
    expect(accuracy).toBeGreaterThan(0.5);
    expect(accuracy).toBeLessThan(0.99);
  });

  it("without noise show the font: a 1 has a foot of three pixels under a stem of one", () => {
    const { images } = glyphs({ count: 2, noise: 0, rng: new Rng(4) });
    const rows = Array.from({ length: 8 }, (_, y) => images.data.subarray(64 + y * 8, 64 + y * 8 + 8).filter((value) => value > 0).length);
    expect(rows.filter((inked) => inked > 0)).toEqual([1, 2, 1, 1, 1, 1, 3]);
  });

  it("are the same for the same seed only", () => {
    const data = (seed: number): Uint8Array => glyphs({ count: 20, rng: new Rng(seed) }).images.data;
    expect(data(1)).toEqual(data(1));
    expect(data(1)).not.toEqual(data(2));
  });

  it("refuse a size that the font does not fit in, and no images", () => {
    expect(() => glyphs({ count: 1, size: 7, rng: new Rng(0) })).toThrow("glyphs: size is 7");
    expect(() => glyphs({ count: 0, rng: new Rng(0) })).toThrow("glyphs: count is 0");
  });
});
