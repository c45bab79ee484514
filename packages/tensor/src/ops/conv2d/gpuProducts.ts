// Convolution as products of matrices, one for each group, without ever writing the patches of the images down: the side that
// stands for images finds each pixel from a place and a tap. How they are multiplied is the business of gpu/tiles.ts.
import type { Operand, Product } from "../../gpu/tiles.ts";
import type { ConvSizes } from "./gpuSizes.ts";

/** [out, channels * taps] x [channels * taps, batch * outPixels]. */
export function forwardProduct(sizes: ConvSizes, hasBias: boolean): Product {
  const { batch, groups, channels, out, outHeight, outWidth, kernel } = sizes;
  const pixels = outHeight * outWidth;
  const k = channels * kernel[0] * kernel[1];
  const weights: Operand = { length: groups * out * k, place: `(p * ${out} + side) * ${k}, 0, 0`, step: "i, 0, 0", index: "place.x + step.x", neighbours: "terms" };
  return {
    name: "conv2d", m: out, n: batch * pixels, k, count: groups,
    a: weights,
    b: { ...images(sizes, { place: outputsPart(sizes, "side"), step: tapsPart(sizes, "i") }), neighbours: "sides" },
    ...(hasBias && { bias: { length: groups * out, index: `p * ${out} + row` } }),
    output: { index: `(column / ${pixels} * ${groups * out} + p * ${out} + row) * ${pixels} + column % ${pixels}`, isAligned: pixels % 4 === 0 },
  };
}

/** [channels, out * taps] x [out * taps, batch * pixels]. Of a stride above 1, the terms between the steps are zeros, and multiplied as well. */
export function inputGradProduct(sizes: ConvSizes): Product {
  const { batch, groups, channels, height, width, out, outHeight, outWidth, kernel, stride, padding, dilation } = sizes;
  const taps = kernel[0] * kernel[1];
  const pixels = height * width;
  const outPixels = outHeight * outWidth;
  const isStrided = stride[0] * stride[1] > 1;
  const outputs: Operand = {
    length: batch * groups * out * outPixels,
    place: `(side / ${pixels} * ${groups} + p) * ${out * outPixels}, side / ${width} % ${height} + ${padding[0]}, side % ${width} + ${padding[1]}`,
    step: `i / ${taps} * ${outPixels}, i / ${kernel[1]} % ${kernel[0]} * ${dilation[0]}, i % ${kernel[1]} * ${dilation[1]}`,
    prepare: `let seen = place.yz - step.yz; let at = seen${isStrided ? ` / vec2<i32>(${stride.join(", ")})` : ""};`,
    inside: `all(vec2<u32>(at) < vec2<u32>(${outHeight}, ${outWidth}))${isStrided ? ` && all(at * vec2<i32>(${stride.join(", ")}) == seen)` : ""}`,
    index: `place.x + step.x + at.x * ${outWidth} + at.y`,
    neighbours: "sides",
  };
  return {
    name: "conv2dInputGrad", m: channels, n: batch * pixels, k: out * taps, count: groups,
    a: {
      length: groups * out * channels * taps,
      place: `(p * ${out * channels} + side) * ${taps}, 0, 0`, step: `i / ${taps} * ${channels * taps} + i % ${taps}, 0, 0`, index: "place.x + step.x",
      neighbours: taps === 1 ? "sides" : "terms",
    },
    b: outputs,
    output: { index: `(column / ${pixels} * ${groups * channels} + p * ${channels} + row) * ${pixels} + column % ${pixels}`, isAligned: pixels % 4 === 0 },
  };
}

/** [out, batch * outPixels] x [batch * outPixels, channels * taps]. */
export function weightGradProduct(sizes: ConvSizes): Product {
  const { batch, groups, channels, out, outHeight, outWidth, kernel } = sizes;
  const pixels = outHeight * outWidth;
  const n = channels * kernel[0] * kernel[1];
  return {
    name: "conv2dWeightGrad", m: out, n, k: batch * pixels, count: groups,
    a: {
      length: batch * groups * out * pixels,
      place: `(p * ${out} + side) * ${pixels}, 0, 0`, step: `i / ${pixels} * ${groups * out * pixels} + i % ${pixels}, 0, 0`, index: "place.x + step.x",
      neighbours: "terms",
    },
    b: { ...images(sizes, { place: tapsPart(sizes, "side"), step: outputsPart(sizes, "i") }), neighbours: "terms" },
    output: { index: `(p * ${out} + row) * ${n} + column`, isAligned: n % 4 === 0 },
  };
}

/** What a number contributes to a pixel: WGSL for its channel (counted through images and groups), row and column. */
interface Part {
  readonly channel: string;
  readonly row: string;
  readonly column: string;
}

/** Of an output, counted through the images: its image's first channel in group p, and the pixel that its first tap sees. */
function outputsPart({ groups, channels, outHeight, outWidth, stride, padding }: ConvSizes, x: string): Part {
  return {
    channel: `${x} / ${outHeight * outWidth} * ${groups * channels}`,
    row: `${x} / ${outWidth} % ${outHeight} * ${stride[0]} - ${padding[0]}`,
    column: `${x} % ${outWidth} * ${stride[1]} - ${padding[1]}`,
  };
}

/** Of a channel's tap: the channel, and how far from the first tap. */
function tapsPart({ kernel, dilation }: ConvSizes, x: string): Part {
  return { channel: `${x} / ${kernel[0] * kernel[1]}`, row: `${x} / ${kernel[1]} % ${kernel[0]} * ${dilation[0]}`, column: `${x} % ${kernel[1]} * ${dilation[1]}` };
}

/** The pixels of the images at the sums of two parts, and zeros around them. Of `place`, the first channel of group p too. */
function images({ batch, groups, channels, height, width, outHeight, outWidth, kernel, stride, padding, dilation }: ConvSizes, { place, step }: { readonly place: Part; readonly step: Part }): Omit<Operand, "neighbours"> {
  const vector = ({ channel, row, column }: Part, first: string): string => `(${first}${channel}) * ${height * width} + (${row}) * ${width} + ${column}, ${row}, ${column}`;
  const fits = (axis: 0 | 1, size: number, outSize: number): boolean => padding[axis] === 0 && (outSize - 1) * stride[axis] + (kernel[axis] - 1) * dilation[axis] < size;
  const isPadded = !fits(0, height, outHeight) || !fits(1, width, outWidth);
  return {
    length: batch * groups * channels * height * width,
    place: vector(place, `p * ${channels} + `),
    step: vector(step, ""),
    ...(isPadded && { inside: `all(vec2<u32>(place.yz + step.yz) < vec2<u32>(${height}, ${width}))` }),
    index: "place.x + step.x",
  };
}
