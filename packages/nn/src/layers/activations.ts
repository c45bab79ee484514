// Functions as layers, for Sequential.
import type { Tensor } from "@llr/tensor";
import { relu, reshape, sigmoid, tanh } from "@llr/tensor";
import { Module } from "../module.ts";

/** max(x, 0), elementwise. */
export class ReLU extends Module {
  forward(x: Tensor): Tensor {
    return relu(x);
  }
}

/** Hyperbolic tangent, elementwise. */
export class Tanh extends Module {
  forward(x: Tensor): Tensor {
    return tanh(x);
  }
}

/** Logistic function, elementwise. */
export class Sigmoid extends Module {
  forward(x: Tensor): Tensor {
    return sigmoid(x);
  }
}

/** [batch, a, b, ...] to [batch, a * b * ...]: a view. */
export class Flatten extends Module {
  forward(x: Tensor): Tensor {
    const [batch, ...rest] = x.shape;
    return reshape(x, [batch, rest.reduce((a, b) => a * b, 1)]);
  }
}
