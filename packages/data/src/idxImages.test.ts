import { describe, expect, it } from "vitest";
import { idxImages, idxLabels, idxPair } from "./idxImages.ts";

const images = (count: number, height: number, width: number): Uint8Array =>
  Uint8Array.of(0, 0, 8, 3, 0, 0, 0, count, 0, 0, 0, height, 0, 0, 0, width, ...Array.from({ length: count * height * width }, (_, i) => i));
const labels = (...values: number[]): Uint8Array => Uint8Array.of(0, 0, 8, 1, 0, 0, 0, values.length, ...values);
const words = Uint8Array.of(0, 0, 0x0c, 3, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 7);

describe("images", () => {
  it("come with their shape and pixels", () => {
    expect(idxImages(images(2, 2, 1))).toEqual({ shape: [2, 2, 1], data: Uint8Array.of(0, 1, 2, 3) });
  });

  it("are refused when the file holds labels, wider numbers, or images without pixels", () => {
    expect(() => idxImages(labels(1, 2), { file: "a" })).toThrow(
      "idxImages: a: the content is u8 of rank 1 at byte 0, expected u8 of rank 3, [count, height, width]. It looks like a file of labels: are the two exchanged?",
    );
    expect(() => idxImages(words)).toThrow("the content is i32 of rank 3");
    expect(() => idxImages(images(3, 0, 5))).toThrow("the size of an image is 0 x 5");
  });
});

describe("labels", () => {
  it("come as they are", () => {
    expect(idxLabels(labels(3, 0, 9), { classes: 10 })).toEqual(Uint8Array.of(3, 0, 9));
  });

  it("are refused when one is no class, with its place in the file", () => {
    expect(() => idxLabels(labels(3, 10, 11), { classes: 10, file: "a" })).toThrow("idxLabels: a: label 1 is 10 at byte 9, expected 0 to 9.");
    expect(() => idxLabels(labels(255), { classes: 10 })).toThrow("label 0 is 255 at byte 8");
  });

  it("are refused when the file holds images", () => {
    expect(() => idxLabels(images(1, 2, 2), { classes: 10 })).toThrow("It looks like a file of images: are the two exchanged?");
  });
});

describe("a pair", () => {
  it("of equal counts is read", () => {
    const pair = idxPair(images(2, 1, 1), labels(4, 5), { classes: 10 });
    expect([pair.images.shape, [...pair.labels]]).toEqual([[2, 1, 1], [4, 5]]);
  });

  it("of unequal counts is refused in both directions, and both files are named", () => {
    const files = { classes: 10, imagesFile: "the-images", labelsFile: "the-labels" };
    expect(() => idxPair(images(2, 1, 1), labels(4), files)).toThrow("idxPair: the-labels: the number of labels is 1 at byte 4, expected 2, one for each image of the-images.");
    expect(() => idxPair(images(1, 1, 1), labels(4, 5), files)).toThrow("the number of labels is 2 at byte 4, expected 1");
  });
});
