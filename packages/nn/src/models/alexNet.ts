import type { Tensor } from "@llr/tensor";
import { dropout } from "@llr/tensor";
import { Flatten, ReLU } from "../layers/activations.ts";
import { Linear } from "../layers/linear.ts";
import { MaxPool2d } from "../layers/pooling.ts";
import type { ForwardContext } from "../module.ts";
import { Module } from "../module.ts";
import { Sequential } from "../sequential.ts";
import { checkRoom, checkSizes, drawingOptions } from "../sizes.ts";
import type { Source } from "./blocks.ts";
import { norm, plainConv, sourceOf } from "./blocks.ts";
import type { ModelOptions } from "./leNet.ts";

/** Half of the numbers, in training with a generator. */
class Half extends Module {
  forward(x: Tensor, { training = false, rng }: ForwardContext = {}): Tensor {
    return dropout(x, { p: 0.5, training, rng });
  }
}

export interface AlexNetOptions extends ModelOptions {
  readonly classes?: number;
  /** Dropout before the first two connected layers, which needs `rng` in training. Default true for the form for ImageNet. */
  readonly dropout?: boolean;
}

type Conv = readonly [outChannels: number, kernel: number, options: { readonly stride?: number; readonly padding?: number; readonly groups?: number }];

/** Five convolutions with batch normalisation and ReLU; the pool follows the first, the second and the last. */
function features(convs: readonly Conv[], pool: () => Module, source: Source): Record<string, Module> {
  const layers: Record<string, Module> = {};
  let channels = 3;
  convs.forEach(([out, kernel, options], i) => {
    const n = i + 1;
    layers[`conv${n}`] = plainConv(channels, out, kernel, { ...sourceOf(source, `conv${n}`), ...options });
    layers[`bn${n}`] = norm(out, source);
    layers[`relu${n}`] = new ReLU();
    if (n === 1 || n === 2 || n === 5) layers[`pool${n}`] = pool();
    channels = out;
  });
  return layers;
}

function classifier(inputs: number, width: number, classes: number, drops: boolean, source: Source): Record<string, Module> {
  return {
    flatten: new Flatten(),
    ...(drops && { drop6: new Half() }),
    fc6: new Linear(inputs, width, sourceOf(source, "fc6")),
    relu6: new ReLU(),
    ...(drops && { drop7: new Half() }),
    fc7: new Linear(width, width, sourceOf(source, "fc7")),
    relu7: new ReLU(),
    fc8: new Linear(width, classes, sourceOf(source, "fc8")),
  };
}

/**
 * AlexNet with batch normalisation, the net of the LARS paper (You, Gitman and Ginsburg 2017): the five convolutions of
 * Krizhevsky, Sutskever and Hinton 2012, the second, fourth and fifth in two groups, each followed by batch normalisation in
 * place of local response normalisation, and three connected layers. 60,966,600 parameters: the original's 60,965,224 less
 * the biases of the convolutions, with a weight and a bias for each normalised channel.
 *
 * Shapes: images [batch, 3, 227, 227], logits [batch, classes].
 */
export function alexNetBN(options: AlexNetOptions): Sequential {
  const { rng, classes = 1000, dropout: drops = true, dtype = "f32" } = drawingOptions("alexNetBN", options);
  checkSizes("alexNetBN", { classes });
  checkRoom("alexNetBN", { numbers: 4096 * classes, parameters: 30, dtype });
  const source: Source = { rng, dtype };
  return new Sequential({
    ...features([[96, 11, { stride: 4 }], [256, 5, { padding: 2, groups: 2 }], [384, 3, { padding: 1 }], [384, 3, { padding: 1, groups: 2 }], [256, 3, { padding: 1, groups: 2 }]], () => new MaxPool2d(3, { stride: 2 }), source),
    ...classifier(256 * 6 * 6, 4096, classes, drops, source),
  });
}

/**
 * AlexNet with batch normalisation for images of 32 x 32: five convolutions of 3 x 3 with 64, 192, 384, 256 and 256 channels
 * (the widths of Krizhevsky 2014), pooling of 2 x 2, and connected layers of 512. 4,618,186 parameters for ten classes, 169
 * million multiply-adds an image.
 *
 * Shapes: images [batch, 3, 32, 32], logits [batch, classes].
 *
 * @example
 * import { alexNetBN32 } from "@llr/nn";
 * import { Rng, zeros } from "@llr/tensor";
 * const model = alexNetBN32({ rng: new Rng(1) });
 * model.parameters().reduce((n, p) => n + p.size, 0) // => 4618186
 * model.forward(zeros([1, 3, 32, 32])).shape // => [1, 10]
 */
export function alexNetBN32(options: AlexNetOptions): Sequential {
  const { rng, classes = 10, dropout: drops = false, dtype = "f32" } = drawingOptions("alexNetBN32", options);
  checkSizes("alexNetBN32", { classes });
  checkRoom("alexNetBN32", { numbers: 512 * classes, parameters: 30, dtype });
  const source: Source = { rng, dtype };
  const conv = (channels: number): Conv => [channels, 3, { padding: 1 }];
  return new Sequential({
    ...features([conv(64), conv(192), conv(384), conv(256), conv(256)], () => new MaxPool2d(2), source),
    ...classifier(256 * 4 * 4, 512, classes, drops, source),
  });
}
