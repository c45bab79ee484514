import type { Rng } from "@llr/tensor";
import { Flatten, ReLU } from "../layers/activations.ts";
import { Conv2d } from "../layers/convolution.ts";
import { Linear } from "../layers/linear.ts";
import { MaxPool2d } from "../layers/pooling.ts";
import { Sequential } from "../sequential.ts";
import { drawingOptions } from "../sizes.ts";

export interface ModelOptions {
  /** Every layer draws from its own stream of this generator, so adding a layer does not change the others' start. */
  readonly rng: Rng;
  readonly dtype?: "f32" | "f64";
}

/**
 * LeNet-5 in its present form: 5x5 convolutions of 6 and 16 channels, each with ReLU and 2x2 maximum pooling, then fully
 * connected layers of 120, 84 and 10. 61,706 parameters. (LeCun et al. 1998, "Gradient-based learning applied to document
 * recognition", figure 2; there with tanh, trainable subsampling and a partial connection table.)
 *
 * Shapes: images [batch, 1, 28, 28] (the first convolution pads to 32), logits [batch, 10].
 *
 * @example
 * import { leNet5 } from "@llr/nn";
 * import { Rng, zeros } from "@llr/tensor";
 * const model = leNet5({ rng: new Rng(1) });
 * model.forward(zeros([2, 1, 28, 28])).shape // => [2, 10]
 * model.parameters().reduce((n, p) => n + p.size, 0) // => 61706
 * model.layerNames() // => ["conv1", "conv2", "fc1", "fc2", "fc3"]
 */
export function leNet5(options: ModelOptions): Sequential {
  const { rng, dtype = "f32" } = drawingOptions("leNet5", options);
  const of = (name: string): ModelOptions => ({ rng: rng.stream(name), dtype });
  return new Sequential({
    conv1: new Conv2d(1, 6, 5, { ...of("conv1"), padding: 2 }),
    relu1: new ReLU(),
    pool1: new MaxPool2d(2),
    conv2: new Conv2d(6, 16, 5, of("conv2")),
    relu2: new ReLU(),
    pool2: new MaxPool2d(2),
    flatten: new Flatten(),
    fc1: new Linear(400, 120, of("fc1")),
    relu3: new ReLU(),
    fc2: new Linear(120, 84, of("fc2")),
    relu4: new ReLU(),
    fc3: new Linear(84, 10, of("fc3")),
  });
}

/**
 * The LeNet of Caffe's MNIST tutorial (`examples/mnist/lenet.prototxt`): 5x5 convolutions of 20 and 50 channels, each with
 * 2x2 maximum pooling and no activation, then 500 with ReLU, and 10. 431,080 parameters. Initialised as PyTorch's layers
 * are, where Caffe's example uses its "xavier" filler.
 *
 * Shapes: images [batch, 1, 28, 28], logits [batch, 10].
 */
export function caffeLeNet(options: ModelOptions): Sequential {
  const { rng, dtype = "f32" } = drawingOptions("caffeLeNet", options);
  const of = (name: string): ModelOptions => ({ rng: rng.stream(name), dtype });
  return new Sequential({
    conv1: new Conv2d(1, 20, 5, of("conv1")),
    pool1: new MaxPool2d(2),
    conv2: new Conv2d(20, 50, 5, of("conv2")),
    pool2: new MaxPool2d(2),
    flatten: new Flatten(),
    fc1: new Linear(800, 500, of("fc1")),
    relu1: new ReLU(),
    fc2: new Linear(500, 10, of("fc2")),
  });
}
