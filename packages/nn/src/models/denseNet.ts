import type { Tensor } from "@llr/tensor";
import { ArgumentError, concat, drop } from "@llr/tensor";
import { Flatten, ReLU } from "../layers/activations.ts";
import { Linear } from "../layers/linear.ts";
import { AdaptiveAvgPool2d, AvgPool2d } from "../layers/pooling.ts";
import type { ForwardContext } from "../module.ts";
import { Module } from "../module.ts";
import { Sequential } from "../sequential.ts";
import { checkRoom, checkSizes, drawingOptions } from "../sizes.ts";
import type { Source } from "./blocks.ts";
import { norm, plainConv, sourceOf } from "./blocks.ts";
import type { ModelOptions } from "./leNet.ts";

/** Normalisation, ReLU and a convolution: of 3 x 3, or with a bottleneck first of 1 x 1 to four times the growth. */
function growing(channels: number, growth: number, bottleneck: boolean, source: Source): Sequential {
  const conv = (name: string, from: number, to: number, kernel: number): Module => plainConv(from, to, kernel, { ...sourceOf(source, name), padding: (kernel - 1) / 2 });
  if (!bottleneck) return new Sequential({ bn1: norm(channels, source), relu1: new ReLU(), conv1: conv("conv1", channels, growth, 3) });
  return new Sequential({
    bn1: norm(channels, source), relu1: new ReLU(), conv1: conv("conv1", channels, 4 * growth, 1),
    bn2: norm(4 * growth, source), relu2: new ReLU(), conv2: conv("conv2", 4 * growth, growth, 3),
  });
}

/** Layers each of which sees the input and what all layers before it made, and adds `growth` channels. */
class DenseBlock extends Module {
  readonly layers: Readonly<Record<string, Module>>;

  constructor(channels: number, count: number, growth: number, bottleneck: boolean, source: Source) {
    super();
    const layers: Record<string, Module> = {};
    for (let i = 1; i <= count; i++) layers[`layer${i}`] = growing(channels + (i - 1) * growth, growth, bottleneck, sourceOf(source, `layer${i}`));
    this.layers = layers;
  }

  forward(x: Tensor, context: ForwardContext = {}): Tensor {
    let all = x;
    for (const layer of Object.values(this.layers)) {
      const more = layer.forward(all, context);
      const joined = concat([all, more], { axis: 1 });
      drop(more);
      if (all !== x) drop(all);
      all = joined;
    }
    return all;
  }

  protected override members(): Iterable<readonly [string, unknown]> {
    return Object.entries(this.layers);
  }
}

export interface DenseNetOptions extends ModelOptions {
  /** 3 n + 4 layers, with bottlenecks 6 n + 4. */
  readonly depth: number;
  /** Channels that each layer adds: k in the paper. */
  readonly growth: number;
  /** DenseNet-BC: bottlenecks, and transitions that halve the channels. Default false. */
  readonly bc?: boolean;
  /** Default 10. */
  readonly classes?: number;
}

/**
 * DenseNet for images of 32 x 32 (Huang, Liu, van der Maaten and Weinberger 2017, "Densely connected convolutional networks",
 * section 3): three dense blocks with transitions of a 1 x 1 convolution and 2 x 2 mean pooling between them. Depth 40 and
 * growth 12 have 1.0 M parameters (table 2), depth 22 and growth 8 with bottlenecks 32 thousand.
 *
 * Shapes: images [batch, 3, height, width], logits [batch, classes].
 *
 * @throws ArgumentError for a depth that three blocks cannot share evenly
 * @example
 * import { denseNet } from "@llr/nn";
 * import { Rng, zeros } from "@llr/tensor";
 * const model = denseNet({ rng: new Rng(1), depth: 22, growth: 8, bc: true });
 * model.forward(zeros([1, 3, 32, 32])).shape // => [1, 10]
 * model.layerNames().slice(0, 3) // => ["conv1", "block1.layer1.bn1", "block1.layer1.conv1"]
 */
export function denseNet(options: DenseNetOptions): Sequential {
  const { rng, depth, growth, bc = false, classes = 10, dtype = "f32" } = drawingOptions("denseNet", options);
  const count = (depth - 4) / (bc ? 6 : 3);
  if (!Number.isInteger(count) || count < 1) throw new ArgumentError("denseNet", `depth is ${depth}. It must be ${bc ? "6 n + 4: 10, 16, 22, 40, 100" : "3 n + 4: 7, 10, 22, 40, 100"} ...`);
  checkSizes("denseNet", { growth, classes });
  // A layer sees what those before it in its block added, at least.
  checkRoom("denseNet", { numbers: ((3 * count * (count - 1)) / 2) * growth ** 2 * (bc ? 4 : 9) + 2 * growth * classes, parameters: count * (bc ? 18 : 9), dtype });
  const source: Source = { rng, dtype };
  let channels = bc ? 2 * growth : 16;
  const layers: Record<string, Module> = { conv1: plainConv(3, channels, 3, { ...sourceOf(source, "conv1"), padding: 1 }) };
  for (let b = 1; b <= 3; b++) {
    layers[`block${b}`] = new DenseBlock(channels, count, growth, bc, sourceOf(source, `block${b}`));
    channels += count * growth;
    layers[b < 3 ? `transition${b}.bn` : "bn"] = norm(channels, source);
    layers[b < 3 ? `transition${b}.relu` : "relu"] = new ReLU();
    if (b === 3) break;
    const next = bc ? Math.floor(channels / 2) : channels;
    layers[`transition${b}.conv`] = plainConv(channels, next, 1, sourceOf(source, `transition${b}`));
    layers[`transition${b}.pool`] = new AvgPool2d(2);
    channels = next;
  }
  return new Sequential({ ...layers, pool: new AdaptiveAvgPool2d(1), flatten: new Flatten(), fc: new Linear(channels, classes, sourceOf(source, "fc")) });
}
