import type { Tensor } from "@llr/tensor";
import { add, ArgumentError, avgPool2d, concat, drop, relu, zeros } from "@llr/tensor";
import { describe } from "@llr/tensor/engine";
import { Flatten, ReLU } from "../layers/activations.ts";
import type { BatchNorm2d } from "../layers/batchNorm.ts";
import type { Conv2d } from "../layers/convolution.ts";
import { Linear } from "../layers/linear.ts";
import { AdaptiveAvgPool2d, MaxPool2d } from "../layers/pooling.ts";
import type { ForwardContext } from "../module.ts";
import { Module } from "../module.ts";
import { runThrough, Sequential } from "../sequential.ts";
import { checkRoom, checkSizes, drawingOptions } from "../sizes.ts";
import type { Source } from "./blocks.ts";
import { Identity, norm, plainConv, sourceOf } from "./blocks.ts";
import type { ModelOptions } from "./leNet.ts";

/** Where a block changes the size: A pads the missing channels with zeros (no parameters), B is a convolution of 1 x 1. */
export type Shortcut = "A" | "B";

interface BlockOptions extends Source {
  readonly stride: number;
  readonly shortcut: Shortcut;
}

/** y = relu(x + conv(relu(conv(x)))), each convolution 3 x 3 with batch normalisation (He et al. 2016, figure 2). */
class BasicBlock extends Module {
  readonly conv1: Conv2d;
  readonly bn1: BatchNorm2d;
  readonly conv2: Conv2d;
  readonly bn2: BatchNorm2d;
  readonly shortcut: Module;
  private readonly relu = new ReLU();

  constructor(inChannels: number, outChannels: number, { stride, shortcut, ...source }: BlockOptions) {
    super();
    this.conv1 = plainConv(inChannels, outChannels, 3, { ...sourceOf(source, "conv1"), stride, padding: 1 });
    this.bn1 = norm(outChannels, source);
    this.conv2 = plainConv(outChannels, outChannels, 3, { ...sourceOf(source, "conv2"), padding: 1 });
    this.bn2 = norm(outChannels, source);
    this.shortcut = stride === 1 && inChannels === outChannels ? new Identity()
      : shortcut === "A" ? new PaddedShortcut(stride, outChannels - inChannels)
        : new Sequential({ conv: plainConv(inChannels, outChannels, 1, { ...sourceOf(source, "shortcut"), stride }), bn: norm(outChannels, source) });
  }

  forward(x: Tensor, context: ForwardContext = {}): Tensor {
    const residual = runThrough([this.conv1, this.bn1, this.relu, this.conv2, this.bn2], x, context);
    const straight = this.shortcut.forward(x, context);
    const total = add(straight, residual);
    drop(residual);
    if (straight.storage !== x.storage) drop(straight);
    const y = relu(total);
    drop(total);
    return y;
  }
}

/** Every `stride`-th pixel, and zeros as further channels. */
class PaddedShortcut extends Module {
  private readonly stride: number;
  private readonly more: number;

  constructor(stride: number, more: number) {
    super();
    this.stride = stride;
    this.more = more;
  }

  forward(x: Tensor): Tensor {
    const thinned = avgPool2d(x, { kernel: 1, stride: this.stride });
    const [batch, , height, width] = thinned.shape;
    return concat([thinned, zeros([batch, this.more, height, width], { dtype: x.dtype })], { axis: 1 });
  }
}

/** Stages of blocks; all but the first halve the size. */
function stagesOf(widths: readonly number[], blocks: readonly number[], inChannels: number, shortcut: Shortcut, source: Source): Record<string, Module> {
  const stages: Record<string, Module> = {};
  let channels = inChannels;
  widths.forEach((width, i) => {
    const stage: Record<string, Module> = {};
    for (let b = 0; b < blocks[i]; b++) {
      stage[`block${b + 1}`] = new BasicBlock(channels, width, { ...sourceOf(source, `stage${i + 1}.block${b + 1}`), stride: i > 0 && b === 0 ? 2 : 1, shortcut });
      channels = width;
    }
    stages[`stage${i + 1}`] = new Sequential(stage);
  });
  return stages;
}

