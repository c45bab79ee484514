import { describe, it } from "vitest";
import { gpuAgrees } from "../../gpu/agreement.ts";
import { sliceGpu, unsliceGpu } from "./slice.gpu.ts";

const boxes = [
  { shape: [6], starts: [1], steps: [1], counts: [4] },
  { shape: [6], starts: [5], steps: [-1], counts: [6] },
  { shape: [7], starts: [6], steps: [-3], counts: [2] },
  { shape: [7, 5], starts: [0, 1], steps: [3, 2], counts: [3, 2] },
  { shape: [4, 5, 3], starts: [1, 0, 0], steps: [1, 1, 1], counts: [2, 5, 3] },
  { shape: [2, 5, 3], starts: [0, 2, 0], steps: [1, 1, 1], counts: [2, 2, 3] },
  { shape: [2, 3, 4, 5], starts: [0, 2, 0, 3], steps: [1, -1, 2, 1], counts: [2, 3, 2, 2] },
  { shape: [2, 3, 2, 3, 2], starts: [1, 0, 1, 0, 1], steps: [1, 2, 1, 2, 1], counts: [1, 2, 1, 2, 1] },
  { shape: [3, 4], starts: [0, 0], steps: [1, 1], counts: [3, 0] },
  { shape: [0, 4], starts: [0, 0], steps: [1, 1], counts: [0, 4] },
  { shape: [], starts: [], steps: [], counts: [] },
];

describe("a slice on a device", () => {
  it("takes what the reference takes: steps forwards, backwards and over entries, along any axes", () =>
    gpuAgrees(sliceGpu, boxes.map(({ shape, ...attrs }) => ({ inputs: [{ shape }], attrs }))));

  it("is put back among zeros as the reference does", () =>
    gpuAgrees(unsliceGpu, boxes.map((attrs) => ({ inputs: [{ shape: attrs.counts }], attrs }))));
});
