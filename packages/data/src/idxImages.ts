// The two kinds of IDX file that an image data set consists of, and what has to hold between them.
import { DataFormatError } from "./dataFormatError.ts";
import { parseIdx, type IdxOptions } from "./idx.ts";

/** [count, height, width] grey values from 0 to 255. */
export interface GreyImages {
  readonly shape: readonly [count: number, height: number, width: number];
  readonly data: Uint8Array;
}

/**
 * Reads a file of grey images: bytes of rank 3, magic number 2051.
 *
 * @returns  the pixels as a view of `bytes`
 * @throws DataFormatError as `parseIdx`, and if the file holds something else, such as labels, or images without pixels
 */
export function idxImages(bytes: Uint8Array, { file }: IdxOptions = {}): GreyImages {
  const { shape, dtype, data } = parseIdx(bytes, { file });
  if (dtype !== "u8" || shape.length !== 3)
    throw new DataFormatError("idxImages", {
      file, offset: 0, what: "the content", actual: `${dtype} of rank ${shape.length}`, expected: "u8 of rank 3, [count, height, width]",
      advice: shape.length === 1 ? "It looks like a file of labels: are the two exchanged?" : undefined,
    });
  const [count, height, width] = shape;
  if (height * width === 0)
    throw new DataFormatError("idxImages", {
      file, offset: 8, what: "the size of an image", actual: `${height} x ${width}`,
      expected: "at least 1 x 1",
    });
  return { shape: [count, height, width], data: data as Uint8Array };
}

/**
 * Reads a file of class labels: bytes of rank 1, magic number 2049.
 *
 * @param classes  how many classes there are; every label must be below
 * @returns        the labels as a view of `bytes`
 * @throws DataFormatError as `parseIdx`, and if the file holds something else, or a label that is no class
 * @example
 * import { idxLabels } from "@llr/data";
 * const bytes = Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 3, 4, 10, 2);
 * idxLabels(bytes, { classes: 11 }) // => [4, 10, 2]
 * idxLabels(bytes, { classes: 10 }) // throws idxLabels: label 1 is 10 at byte 9, expected 0 to 9
 */
export function idxLabels(bytes: Uint8Array, { classes, file }: IdxOptions & { readonly classes: number }): Uint8Array {
  const { shape, dtype, data } = parseIdx(bytes, { file });
  if (dtype !== "u8" || shape.length !== 1)
    throw new DataFormatError("idxLabels", {
      file, offset: 0, what: "the content", actual: `${dtype} of rank ${shape.length}`, expected: "u8 of rank 1",
      advice: shape.length === 3 ? "It looks like a file of images: are the two exchanged?" : undefined,
    });
  const labels = data as Uint8Array;
  const wrong = labels.findIndex((label) => label >= classes);
  if (wrong !== -1)
    throw new DataFormatError("idxLabels", {
      file, offset: bytes.length - labels.length + wrong, what: `label ${wrong}`, actual: `${labels[wrong]}`,
      expected: `0 to ${classes - 1}`,
    });
  return labels;
}

export interface IdxPairOptions {
  readonly classes: number;
  readonly imagesFile?: string | undefined;
  readonly labelsFile?: string | undefined;
}

/**
 * Reads images and the labels that belong to them.
 *
 * @throws DataFormatError as `idxImages` and `idxLabels`, and if there are not as many labels as images
 */
export function idxPair(images: Uint8Array, labels: Uint8Array, { classes, imagesFile, labelsFile }: IdxPairOptions): { images: GreyImages; labels: Uint8Array } {
  const parsed = { images: idxImages(images, { file: imagesFile }), labels: idxLabels(labels, { classes, file: labelsFile }) };
  const [count] = parsed.images.shape;
  if (parsed.labels.length !== count)
    throw new DataFormatError("idxPair", {
      file: labelsFile, offset: 4, what: "the number of labels", actual: `${parsed.labels.length}`,
      expected: `${count}, one for each image${imagesFile === undefined ? "" : ` of ${imagesFile}`}`,
      advice: "Are they the files of one and the same set?",
    });
  return parsed;
}
