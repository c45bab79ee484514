// The kernels of each layer both ways, as the layers and their derivatives run them, on arrays that stay.
import { addOp, conv2dInputGradOp, conv2dOp, conv2dWeightGradOp, matmulOp, maxPool2dOp, putAtOp, reluGradOp, reluOp, sumOp } from "@llr/tensor";
import type { Bare, KernelCall } from "./kernelCall.ts";
import { kernelCall } from "./kernelCall.ts";

export interface BareParameter {
  readonly value: Bare;
  gradient?: Bare;
}

/** One layer, with its input fixed. */
export interface BareLayer {
  readonly out: Bare;
  readonly forward: readonly KernelCall[];
  /** Gradient of the input, unless nobody asks for it; sets the parameters' gradients. */
  backward(dOut: Bare, wanted: boolean): { readonly dInput: Bare | null; readonly calls: readonly KernelCall[] };
}
export type MakeLayer = (input: Bare, parameters: readonly BareParameter[]) => BareLayer;

const last = (calls: readonly KernelCall[]): Bare => calls.at(-1)!.out;

/** The call whose result is the parameter's gradient. */
function gradientOf(parameter: BareParameter, call: KernelCall): KernelCall {
  parameter.gradient = call.out;
  return call;
}

export const linear: MakeLayer = (x, [weight, bias]) => {
  const product = kernelCall(matmulOp, [x, weight.value], { transposeA: false, transposeB: true });
  const forward = [product, kernelCall(addOp, [product.out, bias.value], null)];
  return {
    out: last(forward), forward,
    backward(dOut, wanted) {
      const calls = [
        gradientOf(bias, kernelCall(sumOp, [dOut], { axes: [0], keepDims: false })),
        // As the derivative of matmul for a transposed right operand has it: dW = dOut^T x.
        gradientOf(weight, kernelCall(matmulOp, [dOut, x], { transposeA: true, transposeB: false })),
      ];
      if (wanted) calls.push(kernelCall(matmulOp, [dOut, weight.value], { transposeA: false, transposeB: false }));
      return { dInput: wanted ? last(calls) : null, calls };
    },
  };
};

export const convolution = (padding: number): MakeLayer => (x, [weight, bias]) => {
  const attrs = { stride: [1, 1], padding: [padding, padding], dilation: [1, 1], groups: 1 } as const;
  const forward = [kernelCall(conv2dOp, [x, weight.value, bias.value], attrs)];
  return {
    out: last(forward), forward,
    backward(dOut, wanted) {
      const calls = [
        gradientOf(bias, kernelCall(sumOp, [dOut], { axes: [0, 2, 3], keepDims: false })),
        gradientOf(weight, kernelCall(conv2dWeightGradOp, [dOut, x], { ...attrs, weightShape: weight.value.shape })),
      ];
      if (wanted) calls.push(kernelCall(conv2dInputGradOp, [dOut, weight.value], { ...attrs, inputShape: x.shape }));
      return { dInput: wanted ? last(calls) : null, calls };
    },
  };
};

/** A layer without parameters: forward kernel, and the one that its derivative runs. */
const plain = (forward: (x: Bare) => KernelCall, derivative: (dOut: Bare, x: Bare, forward: KernelCall) => KernelCall): MakeLayer => (x) => {
  const call = forward(x);
  return {
    out: call.out, forward: [call],
    backward: (dOut) => {
      const calls = [derivative(dOut, x, call)];
      return { dInput: last(calls), calls };
    },
  };
};

export const rectifier: MakeLayer = plain((x) => kernelCall(reluOp, [x], null), (dOut, _, { out }) => kernelCall(reluGradOp, [dOut, out], null));

export const halving: MakeLayer = plain(
  (x) => kernelCall(maxPool2dOp, [x], { kernel: [2, 2], stride: [2, 2], padding: [0, 0], dilation: [1, 1], ceilMode: false }),
  (dOut, x, { aux }) => kernelCall(putAtOp, [dOut, aux[0]], { shape: x.shape }),
);

/** The same numbers as rows of a matrix. */
export const flat: MakeLayer = (x) => ({
  out: { data: x.data, shape: [x.shape[0], x.data.length / x.shape[0]] }, forward: [],
  backward: (dOut) => ({ dInput: { data: dOut.data, shape: x.shape }, calls: [] }),
});
