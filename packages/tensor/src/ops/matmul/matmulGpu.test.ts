import { describe, expect, test } from "vitest";
import { gpuAgrees } from "../../gpu/agreement.ts";
import { useGpu } from "../../gpu/useGpu.ts";
import { ones } from "../../create.ts";
import { matmul } from "./matmul.ts";
import { matmulGpu } from "./matmul.gpu.ts";

const transposes = [false, true].flatMap((transposeA) => [false, true].map((transposeB) => ({ transposeA, transposeB })));
const oriented = (rows: number, columns: number, transposed: boolean): number[] => (transposed ? [columns, rows] : [rows, columns]);

describe("matmul on a device", () => {
  test("agrees with the reference for all transposes, at sizes that no workgroup divides", () =>
    gpuAgrees(matmulGpu, transposes.flatMap((attrs) => [[3, 5, 4], [17, 9, 33], [1, 300, 1]].map(([m, k, n]) => ({
      inputs: [{ shape: oriented(m, k, attrs.transposeA) }, { shape: oriented(k, n, attrs.transposeB) }], attrs, terms: k,
    })))));

  test("multiplies every matrix of a batch by its own", () =>
    gpuAgrees(matmulGpu, transposes.map((attrs) => ({ inputs: [{ shape: [3, ...oriented(2, 4, attrs.transposeA)] }, { shape: [3, ...oriented(4, 5, attrs.transposeB)] }], attrs }))));

  test("is the same by tiles, from the smallest products on that take them", () =>
    gpuAgrees(matmulGpu, [...transposes.flatMap((attrs) => [[32, 64, 17], [70, 31, 132]].map((sizes) => ({ attrs, sizes }))), { attrs: transposes[0], sizes: [12, 700, 13] }].map(({ attrs, sizes: [m, k, n] }) => ({
      inputs: [{ shape: [2, ...oriented(m, k, attrs.transposeA)] }, { shape: [2, ...oriented(k, n, attrs.transposeB)] }], attrs, terms: k,
    }))));

  test("adds up few results of many terms in parts, the last of them shorter", () =>
    gpuAgrees(matmulGpu, transposes.map((attrs) => ({ inputs: [{ shape: [2, ...oriented(2, 2500, attrs.transposeA)] }, { shape: [2, ...oriented(2500, 3, attrs.transposeB)] }], attrs, terms: 2500 }))));

  test("gives zeros for a sum of no terms, and nothing for no rows", () =>
    gpuAgrees(matmulGpu, [[2, 0, 3], [0, 4, 3]].map(([m, k, n]) => ({ inputs: [{ shape: [m, k] }, { shape: [k, n] }], attrs: { transposeA: false, transposeB: false } }))));

  test("adds up all of 5000 terms, where gpu.js would stop after 1000", async () => {
    const gpu = await useGpu({ engine: "webasm", software: true });
    const product = matmul(gpu.upload(ones([1, 5000])), gpu.upload(ones([5000, 1])));
    expect(await product.read()).toEqual(Float32Array.of(5000));
  });
});
