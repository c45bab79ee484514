// IDX files, raw and packed, with bytes changed, left out and put in: refused by a typed error with the file's name, or read
// whole: as many numbers as the shape holds.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { Rng } from "@llr/tensor";
import { afterAll, expect, it } from "vitest";
import { cases, FUZZ_SEED } from "../../../../tools/fuzz.ts";
import { idxImages, idxLabels, parseIdx } from "../index.ts";
import { readIdx } from "./readIdx.ts";

const folder = mkdtempSync(join(tmpdir(), "llr-idx-fuzz-"));
afterAll(() => rmSync(folder, { recursive: true }));
const rng = new Rng(FUZZ_SEED).stream("idx files");

const images = Uint8Array.of(0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4, ...Array.from({ length: 24 }, (_, i) => i));
const labels = Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 5, 0, 1, 2, 3, 4);
const floats = Uint8Array.of(0, 0, 13, 2, 0, 0, 0, 1, 0, 0, 0, 2, 0x3f, 0x80, 0, 0, 0x40, 0, 0, 0);

function damaged(bytes: Uint8Array): Uint8Array {
  let result = bytes.slice();
  for (let n = 1 + rng.integer(3); n > 0; n--) {
    const at = rng.integer(result.length + 1);
    const way = rng.uniform();
    if (way < 0.6 && at < result.length) result[at] = way < 0.3 ? rng.integer(256) : [0, 1, 255, 128][rng.integer(4)];
    else if (way < 0.8) result = result.slice(0, at);
    else result = Uint8Array.of(...result.subarray(0, at), rng.integer(256), ...result.subarray(at));
  }
  return result;
}

const sizeOf = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);

async function survives(read: () => unknown): Promise<boolean> {
  try {
    const found = await read() as { shape?: readonly number[]; data: ArrayLike<number> } | Uint8Array;
    if (!(found instanceof Uint8Array)) expect(found.data.length).toBe(sizeOf(found.shape!));
    return true;
  } catch (error) {
    if (!/^LLR_DATA_F(ORMAT|ILE)$/.test((error as { code?: string }).code ?? "")) throw error;
    return false;
  }
}

it("damaged IDX bytes are refused by a typed error, or read whole", async () => {
  let refused = 0;
  const total = cases(3_000, 300_000);
  for (let i = 0; i < total; i++) {
    const bytes = damaged([images, labels, floats][i % 3]);
    const read = [() => parseIdx(bytes), () => idxImages(bytes), () => idxLabels(bytes, { classes: 5 })][rng.integer(3)];
    if (!await survives(read)) refused++;
  }
  expect(refused).toBeGreaterThan(total / 2);
});

it("damaged files, raw and packed, are refused by a typed error, or read whole", async () => {
  const packed = [images, labels, floats].map((bytes) => gzipSync(bytes));
  for (let i = 0, total = cases(150, 5_000); i < total; i++) {
    const path = join(folder, `${i % 20}`);
    writeFileSync(path, i % 2 === 0 ? damaged(packed[i % 3]) : gzipSync(damaged([images, labels, floats][i % 3])));
    await survives(() => readIdx(path));
  }
});
