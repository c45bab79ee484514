import { describe, expect, test } from "vitest";
import { matmulProduct } from "../ops/matmul/gpuProducts.ts";
import { Rng } from "../random.ts";
import type { GpuDevice } from "./device.ts";
import { testDevices, testOptions } from "./testDevices.ts";
import type { Run } from "./kernels.ts";
import { sumOfParts } from "./kernels.ts";
import { splitsFor, takesTiles, tileFor } from "./product.ts";
import type { Tile } from "./tiles.ts";
import { tiledKernel } from "./tiles.ts";

const takesWgsl = ({ engine }: { readonly engine?: string }): boolean => engine === "webgpu";
const onWgsl = async (): Promise<readonly GpuDevice<unknown>[]> => (await testDevices()).filter(({ description }) => takesWgsl(description));
const transposes = [false, true].flatMap((transposeA) => [false, true].map((transposeB) => ({ transposeA, transposeB })));

interface Sizes {
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly batch: number;
}

/** The product by one tile, against sums in double precision. */
async function multiplies(sizes: Sizes, attrs: { transposeA: boolean; transposeB: boolean }, tile: Tile, splits: number): Promise<void> {
  const { m, n, k, batch } = sizes;
  const rng = new Rng(3).stream("tiles");
  const random = (length: number): Float32Array => Float32Array.from({ length }, () => rng.normal());
  const [a, b] = [random(batch * m * k), random(batch * k * n)];
  for (const device of await onWgsl()) {
    const inputs = [device.upload(a, "test"), device.upload(b, "test")];
    const product = matmulProduct(sizes, attrs);
    const parts = device.run(tiledKernel(product, tile, splits), inputs);
    const sums = device.run(sumOfParts("test", splits, batch * m * n), [parts]);
    const found = await device.read(sums, 0, sums.length);
    for (const buffer of [...inputs, parts, sums]) buffer.release();
    for (let p = 0, at = 0; p < batch; p++) for (let row = 0; row < m; row++) for (let column = 0; column < n; column++, at++) {
      let [sum, size] = [0, 0];
      for (let i = 0; i < k; i++) {
        const term = a[p * m * k + (attrs.transposeA ? i * m + row : row * k + i)] * b[p * k * n + (attrs.transposeB ? column * k + i : i * n + column)];
        sum += term;
        size += Math.abs(term);
      }
      // Each of the k additions rounds by at most 6e-8 of the sum so far, and those errors mostly cancel.
      if (!(Math.abs(found[at] - sum) <= 1e-6 * size)) throw new Error(`${m} x ${n} x ${k}, ${JSON.stringify(attrs)}, tile ${JSON.stringify(tile)}, ${splits} splits: element ${at} is ${found[at]}, by double precision ${sum}.`);
    }
  }
}

describe.runIf(testOptions().some(takesWgsl))("products by tiles", () => {
  const small: Tile = { rows: 8, columns: 16, depth: 4, block: 4 };
  test("are right for all transposes and batches, where sizes are multiples of 4 or not, within a tile or over several", async () => {
    for (const attrs of transposes) for (const [m, n, k, batch] of [[8, 16, 4, 1], [12, 20, 8, 2], [9, 17, 5, 1], [3, 2, 1, 2], [21, 36, 11, 3]])
      await multiplies({ m, n, k, batch }, attrs, small, 1);
  });

  test("are right with blocks of 8 x 8 sums in a thread, also where a strip has no four for every thread, or two", async () => {
    for (const attrs of [transposes[0], transposes[2]]) {
      await multiplies({ m: 37, n: 70, k: 19, batch: 1 }, attrs, { rows: 32, columns: 64, depth: 4, block: 8 }, 1);
      await multiplies({ m: 36, n: 18, k: 19, batch: 1 }, attrs, { rows: 8, columns: 64, depth: 16, block: 4 }, 1);
    }
  });

  test("add up ranges of their terms, of which the last is shorter or empty", async () => {
    for (const [k, splits] of [[24, 2], [23, 3], [17, 4], [5, 3]]) await multiplies({ m: 9, n: 12, k, batch: 2 }, transposes[1], small, splits);
  });

  test("with each tile that is chosen for some shape", async () => {
    const chosen = new Set<Tile>();
    for (const [m, n, count] of [[250, 250, 70], [70, 60, 1], [30, 256, 1], [250, 30, 1], [10, 300, 1], [300, 10, 1], [30, 20, 1]]) {
      const tile = tileFor({ m, n, k: 20, count });
      chosen.add(tile);
      await multiplies({ m: Math.min(m, tile.rows + 3), n: Math.min(n, tile.columns + 3), k: 20, batch: 1 }, transposes[0], tile, 1);
    }
    expect(chosen.size).toBe(7);
  });
});

describe("the choice of a tile", () => {
  const run = (takesWgsl: boolean): Run => Object.assign(() => { throw new Error("nothing runs here"); }, { takesWgsl });
  test("goes by the sizes, and falls on none for what is small, thin or not to be had", () => {
    expect(takesTiles(run(true), { m: 64, n: 64, k: 64, count: 1 })).toBe(true);
    expect(takesTiles(run(false), { m: 64, n: 64, k: 64, count: 1 })).toBe(false);
    for (const [m, n, k] of [[8, 4096, 4096], [4096, 4096, 4], [16, 16, 16]]) expect(takesTiles(run(true), { m, n, k, count: 1 })).toBe(false);
  });

  test("stays within what every device has: 256 threads and 16 KiB of shared memory", () => {
    for (const m of [8, 16, 24, 32, 64, 100, 1000]) for (const n of [8, 16, 24, 32, 64, 100, 1000]) {
      const { wgsl } = tiledKernel(matmulProduct({ m, n, k: 64, batch: 300 }, transposes[0]), tileFor({ m, n, k: 64, count: 300 }));
      const fours = [...wgsl.matchAll(/array<vec4<f32>, (\d+)>/g)].reduce((sum, [, length]) => sum + Number(length), 0);
      expect(fours * 16).toBeLessThanOrEqual(16_384);
      expect(Number(/@workgroup_size\((\d+)\)/.exec(wgsl)![1])).toBeLessThanOrEqual(256);
    }
  });

  test("splits the terms of a product with few results, and never one with many", () => {
    const gradient = { m: 16, n: 27, k: 512 * 1024, count: 1 };
    expect(splitsFor(gradient, tileFor(gradient))).toBeGreaterThanOrEqual(128);
    const square = { m: 4096, n: 4096, k: 4096, count: 1 };
    expect(splitsFor(square, tileFor(square))).toBe(1);
  });
});
