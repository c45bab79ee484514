// MNIST as the page's server gives it: the four official files, packed by gzip.
import { type Dataset, idxPair, type IdxFile, mnist } from "@llr/data";

export interface Mnist {
  readonly train: Dataset;
  readonly test: Dataset;
}

/** @throws DataFormatError for a damaged file; Error, in words, if the server has none */
export async function fetchMnist(): Promise<Mnist> {
  const [train, test] = await Promise.all([part("train"), part("test")]);
  return { train, test };
}

async function part(which: "train" | "test"): Promise<Dataset> {
  const { images, labels } = mnist[which];
  const [imageBytes, labelBytes] = await Promise.all([unpacked(images), unpacked(labels)]);
  const pair = idxPair(imageBytes, labelBytes, { classes: mnist.classes.length, imagesFile: images.names[0], labelsFile: labels.names[0] });
  const [count, height, width] = pair.images.shape;
  return { name: `mnist/${which}`, images: { shape: [count, 1, height, width], data: pair.images.data }, labels: pair.labels, classes: mnist.classes, mean: [mnist.mean], std: [mnist.std] };
}

async function unpacked({ names, sha256 }: IdxFile): Promise<Uint8Array> {
  const url = `mnist/${names[0]}.gz`;
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url} cannot be fetched: the server answers ${response.status} ${response.statusText}. Serve the page by npm run gpu-page, which brings the files.`);
  const sent = await response.blob();
  const isPacked = new DataView(await sent.slice(0, 2).arrayBuffer()).getUint16(0) === 0x1f8b; // some servers have it unpacked on the way
  const bytes = new Uint8Array(await (isPacked ? new Response(sent.stream().pipeThrough(new DecompressionStream("gzip"))) : sent).arrayBuffer());
  await check(url, bytes, sha256);
  return bytes;
}

/** Browsers have SHA-256 for pages from this machine or by https only. */
async function check(url: string, bytes: Uint8Array<ArrayBuffer>, published: string): Promise<void> {
  if (!isSecureContext) return;
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  const found = Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
  if (found !== published) throw new Error(`${url} is not the published file: its SHA-256 is ${found}, expected ${published}. Load the page again.`);
}
