import { describe, expect, it } from "vitest";
import { ones, tensor } from "../../create.ts";
import { gpuAgrees } from "../../gpu/agreement.ts";
import { useGpu } from "../../gpu/useGpu.ts";
import type { Rng } from "../../random.ts";
import { addAtGpu, gatherGpu } from "./gather.gpu.ts";
import { gather } from "./gather.ts";

const named = (size: number) => (rng: Rng): number => rng.integer(2 * size) - size; // from the front or, negative, from the end
const cases = ([[[4, 3], [5], 0], [[2, 4, 3], [2, 3], 1], [[3, 5], [4], 1], [[1, 3], [2], 0], [[4], [], 0], [[4, 2], [0], 0]] as const).map(([shape, indices, axis]) => ({
  shape, axis, indices: { shape: indices, dtype: "i32" as const, fill: named(shape[axis]!) }, gathered: [...shape.slice(0, axis), ...indices, ...shape.slice(axis + 1)],
}));

describe("entries named by indices on a device", () => {
  it("are gathered as the reference does", () =>
    // The entry with the NaN need not be named; numbers are copied, so a NaN goes where they go.
    gpuAgrees(gatherGpu, cases.map(({ shape, axis, indices }) => ({ inputs: [{ shape }, indices], attrs: { axis, constant: null } }))));

  it("are added up as the reference does, but for those of the constant", () =>
    gpuAgrees(addAtGpu, cases.flatMap(({ shape, axis, indices, gathered }) => [null, 1].map((constant) => ({ inputs: [{ shape: gathered }, indices], attrs: { axis, constant, shape }, terms: 5 })))));

  it("are added up from a thousand indices", () =>
    gpuAgrees(addAtGpu, [{ inputs: [{ shape: [1001, 3] }, { shape: [1001], dtype: "i32", fill: named(6) }], attrs: { axis: 0, constant: null, shape: [6, 3] }, terms: 1001 }]));

  it("are refused by name if the indices lie there, where nobody can see whether they are in range", async () => {
    const gpu = await useGpu({ engine: "webasm", software: true });
    expect(() => gather(gpu.upload(ones([2, 3])), gpu.upload(tensor(Int32Array.of(1))))).toThrow(/^gather: .* lies on/);
  });
});
