// A training step as a list of kernels called by hand on arrays of the shared memory that were made before: what the
// library's step would cost if tensors, scopes, history and modules were free. It computes the same bits (a test).
import type { Module } from "@llr/nn";
import { sgd } from "@llr/optim";
import { crossEntropyOp } from "@llr/tensor";
import { simdUpdates } from "@llr/train";
import { type PlainModelName, TRAINING } from "../tasks.ts";
import type { StepData } from "../training.ts";
import type { KernelCall } from "./kernelCall.ts";
import { backwardCall, kernelCall, zeros } from "./kernelCall.ts";
import { type BareParameter, convolution, flat, halving, linear, type MakeLayer, rectifier } from "./layers.ts";

/** Layers in order, and how many parameters each takes. */
const MODELS: Readonly<Record<PlainModelName, readonly (readonly [MakeLayer, number])[]>> = {
  mlp: [[linear, 2], [rectifier, 0], [linear, 2], [rectifier, 0], [linear, 2]],
  leNet5: [[convolution(2), 2], [rectifier, 0], [halving, 0], [convolution(0), 2], [rectifier, 0], [halving, 0], [flat, 0], [linear, 2], [rectifier, 0], [linear, 2], [rectifier, 0], [linear, 2]],
  caffeLeNet: [[convolution(0), 2], [halving, 0], [convolution(0), 2], [halving, 0], [flat, 0], [linear, 2], [rectifier, 0], [linear, 2]],
};

/** @param model whose parameters are the start values, copied @returns runs one step and gives the loss, and the parameters */
export function bareStep(name: PlainModelName, model: Module, { images, shape, labels }: StepData): { readonly step: () => number; readonly parameters: readonly BareParameter[] } {
  const parameters: BareParameter[] = model.parameters().map((p) => {
    const value = zeros(p.shape);
    value.data.set(p.data);
    return { value };
  });
  const [pixels, classes] = [zeros(shape), zeros([labels.length], "i32")];
  let [x, next] = [pixels, 0];
  const layers = MODELS[name].map(([make, count]) => {
    const layer = make(x, parameters.slice(next, next + count));
    next += count;
    x = layer.out;
    return layer;
  });
  const loss = kernelCall(crossEntropyOp, [x, classes], null);
  const dLoss = zeros([]);
  dLoss.data[0] = 1;
  const dLogits = backwardCall(crossEntropyOp, dLoss, [x, classes], loss.out, null);

  const calls: KernelCall[] = [...layers.flatMap((layer) => layer.forward), loss, dLogits];
  let dOut = dLogits.out;
  for (let i = layers.length - 1; i >= 0; i--) {
    // Nobody asks for the gradient of the images.
    const { dInput, calls: kernels } = layers[i].backward(dOut, i > 0);
    calls.push(...kernels);
    if (dInput !== null) dOut = dInput;
  }
  const params = parameters.map(({ value, gradient }, i) => ({ name: String(i), shape: value.shape, data: value.data as Float32Array, grad: gradient!.data as Float32Array }));
  const optimizer = sgd(params, { ...TRAINING, kernels: simdUpdates });
  const step = (): number => {
    pixels.data.set(images);
    classes.data.set(labels);
    for (const call of calls) call.run();
    optimizer.step();
    return loss.out.data[0];
  };
  return { step, parameters };
}
