import { describe, expect, it } from "vitest";
import { ones } from "../../create.ts";
import { gpuAgrees } from "../../gpu/agreement.ts";
import { useGpu } from "../../gpu/useGpu.ts";
import { pad } from "./pad.ts";
import { padGpu, unpadGpu } from "./pad.gpu.ts";

type Case = readonly [readonly number[], readonly (readonly [number, number])[]];
const frames: readonly Case[] = [[[3], [[1, 2]]], [[2, 3], [[0, 1], [2, 0]]], [[2, 3, 2, 2], [[0, 0], [0, 0], [1, 1], [1, 1]]], [[0, 2], [[1, 1], [0, 0]]], [[1, 1], [[1, 0], [0, 3]]], [[], []]];
const cut: readonly Case[] = [[[5], [[-1, 2]]], [[4, 5], [[-2, -1], [1, -3]]], [[1, 4], [[-1, 2], [0, 0]]]];

describe("padding on a device", () => {
  it("puts constants around, and takes away where there are fewer than none to add", () =>
    gpuAgrees(padGpu, [...frames, ...cut].flatMap(([shape, pads]) => [0, -1.5, 1e-12].map((value) => ({ inputs: [{ shape }], attrs: { pads, mode: "constant" as const, value } }))), { keepsNaN: false })); // the NaN may be what is taken away

  it("is undone in its derivative", () =>
    gpuAgrees(unpadGpu, [...frames, ...cut].map(([shape, pads]) => ({ inputs: [{ shape: shape.map((n, i) => n + pads[i][0] + pads[i][1]) }], attrs: { pads, mode: "constant" as const, value: 0, shape } }))));

  it("with copies has no kernel, and says so", async () => {
    const gpu = await useGpu({ engine: "webasm", software: true });
    expect(() => pad(gpu.upload(ones([3])), { pads: [[1, 1]], mode: "reflect" })).toThrow(/^pad: the mode is "reflect"; the gpu has a kernel for "constant"/);
  });
});
