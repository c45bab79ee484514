import { createHash } from "node:crypto";
import { readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { DataFormatError } from "../dataFormatError.ts";
import type { Dataset } from "../dataset.ts";
import { idxPair } from "../idxImages.ts";
import type { IdxDatasetDescription, IdxFile } from "../mnist.ts";
import { DataFileError } from "./dataFileError.ts";
import { readIdxBytes } from "./readIdx.ts";

export interface LoadOptions {
  /** The folder with the four files, raw or packed, under either common spelling of their names. */
  readonly dir: string;
  /**
   * Takes files whose checksums are not the published ones, for data of one's own in the same format. `source.verified`
   * is then false, and the checksums found are in `source.files`.
   */
  readonly acceptOtherData?: boolean | undefined;
  /** How the user of a program asks for that, for the advice of an error. Default "pass acceptOtherData". */
  readonly acceptedBy?: string | undefined;
}

export interface LoadedDataset {
  readonly train: Dataset;
  readonly test: Dataset;
  readonly source: DataSource;
}

/** Where the data came from and what it was, for the manifest of a run. */
export interface DataSource {
  readonly dataset: string;
  readonly dir: string;
  /** Whether every checksum is the published one. */
  readonly verified: boolean;
  readonly files: readonly DataSourceFile[];
}

/** Length and checksum are of the unpacked bytes. */
export interface DataSourceFile {
  readonly file: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly verified: boolean;
}

/**
 * Loads a data set of four IDX files from a folder and checks that it is the published one.
 *
 * @throws DataFileError if the folder or a file is missing
 * @throws DataFormatError if a file is damaged, is not what its name says, or has another checksum
 */
export async function loadIdxDataset(description: IdxDatasetDescription, options: LoadOptions): Promise<LoadedDataset> {
  const { dir } = options;
  const paths = await findFiles(description, dir);
  const train = await loadPart(description, "train", paths, options);
  const test = await loadPart(description, "test", paths, options);
  const files = [...train.files, ...test.files];
  return { train: train.dataset, test: test.dataset, source: { dataset: description.name, dir, verified: files.every((file) => file.verified), files } };
}

/** The path of each file of the description; everything is looked for before anything is read. */
async function findFiles({ name, train, test, url }: IdxDatasetDescription, dir: string): Promise<Map<IdxFile, string>> {
  const wanted = [train.images, train.labels, test.images, test.labels];
  const advice = `It must hold ${wanted.map(({ names }) => names[0]).join(", ")}, raw or with .gz, as published at ${url}.`;
  const entries = await readdir(dir, { withFileTypes: true }).catch((error: unknown) => { throw DataFileError.from(name, dir, error, advice); });
  // Some archives unpack to a folder of the name that the file has elsewhere.
  const present = new Set(entries.filter((entry) => !entry.isDirectory()).map((entry) => entry.name));
  return new Map(wanted.map((file) => {
    const found = file.names.flatMap((n) => [n, `${n}.gz`]).find((n) => present.has(n));
    if (found === undefined) throw new DataFileError(name, dir, `has no ${file.names.join(" or ")}. ${advice}`);
    return [file, join(dir, found)];
  }));
}

interface LoadedPart { readonly dataset: Dataset; readonly files: readonly DataSourceFile[] }

async function loadPart(description: IdxDatasetDescription, part: "train" | "test", paths: Map<IdxFile, string>, { acceptOtherData = false, acceptedBy = "pass acceptOtherData" }: LoadOptions): Promise<LoadedPart> {
  const { name, height, width, classes, mean, std } = description;
  const { images, labels } = description[part];
  const imagesFile = paths.get(images) as string;
  const labelsFile = paths.get(labels) as string;
  const imageBytes = await readIdxBytes(imagesFile);
  const labelBytes = await readIdxBytes(labelsFile);
  // The format before the checksum: "cut off at byte 9" says more than two different sums.
  const pair = idxPair(imageBytes, labelBytes, { classes: classes.length, imagesFile, labelsFile });
  const [count, h, w] = pair.images.shape;
  if (h !== height || w !== width)
    throw new DataFormatError(name, {
      file: imagesFile, offset: 8, what: "the size of an image", actual: `${h} x ${w}`,
      expected: `${height} x ${width}`,
    });
  const files = [fingerprint(imagesFile, imageBytes, images.sha256), fingerprint(labelsFile, labelBytes, labels.sha256)];
  if (!acceptOtherData) {
    checkFingerprint(name, imagesFile, files[0], images.sha256, acceptedBy);
    checkFingerprint(name, labelsFile, files[1], labels.sha256, acceptedBy);
  }
  const pixels = { shape: [count, 1, h, w] as const, data: pair.images.data };
  return { dataset: { name: `${name}/${part}`, images: pixels, labels: pair.labels, classes, mean: [mean], std: [std] }, files };
}

function fingerprint(path: string, bytes: Uint8Array, published: string): DataSourceFile {
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  return { file: basename(path), bytes: bytes.length, sha256, verified: sha256 === published };
}

function checkFingerprint(name: string, path: string, { sha256, verified }: DataSourceFile, published: string, acceptedBy: string): void {
  if (verified) return;
  throw new DataFormatError(name, {
    file: path, what: "the sha256 of the unpacked bytes", actual: sha256, expected: published,
    advice: `It is damaged, or of another data set with the same file names: get it again, or ${acceptedBy} to use it all the same.`,
  });
}
