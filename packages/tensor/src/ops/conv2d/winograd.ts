// Convolution by Winograd's F(2 x 2, 3 x 3), where the plan says that it pays.
//
// Its sums go through differences of pixels, in which two infinities become NaN and large numbers overflow sooner. So the
// kernels look at what they give: where anything is not finite, the direct kernels compute all of it again.
import { arrayAt } from "../../dtype.ts";
import { sharedMemory } from "../../memory.ts";
import type { Address } from "../../op.ts";
import type { Shape } from "../../shape.ts";
import { parallel } from "../../simd/parallel.ts";
import type { ConvAttrs } from "./geometry.ts";
import { withRoom } from "./room.ts";
import type { WinogradPlan } from "./winogradPlan.ts";
import { planWinograd } from "./winogradPlan.ts";

/** Room for the word in which kernels say that a result is not finite. */
const FLAG_BYTES = 64;
/** Pairs of channels whose weights are worth handing to a thread. */
const PAIRS = 512;

const flag = (at: Address): Int32Array => arrayAt("i32", sharedMemory().buffer, at, 1) as Int32Array;

/** Bytes of the weights of one group. */
const weightBytes = ({ channels, out }: WinogradPlan): number => channels * out * 36;

/** `backward`: w is turned, and read with the channels that go in and come out exchanged. @returns whether the result is finite */
function convolve(y: Address, x: Address, w: Address, bias: Address, plan: WinogradPlan, backward: boolean): boolean {
  const { groups, channels, out, inStep, outStep, blocks, weightPitch } = plan;
  const [rowStep, depthStep] = backward ? [9, 9 * out] : [9 * channels, 9];
  return withRoom(plan, FLAG_BYTES + 16 * weightPitch, ({ at, work, extra: failed }) => {
    const packed = failed + FLAG_BYTES;
    flag(failed)[0] = 0;
    for (let g = 0; g < groups; g++) {
      parallel("conv2dWinogradWeights", [packed, weightPitch, w + g * weightBytes(plan), out, channels, rowStep, depthStep, Number(backward)], channels, Math.ceil(PAIRS / out));
      parallel("conv2dWinogradForward", [at, work, y + g * outStep, x + g * inStep, packed, bias && bias + g * out * 4, failed], blocks, 1);
    }
    return flag(failed)[0] === 0;
  });
}

/** Shapes are those of images x, weights w and outputs y; `bias` 0: none. @returns false: to be computed directly */
export function winogradForward(y: Address, x: Address, w: Address, bias: Address, shapes: readonly [Shape, Shape, Shape], attrs: ConvAttrs): boolean {
  const plan = planWinograd("forward", shapes, attrs);
  return plan !== null && convolve(y, x, w, bias, plan, false);
}

export function winogradInputGrad(dx: Address, dy: Address, w: Address, shapes: readonly [Shape, Shape, Shape], attrs: ConvAttrs): boolean {
  const plan = planWinograd("inputGrad", shapes, attrs);
  return plan !== null && convolve(dx, dy, w, 0, plan, true);
}

export function winogradWeightGrad(dw: Address, dy: Address, x: Address, shapes: readonly [Shape, Shape, Shape], attrs: ConvAttrs): boolean {
  const plan = planWinograd("weightGrad", shapes, attrs);
  if (plan === null) return false;
  const { groups, channels, out, inStep, outStep, chunks } = plan;
  const pairs = channels * out;
  return withRoom(plan, FLAG_BYTES + chunks * 16 * pairs * 4, ({ at, work, extra: failed }) => {
    const parts = failed + FLAG_BYTES;
    flag(failed)[0] = 0;
    for (let g = 0; g < groups; g++) {
      parallel("conv2dWinogradWeightGrad", [at, work, parts, dy + g * outStep, x + g * inStep], chunks, 1);
      parallel("conv2dSumParts", [parts, parts, chunks, 16 * pairs], 16 * pairs, 16_384);
      parallel("conv2dWinogradFold", [dw + g * weightBytes(plan), parts, pairs, failed], pairs, PAIRS);
    }
    return flag(failed)[0] === 0;
  });
}
