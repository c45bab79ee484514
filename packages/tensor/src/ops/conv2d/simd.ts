// What the ops of convolution do with the compiled kernels: by Winograd's where that pays, or directly, group by group.
import type { Address } from "../../op.ts";
import type { Shape } from "../../shape.ts";
import { kernels } from "../../simd/kernels.ts";
import { parallel } from "../../simd/parallel.ts";
import type { ConvAttrs } from "./geometry.ts";
import type { SimdPlan } from "./plan.ts";
import { planSimd } from "./plan.ts";
import { withRoom } from "./room.ts";
import { winogradForward, winogradInputGrad, winogradWeightGrad } from "./winograd.ts";

const weightBytes = ({ out, depth }: SimdPlan): number => out * depth * 4;

/** Shapes of images x, weights w and outputs y; `bias` 0: none. */
export function simdForward(y: Address, x: Address, w: Address, bias: Address, shapes: readonly [Shape, Shape, Shape], attrs: ConvAttrs): void | false {
  if (winogradForward(y, x, w, bias, shapes, attrs)) return;
  const plan = planSimd("tiles", shapes, attrs);
  if (plan === null) return false;
  const { chunks, groups, out, depth, inStep, outStep } = plan;
  withRoom(plan, weightBytes(plan), ({ at, work, extra: packed }) => {
    for (let g = 0; g < groups; g++) {
      kernels().conv2dPack(packed, w + g * weightBytes(plan), out, depth, depth, 1);
      parallel("conv2dForward", [at, work, y + g * outStep, x + g * inStep, packed, bias && bias + g * out * 4], chunks, 1);
    }
  });
}

export function simdInputGrad(dx: Address, dy: Address, w: Address, shapes: readonly [Shape, Shape, Shape], attrs: ConvAttrs): void | false {
  if (winogradInputGrad(dx, dy, w, shapes, attrs)) return;
  const plan = planSimd("tiles", shapes, attrs);
  if (plan === null) return false;
  const { chunks, groups, out, depth, inStep, outStep } = plan;
  withRoom(plan, weightBytes(plan), ({ at, work, extra: packed }) => {
    for (let g = 0; g < groups; g++) {
      kernels().conv2dPack(packed, w + g * weightBytes(plan), depth, out, 1, depth);
      parallel("conv2dInputGrad", [at, work, dx + g * inStep, dy + g * outStep, packed], chunks, 1);
    }
  });
}

export function simdWeightGrad(dw: Address, dy: Address, x: Address, shapes: readonly [Shape, Shape, Shape], attrs: ConvAttrs): void | false {
  if (winogradWeightGrad(dw, dy, x, shapes, attrs)) return;
  const plan = planSimd("dots", shapes, attrs);
  if (plan === null) return false;
  const { chunks, groups, out, depth, inStep, outStep } = plan;
  withRoom(plan, chunks * weightBytes(plan), ({ at, work, extra: parts }) => {
    for (let g = 0; g < groups; g++) {
      parallel("conv2dWeightGrad", [at, work, parts, dy + g * outStep, x + g * inStep], chunks, 1);
      parallel("conv2dSumParts", [dw + g * weightBytes(plan), parts, chunks, out * depth], out * depth, 16_384);
    }
  });
}
