import { describe, expect, it } from "vitest";
import { apply, conv2d, conv2dInputGradOp, conv2dWeightGradOp, tensor } from "../../index.ts";
import { Rng } from "../../random.ts";
import type { Shape } from "../../shape.ts";
import { sizeOf } from "../../shape.ts";
import type { ConvAttrs } from "./geometry.ts";
import { convShape } from "./geometry.ts";
import type { Pass } from "./winogradPlan.ts";
import { planWinograd } from "./winogradPlan.ts";

const attrsOf = (more: Partial<ConvAttrs> = {}): ConvAttrs => ({ stride: [1, 1], padding: [1, 1], dilation: [1, 1], groups: 1, ...more });

/** The passes that are planned for images x and weights w. */
function planned(x: Shape, w: Shape, more: Partial<ConvAttrs> = {}): Pass[] {
  const attrs = attrsOf(more);
  const shapes = [x, w, convShape("conv2d", 2, x, w, attrs)] as const;
  return (["forward", "inputGrad", "weightGrad"] as const).filter((pass) => planWinograd(pass, shapes, attrs) !== null);
}

const ALL = ["forward", "inputGrad", "weightGrad"];

describe("Winograd's convolution", () => {
  it.each<[string, Shape, Shape, Partial<ConvAttrs>, string[]]>([
    ["all passes of a ResNet's inner layers", [32, 16, 32, 32], [16, 16, 3, 3], {}, ALL],
    ["padding on one side", [32, 16, 30, 30], [16, 16, 3, 3], { padding: [0, 1], paddingAfter: [2, 0] }, ALL],
    ["the size that is left of 14 x 14 without padding", [32, 16, 14, 14], [16, 16, 3, 3], { padding: [0, 0] }, ALL],
    ["groups of enough channels", [32, 16, 32, 32], [32, 8, 3, 3], { groups: 2 }, ALL],
    ["no weight gradient for a single small image", [1, 64, 8, 8], [64, 64, 3, 3], {}, ["forward", "inputGrad"]],
    ["no gradient for the images whose tiles would stand half beside them", [32, 16, 6, 9], [16, 16, 3, 3], { padding: [0, 0] }, ["forward", "weightGrad"]],
    ["nothing of few channels", [32, 3, 32, 32], [16, 3, 3, 3], {}, []],
    ["nothing of one channel a group", [32, 16, 32, 32], [16, 1, 3, 3], { groups: 16 }, []],
    ["nothing with a stride", [32, 16, 32, 32], [16, 16, 3, 3], { stride: [2, 1] }, []],
    ["nothing dilated", [32, 16, 32, 32], [16, 16, 3, 3], { dilation: [1, 2] }, []],
    ["nothing of another kernel", [32, 16, 32, 32], [16, 16, 3, 5], {}, []],
    ["nothing padded beyond what a kernel sees", [32, 16, 32, 32], [16, 16, 3, 3], { padding: [3, 1] }, []],
    ["nothing of images that fill no tiles", [32, 16, 3, 3], [16, 16, 3, 3], {}, []],
    ["nothing of no image", [0, 16, 32, 32], [16, 16, 3, 3], {}, []],
  ])("is planned for %s", (_, x, w, more, passes) => {
    expect(planned(x, w, more)).toEqual(passes);
  });

  // Sums of 64 products of numbers around 1, between two transforms, each rounding to 6e-8: 3e-7 of the largest result is
  // usual (direct sums: 2e-7 to 1e-6).
  it("differs from a convolution in double precision by less than 1e-6 of the largest result", () => {
    const rng = new Rng(7).stream("winograd.test");
    const [x, w, attrs] = [[8, 64, 9, 8], [64, 64, 3, 3], attrsOf()] as const;
    const y = convShape("conv2d", 2, x, w, attrs);
    expect(planned(x, w)).toEqual(ALL);
    const [images, weights, dy] = [x, w, y].map((shape) => Float32Array.from({ length: sizeOf(shape) }, () => rng.normal()));
    const passes = (array: Float32ArrayConstructor | Float64ArrayConstructor) => {
      const [a, b, d] = [tensor(array.from(images), x), tensor(array.from(weights), w), tensor(array.from(dy), y)];
      return [conv2d(a, b, { padding: 1 }), apply(conv2dInputGradOp, [d, b], { ...attrs, inputShape: x }), apply(conv2dWeightGradOp, [d, a], { ...attrs, weightShape: w })].map((t) => [...t.toArray()]);
    };
    const exact = passes(Float64Array);
    passes(Float32Array).forEach((result, i) => {
      const largest = Math.max(...exact[i].map(Math.abs));
      expect(Math.max(...result.map((v, k) => Math.abs(v - exact[i][k]))) / largest).toBeLessThan(1e-6);
    });
  });

  // 8 channels, of which all but the first are 0.
  const image = (pixels: Record<number, number>) => {
    const numbers = new Float32Array(8 * 64);
    for (const [at, value] of Object.entries(pixels)) numbers[Number(at)] = value;
    return tensor(numbers, [1, 8, 8, 8]);
  };
  const ones = tensor(new Float32Array(8 * 8 * 9).fill(1), [8, 8, 3, 3]);
  /** The first channel of the output, as rows. */
  const rows = (x: ReturnType<typeof image>, w = ones) => Array.from({ length: 8 }, (_, i) => [...conv2d(x, w, { padding: 1 }).toArray().subarray(8 * i, 8 * i + 8)]);

  it.each([Infinity, -Infinity, NaN])("lets %d reach the nine outputs that see it, as it is, and no others", (special) => {
    expect(planned([1, 8, 8, 8], [8, 8, 3, 3])).toContain("forward");
    const sees = (i: number, j: number) => i >= 2 && i <= 4 && j >= 4 && j <= 6;
    expect(rows(image({ [3 * 8 + 5]: special }))).toEqual(Array.from({ length: 8 }, (_, i) => Array.from({ length: 8 }, (__, j) => (sees(i, j) ? special : 0))));
  });

  it("gives what is finite where differences of pixels are not", () => {
    // Two pixels of one tile, two columns apart: one minus the other is beyond the largest number.
    const x = image({ [1]: 3e38, [3]: -3e38 });
    const eighths = tensor(new Float32Array(8 * 8 * 9).fill(1 / 8), [8, 8, 3, 3]);
    const large = Math.fround(3e38) / 8;
    expect(rows(x, eighths)[0]).toEqual([large, large, 0, -large, -large, 0, 0, 0]);
  });
});
