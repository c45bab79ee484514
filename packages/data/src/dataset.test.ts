import { Rng } from "@llr/tensor";
import { describe, expect, it } from "vitest";
import { channelStatistics, checkDataset, type Dataset, holdOut, subset } from "./dataset.ts";
import { glyphs } from "./synthetic/glyphs.ts";

const digits = glyphs({ count: 40, rng: new Rng(1) });

describe("checkDataset", () => {
  it("accepts a set whose parts agree", () => {
    checkDataset(digits);
  });

  it.each<[string, Partial<Dataset>]>([
    ["the images are [40, 1, 8, 8] with 5 values", { images: { shape: [40, 1, 8, 8], data: new Uint8Array(5) } }],
    ["the images are [2560] with 2560 values", { images: { shape: [2560], data: new Uint8Array(2560) } as unknown as Dataset["images"] }],
    ["there are 39 labels for 40 images", { labels: digits.labels.subarray(1) }],
    ["mean has 3 values and std 1, the images have 1 channels", { mean: [0, 0, 0] }],
    ["mean is [0], std is [0]", { mean: [0], std: [0] }],
    ["mean is [NaN]", { mean: [Number.NaN] }],
    ["label 9 is 9, outside [0, 9)", { classes: digits.classes.slice(1) }],
  ])("refuses one where %s", (problem, change) => {
    expect(() => checkDataset({ ...digits, ...change })).toThrow(`dataset: glyphs 8x8: ${problem}`);
  });
});

describe("subset", () => {
  it("without a generator is the start of the set, in the same memory", () => {
    const few = subset(digits, 7);
    checkDataset(few);
    expect(few.images.data).toEqual(digits.images.data.slice(0, 7 * 64));
    expect(few.images.data.buffer).toBe(digits.images.data.buffer);
    expect([few.name, few.labels.length]).toEqual(["glyphs 8x8, first 7", 7]);
  });

  it("with one holds different images with their own labels, the same ones for the same generator", () => {
    const few = subset(digits, 40, { rng: new Rng(3) });
    checkDataset(few);
    const entries = (set: Dataset): string[] => Array.from(set.labels, (label, i) => `${label}: ${set.images.data.subarray(i * 64, (i + 1) * 64)}`);
    expect(entries(few)).not.toEqual(entries(digits));
    expect(entries(few).sort()).toEqual(entries(digits).sort());
    expect(entries(subset(digits, 9, { rng: new Rng(3) }))).toEqual(entries(few).slice(0, 9));
  });

  it("may be empty or whole, and refuses what the set does not have", () => {
    expect(subset(digits, 0).images.shape).toEqual([0, 1, 8, 8]);
    expect(subset(digits, 40).labels).toEqual(digits.labels);
    for (const n of [-1, 41, 1.5, Number.NaN]) expect(() => subset(digits, n)).toThrow(`subset: n is ${n}. It must be an integer from 0 to 40`);
  });
});

describe("holdOut", () => {
  it("cuts the set in two that together are the set, in the same memory", () => {
    const { train, heldOut } = holdOut(digits, 15);
    checkDataset(train);
    checkDataset(heldOut);
    expect([...train.labels, ...heldOut.labels]).toEqual([...digits.labels]);
    expect([...train.images.data, ...heldOut.images.data]).toEqual([...digits.images.data]);
    expect(heldOut.images.data.buffer).toBe(digits.images.data.buffer);
    expect(heldOut.name).toBe("glyphs 8x8, last 15");
  });

  it("may set nothing or everything aside, and refuses what the set does not have", () => {
    expect(holdOut(digits, 0).heldOut.labels).toHaveLength(0);
    expect(holdOut(digits, 40).train.labels).toHaveLength(0);
    for (const n of [-1, 41, 1.5, Number.NaN]) expect(() => holdOut(digits, n)).toThrow(`holdOut: n is ${n}. It must be an integer from 0 to 40`);
  });
});

describe("channelStatistics", () => {
  it("are mean and population deviation of each channel by hand", () => {
    // Two images of two channels of two pixels: channel 0 holds 0 0 255 255, channel 1 holds 51 everywhere.
    const images = { shape: [2, 2, 1, 2] as const, data: Uint8Array.of(0, 0, 51, 51, 255, 255, 51, 51) };
    const { mean, std } = channelStatistics(images);
    expect(mean).toEqual([0.5, 0.2]);
    expect(std).toEqual([0.5, 0]);
  });

  it("refuse a set without pixels", () => {
    expect(() => channelStatistics({ shape: [0, 1, 8, 8], data: new Uint8Array(0) })).toThrow("channelStatistics: the images are [0, 1, 8, 8]");
  });
});
