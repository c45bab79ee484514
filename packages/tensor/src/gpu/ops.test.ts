import { expect, it } from "vitest";
import { gpuKernels, gpuOps } from "./ops.ts";

it("every op has one entry, and the list of their names is in order", () => {
  expect(new Set(gpuKernels.map(({ op }) => op)).size).toBe(gpuKernels.length);
  expect(new Set(gpuOps).size).toBe(gpuOps.length);
  expect(gpuOps).toEqual([...gpuOps].sort());
  expect(gpuOps).toEqual(expect.arrayContaining(["add", "matmul", "relu"]));
});
