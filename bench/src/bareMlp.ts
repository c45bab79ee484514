// The training step of an MLP as a list of kernels called by hand on preallocated arrays of the shared memory: what the library's step would
// cost if tensors, scopes, history and modules were free. It computes the same bits (bench.test.ts).
import type { Numbers, Primitive, Shape } from "@llr/tensor";
import { momentumInPlace, pinnedArray, runBackward, runForward } from "@llr/tensor/engine";
import { addOp, crossEntropyOp, matmulOp, reluGradOp, reluOp, sumOp } from "@llr/tensor";

export interface BareLayer {
  readonly weight: Float32Array;
  readonly bias: Float32Array;
}

interface Layer extends BareLayer {
  readonly sizes: readonly [inputs: number, outputs: number];
  readonly product: Float32Array;
  readonly sum: Float32Array;
  readonly active: Float32Array;
  /** Gradients: of the sum, of the layer's input, of weight and bias. */
  readonly dSum: Float32Array;
  readonly dInput: Float32Array;
  readonly dWeight: Float32Array;
  readonly dBias: Float32Array;
  readonly weightMomentum: Float32Array;
  readonly biasMomentum: Float32Array;
}

function call<A>(op: Primitive<A>, out: Numbers, inputs: readonly Numbers[], shapes: readonly Shape[], shape: Shape, attrs: A): void {
  runForward(op, out, inputs, { shapes, shape, attrs }, []);
}

/** @param parameters start values, copied @returns runs one step and gives the loss, and the present values */
export function bareMlp(sizes: readonly number[], batch: number, parameters: readonly BareLayer[], { lr, momentum }: { lr: number; momentum: number }): { step: (images: Float32Array, labels: Int32Array) => number; layers: readonly BareLayer[] } {
  const zeros = (n: number): Float32Array => pinnedArray("f32", [n], "bench") as Float32Array;
  const copyOf = (source: Float32Array): Float32Array => {
    const copy = zeros(source.length);
    copy.set(source);
    return copy;
  };
  const layers: Layer[] = parameters.map(({ weight, bias }, i) => {
    const [m, n] = [sizes[i], sizes[i + 1]];
    return {
      sizes: [m, n], weight: copyOf(weight), bias: copyOf(bias), product: zeros(batch * n), sum: zeros(batch * n), active: zeros(batch * n),
      dSum: zeros(batch * n), dInput: zeros(batch * m), dWeight: zeros(m * n), dBias: zeros(n), weightMomentum: zeros(m * n), biasMomentum: zeros(n),
    };
  });
  const classes = sizes.at(-1)!;
  const loss = zeros(1);
  const dLoss = zeros(1).fill(1);
  const pixels = zeros(batch * sizes[0]);
  const classesOf = pinnedArray("i32", [batch], "bench");
  const lossCall = { shapes: [[batch, classes], [batch]], shape: [], attrs: null };
  let first = true;

  function update(data: Float32Array, gradient: Float32Array, buffer: Float32Array): void {
    momentumInPlace(data, gradient, buffer, { inner: 1, l2: 0, decay: 0, carried: first ? 0 : momentum, added: 1, ofGradient: 0, ofBuffer: lr });
  }

  function step(images: Float32Array, labels: Int32Array): number {
    pixels.set(images);
    classesOf.set(labels);
    let x = pixels;
    for (const [i, { sizes: [m, n], weight, bias, product, sum, active }] of layers.entries()) {
      call(matmulOp, product, [x, weight], [[batch, m], [n, m]], [batch, n], { transposeA: false, transposeB: true });
      call(addOp, sum, [product, bias], [[batch, n], [n]], [batch, n], null);
      if (i < layers.length - 1) call(reluOp, active, [sum], [[batch, n]], [batch, n], null);
      x = active;
    }
    const last = layers.at(-1)!;
    runForward(crossEntropyOp, loss, [last.sum, classesOf], lossCall, []);
    runBackward(crossEntropyOp, [last.dSum, null], dLoss, [last.sum, classesOf], loss, lossCall, []);
    for (let i = layers.length - 1; i >= 0; i--) {
      const { sizes: [m, n], weight, dSum, dInput, dWeight, dBias } = layers[i];
      const input = i === 0 ? pixels : layers[i - 1].active;
      call(sumOp, dBias, [dSum], [[batch, n]], [n], { axes: [0], keepDims: false });
      // As the derivative of matmul for a transposed right operand has it: dW = dSum^T input.
      call(matmulOp, dWeight, [dSum, input], [[batch, n], [batch, m]], [n, m], { transposeA: true, transposeB: false });
      if (i === 0) break; // nobody asks for the gradient of the images
      call(matmulOp, dInput, [dSum, weight], [[batch, n], [n, m]], [batch, m], { transposeA: false, transposeB: false });
      call(reluGradOp, layers[i - 1].dSum, [dInput, layers[i - 1].active], [[batch, m], [batch, m]], [batch, m], null);
    }
    for (const { weight, bias, dWeight, dBias, weightMomentum, biasMomentum } of layers) {
      update(weight, dWeight, weightMomentum);
      update(bias, dBias, biasMomentum);
    }
    first = false;
    return loss[0];
  }
  return { step, layers };
}
