/** A published data set of grey images in four IDX files. */
export interface IdxDatasetDescription {
  readonly name: string;
  readonly height: number;
  readonly width: number;
  /** The names of the classes, in the order of their numbers. */
  readonly classes: readonly string[];
  /** Of the training images, with values scaled to 0 ... 1. */
  readonly mean: number;
  readonly std: number;
  readonly train: IdxFiles;
  readonly test: IdxFiles;
  /** Where the files are published. */
  readonly url: string;
}

export interface IdxFiles {
  readonly count: number;
  readonly images: IdxFile;
  readonly labels: IdxFile;
}

export interface IdxFile {
  /** The file's name and its other common spelling, both without `.gz`. */
  readonly names: readonly string[];
  /** Of the unpacked bytes: archives differ with the program that packed them. */
  readonly sha256: string;
}

/**
 * MNIST: 70,000 handwritten digits (LeCun, Cortes and Burges; yann.lecun.com/exdb/mnist).
 *
 * Mean and standard deviation are the rounded ones that published results with PyTorch use.
 */
export const mnist: IdxDatasetDescription = {
  name: "mnist",
  height: 28,
  width: 28,
  classes: ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"],
  mean: 0.1307,
  std: 0.3081,
  train: {
    count: 60_000,
    images: { names: ["train-images-idx3-ubyte", "train-images.idx3-ubyte"], sha256: "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db" },
    labels: { names: ["train-labels-idx1-ubyte", "train-labels.idx1-ubyte"], sha256: "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5" },
  },
  test: {
    count: 10_000,
    images: { names: ["t10k-images-idx3-ubyte", "t10k-images.idx3-ubyte"], sha256: "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7" },
    labels: { names: ["t10k-labels-idx1-ubyte", "t10k-labels.idx1-ubyte"], sha256: "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2" },
  },
  url: "https://ossci-datasets.s3.amazonaws.com/mnist/",
};
