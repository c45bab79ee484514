import { describe, it } from "vitest";
import { gpuAgrees } from "../../gpu/agreement.ts";
import { concatGpu } from "./concat.gpu.ts";

describe("concat on a device", () => {
  const joined: readonly (readonly [readonly (readonly number[])[], number])[] = [
    [[[2], [3]], 0], [[[2, 1], [2, 3], [2, 2]], 1], [[[2, 1, 3], [2, 0, 3], [2, 2, 3]], 1], [[[2, 3]], 0], [[[0], [0]], 0], [[[1, 2], [1, 3]], 1],
    [[[2, 3, 4, 5], [2, 7, 4, 5]], 1], [[[0, 2], [3, 2]], 0], [[[1, 1, 1], [1, 1, 1]], 1],
  ];

  it("joins as the reference does along any axis, parts of no entries left out", () =>
    gpuAgrees(concatGpu, joined.map(([shapes, axis]) => ({ inputs: shapes.map((shape) => ({ shape })), attrs: { axis } }))));

  it("joins more tensors than a kernel has arguments", () =>
    gpuAgrees(concatGpu, [7, 8, 20].map((n) => ({ inputs: Array.from({ length: n }, (_, i) => ({ shape: [2, i % 3, 3] })), attrs: { axis: 1 } }))));
});
