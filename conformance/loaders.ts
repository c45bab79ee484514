// File loaders in the conformance kit's words. Formats that are not listed count as not offered.
import { readFile } from "node:fs/promises";
import { type GreyImages, idxImages as parseImages, idxLabels as parseLabels, idxPair as parsePair } from "@llr/data";
import { readIdx, readIdxBytes } from "@llr/data/node";
import { readSafetensors, type SafetensorsArray } from "@llr/nn";

export const loaders = {
  idx: readIdx,

  idxImages: async (path: string): Promise<GreyImages> => parseImages(await readIdxBytes(path), { file: path }),

  idxLabels: async (path: string, classes: number): Promise<Uint8Array> => parseLabels(await readIdxBytes(path), { classes, file: path }),

  /** The kit's pairs are of digits. */
  idxPair: async (imagesPath: string, labelsPath: string): Promise<{ images: GreyImages; labels: Uint8Array }> =>
    parsePair(await readIdxBytes(imagesPath), await readIdxBytes(labelsPath), { classes: 10, imagesFile: imagesPath, labelsFile: labelsPath }),

  safetensors: async (path: string): Promise<ReadonlyMap<string, SafetensorsArray>> => readSafetensors(await readFile(path), { file: path }).tensors,
};
