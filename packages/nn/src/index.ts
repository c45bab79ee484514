export { type FanMode, fans, gain, type GainOptions, type InitialSpread, type InitialValues, biasUniform, kaimingNormal, type KaimingOptions, kaimingSpread, kaimingUniform, type Nonlinearity, xavierNormal, type XavierOptions, xavierSpread, xavierUniform } from "./init.ts";
export { Flatten, ReLU, Sigmoid, Tanh } from "./layers/activations.ts";
export { Conv2d, type Conv2dOptions } from "./layers/conv2d.ts";
export { Linear, type LinearOptions } from "./layers/linear.ts";
export { AvgPool2d, MaxPool2d } from "./layers/pooling.ts";
export { caffeLeNet, leNet5, type ModelOptions } from "./models/leNet.ts";
export { mlp } from "./models/mlp.ts";
export { type ForwardContext, type ModelState, ModelStateError, Module } from "./module.ts";
export { Sequential } from "./sequential.ts";