export interface ResNetCifarOptions extends ModelOptions {
  /** 6 n + 2 layers: 8, 20, 32, 44, 56, 110 ... */
  readonly depth: number;
  /** Default 10. */
  readonly classes?: number;
  /** Default A, as in the paper. */
  readonly shortcut?: Shortcut;
}

/**
 * Residual net for images of 32 x 32 (He, Zhang, Ren and Sun 2016, "Deep residual learning for image recognition", section
 * 4.2): a convolution of 16 channels, three stages of (depth - 2) / 6 blocks with 16, 32 and 64 channels, mean over each
 * channel, one connected layer. With option A 0.27 M parameters for depth 20, 0.46 M for 32 and 0.85 M for 56, as in table 6;
 * depth 8 has 75 thousand.
 *
 * Shapes: images [batch, 3, height, width], logits [batch, classes].
 *
 * @throws ArgumentError for a depth that is not 6 n + 2; MemoryError for one whose parameters do not fit into memory
 * @example
 * import { resNetCifar } from "@llr/nn";
 * import { Rng, zeros } from "@llr/tensor";
 * const model = resNetCifar({ rng: new Rng(1), depth: 20 });
 * model.parameters().reduce((n, p) => n + p.size, 0) // => 269722
 * model.forward(zeros([2, 3, 32, 32])).shape // => [2, 10]
 * model.layerNames().slice(0, 3) // => ["conv1", "bn1", "stage1.block1.conv1"]
 */
export function resNetCifar(options: ResNetCifarOptions): Sequential {
  const { rng, depth, classes = 10, shortcut = "A", dtype = "f32" } = drawingOptions("resNetCifar", options);
  const blocks = (depth - 2) / 6;
  if (!Number.isInteger(blocks) || blocks < 1) throw new ArgumentError("resNetCifar", `depth is ${depth}. It must be 6 n + 2 for n blocks a stage: 8, 20, 32, 44, 56 ...`);
  checkSizes("resNetCifar", { classes });
  if (shortcut !== "A" && shortcut !== "B") throw new ArgumentError("resNetCifar", `shortcut is ${describe(shortcut)}. It must be A or B.`);
  checkRoom("resNetCifar", { numbers: blocks * 2 * 9 * (16 ** 2 + 32 ** 2 + 64 ** 2) + 64 * classes, parameters: blocks * 18, dtype });
  const source: Source = { rng, dtype };
  return new Sequential({
    conv1: plainConv(3, 16, 3, { ...sourceOf(source, "conv1"), padding: 1 }),
    bn1: norm(16, source),
    relu1: new ReLU(),
    ...stagesOf([16, 32, 64], [blocks, blocks, blocks], 16, shortcut, source),
    pool: new AdaptiveAvgPool2d(1),
    flatten: new Flatten(),
    fc: new Linear(64, classes, sourceOf(source, "fc")),
  });
}

/**
 * ResNet-18 for ImageNet (the same paper, table 1): a convolution of 7 x 7 and maximum pooling, which leave a quarter of the
 * size, then four stages of two blocks with 64, 128, 256 and 512 channels; shortcuts of option B. 11,689,512 parameters for
 * 1,000 classes.
 *
 * Shapes: images [batch, 3, height, width], 224 x 224 in the paper and at least 32 x 32; logits [batch, classes].
 */
export function resNet18(options: ModelOptions & { readonly classes?: number }): Sequential {
  const { rng, classes = 1000, dtype = "f32" } = drawingOptions("resNet18", options);
  checkSizes("resNet18", { classes });
  checkRoom("resNet18", { numbers: 512 * classes, parameters: 62, dtype });
  const source: Source = { rng, dtype };
  return new Sequential({
    conv1: plainConv(3, 64, 7, { ...sourceOf(source, "conv1"), stride: 2, padding: 3 }),
    bn1: norm(64, source),
    relu1: new ReLU(),
    pool1: new MaxPool2d(3, { stride: 2, padding: 1 }),
    ...stagesOf([64, 128, 256, 512], [2, 2, 2, 2], 64, "B", source),
    pool: new AdaptiveAvgPool2d(1),
    flatten: new Flatten(),
    fc: new Linear(512, classes, sourceOf(source, "fc")),
  });
}
