import { apply } from "../../apply.ts";
import { ones, zeros } from "../../create.ts";
import { ArgumentError, ShapeError } from "../../errors.ts";
import type { Fused } from "../../op.ts";
import { optionsOf } from "../../options.ts";
import type { Shape } from "../../shape.ts";
import { formatShape, sizeOf } from "../../shape.ts";
import { checkTensor, type Tensor } from "../../tensor.ts";
import type { NormOptions } from "./layerNorm.ts";
import { checkEps } from "./layerNorm.ts";
import type { Rows } from "./rowNorm.ts";
import { rowNorm } from "./rowNorm.ts";

export interface GroupNormAttrs {
  readonly groups: number;
  readonly eps: number;
}

function checkGroups(op: string, [x, ...weights]: readonly Shape[], { groups }: GroupNormAttrs): void {
  if (x.length < 2) throw new ShapeError(op, `the input is ${formatShape(x)}. It needs [batch, channels, ...].`, [x]);
  if (!Number.isSafeInteger(groups) || groups < 1) throw new ArgumentError(op, `groups is ${groups}. It must be a whole number >= 1.`);
  if (x[1] % groups !== 0) throw new ShapeError(op, `the ${x[1]} channels of ${formatShape(x)} cannot be split into ${groups} groups. Use a number that divides them.`, [x]);
  for (const shape of weights)
    if (shape.length !== 1 || shape[0] !== x[1])
      throw new ShapeError(op, `weight and bias have the shapes ${weights.map(formatShape).join(", ")}, the input is ${formatShape(x)}. Each needs one number for each of the ${x[1]} channels.`, [x, shape]);
}

/** Rows of groupNorm. */
export const channelGroups = ([batch, channels, ...rest]: Shape, { groups }: GroupNormAttrs): Rows => ({ batch, groups, weights: channels / groups, pixels: sizeOf(rest) });

export const groupNormOp: Fused<GroupNormAttrs> = rowNorm("groupNorm", {
  statistics: "variance",
  check: (shapes, attrs) => checkGroups("groupNorm", shapes, attrs),
  rowsOf: channelGroups,
});

const run = (op: string, x: Tensor, groups: number, { weight, bias }: NormOptions, eps: number): Tensor => {
  checkTensor(op, x);
  const shape = [x.shape[1] ?? 0];
  return apply(groupNormOp, [x, weight ?? ones(shape, { dtype: x.dtype }), bias ?? zeros(shape, { dtype: x.dtype })], { groups, eps });
};

/**
 * Group normalisation (Wu and He 2018): as batchNorm, but over the channels of a group and all pixels of one image, so that
 * images do not depend on each other and training and inference are the same.
 *
 *     y = (x - mean) / sqrt(var + eps) * weight + bias
 *
 * @param x [batch, channels, ...]; neighbouring channels form a group
 * @param groups divides the channels; 1 is layerNorm over whole images, as many as channels instanceNorm
 * @param options weight and bias, [channels]; eps
 * @returns as x
 * @throws ShapeError if the channels do not split evenly, or weight or bias are not [channels]
 * @example
 * import { groupNorm, tensor } from "@llr/tensor";
 * groupNorm(tensor([[1, 3, 10, 30]]), 2, { eps: 0 }).toArray() // => [-1, 1, -1, 1]
 */
export const groupNorm = (x: Tensor, groups: number, options: NormOptions = {}): Tensor => run("groupNorm", x, groups, options, checkEps("groupNorm", optionsOf("groupNorm", options).eps ?? 1e-5));

/**
 * Instance normalisation (Ulyanov, Vedaldi and Lempitsky 2016): every channel of every image by its own statistics, which is
 * {@link groupNorm} with groups of one channel.
 *
 * @param x [batch, channels, ...], more than one number in each channel of an image
 * @param options weight and bias, [channels]; eps
 * @returns as x
 * @throws ShapeError if a channel has a single number, or weight or bias are not [channels]
 * @example
 * import { instanceNorm, tensor } from "@llr/tensor";
 * instanceNorm(tensor([[[1, 3], [10, 30]]]), { eps: 0 }).toArray() // => [-1, 1, -1, 1]
 */
export function instanceNorm(x: Tensor, options: NormOptions = {}): Tensor {
  checkTensor("instanceNorm", x);
  optionsOf("instanceNorm", options);
  if (x.shape.length < 3 || sizeOf(x.shape.slice(2)) === 1)
    throw new ShapeError("instanceNorm", `the input is ${formatShape(x.shape)}. It needs [batch, channels, ...] with more than one number in each channel, whose variance would be 0 otherwise.`, [x.shape]);
  const groups = Math.max(1, x.shape[1]);
  checkGroups("instanceNorm", [x.shape, ...[options.weight, options.bias].flatMap((t) => (t ? [t.shape] : []))], { groups, eps: 0 });
  return run("instanceNorm", x, groups, options, checkEps("instanceNorm", options.eps ?? 1e-5));
}
