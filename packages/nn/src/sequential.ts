import type { Tensor } from "@llr/tensor";
import { drop } from "@llr/tensor";
import type { ForwardContext } from "./module.ts";
import { Module } from "./module.ts";

/** One layer after another; what one hands to the next is dropped as soon as nothing needs it. */
export function runThrough(layers: readonly Module[], x: Tensor, context: ForwardContext): Tensor {
  let value = x;
  for (const layer of layers) {
    const next = layer.forward(value, context);
    // Not the caller's input, and not what the next one is a view of.
    if (value.storage !== x.storage && next.storage !== value.storage) drop(value);
    value = next;
  }
  return value;
}

/**
 * Modules one after another, by name. What one hands to the next is dropped as soon as nothing needs it: evaluation then
 * holds two activations at a time instead of all.
 *
 * @example
 * import { Linear, ReLU, Sequential } from "@llr/nn";
 * import { Rng, tensor } from "@llr/tensor";
 * const rng = new Rng(1);
 * const model = new Sequential({ fc1: new Linear(4, 8, { rng }), relu: new ReLU(), fc2: new Linear(8, 2, { rng }) });
 * model.forward(tensor([[1, 2, 3, 4]])).shape // => [1, 2]
 * model.layerNames() // => ["fc1", "fc2"]
 */
export class Sequential extends Module {
  readonly layers: Readonly<Record<string, Module>>;

  constructor(layers: Readonly<Record<string, Module>>) {
    super();
    this.layers = layers;
  }

  forward(x: Tensor, context: ForwardContext = {}): Tensor {
    return runThrough(Object.values(this.layers), x, context);
  }

  /** The layers' names are the model's: "conv1.weight", not "layers.conv1.weight". */
  protected override members(): Iterable<readonly [string, unknown]> {
    return Object.entries(this.layers);
  }
}
