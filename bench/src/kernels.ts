// The reference kernels alone, called through the records of their ops: no tensors, no scopes, no history.
import type { Numbers, Primitive, Shape } from "@llr/tensor";
import { addOp, conv2dInputGradOp, conv2dOp, conv2dWeightGradOp, expOp, matmulOp, maxPool2dOp, mulOp, reluOp, Rng, softmaxOp, sumOp } from "@llr/tensor";
import type { Item, Suite } from "./item.ts";

const rng = new Rng(1).stream("bench/kernels");

function random(shape: Shape): Float32Array {
  const data = new Float32Array(shape.reduce((a, b) => a * b, 1));
  rng.fillNormal(data, 0, 1);
  return data;
}

/** Runs the kernel of an op on random inputs. */
function kernel<A>(name: string, op: Primitive<A>, shapes: readonly Shape[], attrs: A, work: Item["work"]): Item {
  const shape = op.shape(shapes, attrs);
  const inputs: readonly Numbers[] = shapes.map(random);
  const out = new Float32Array(shape.reduce((a, b) => a * b, 1));
  const aux = op.aux?.(shapes, attrs).map((a) => new Int32Array(a.shape.reduce((x, y) => x * y, 1))) ?? [];
  return {
    name,
    run: () => {
      op.reference(out, inputs, { shapes, shape, attrs }, aux);
      return out[0];
    },
    ...(work && { work }),
  };
}

const flops = (amount: number): Item["work"] => ({ amount, unit: "GFLOP/s" });
const bytes = (amount: number): Item["work"] => ({ amount, unit: "GB/s" });

function gemms(n: number): Item[] {
  return (["nn", "nt", "tn"] as const).map((kind) =>
    kernel(`gemm ${kind} ${n}`, matmulOp, [[n, n], [n, n]], { transposeA: kind === "tn", transposeB: kind === "nt" }, flops(2 * n ** 3)));
}

/** A layer both ways, at batch 64. */
function convolutions(name: string, x: Shape, w: Shape, padding: number): Item[] {
  const attrs = { stride: [1, 1], padding: [padding, padding], dilation: [1, 1], groups: 1 } as const;
  const y = conv2dOp.shape([x, w], attrs);
  const work = flops(2 * y.reduce((a, b) => a * b, 1) * w[1] * w[2] * w[3]);
  return [
    kernel(`conv2d ${name} forward`, conv2dOp, [x, w], attrs, work),
    kernel(`conv2d ${name} input gradient`, conv2dInputGradOp, [y, w], { ...attrs, inputShape: x }, work),
    kernel(`conv2d ${name} weight gradient`, conv2dWeightGradOp, [y, x], { ...attrs, weightShape: w }, work),
  ];
}

export function kernels(): Suite {
  const n = 1_000_000;
  return {
    items: [
      ...gemms(256),
      ...gemms(512),
      ...convolutions("LeNet-5 conv1", [64, 1, 28, 28], [6, 1, 5, 5], 2),
      ...convolutions("LeNet-5 conv2", [64, 6, 14, 14], [16, 6, 5, 5], 0),
      kernel("maxPool2d 64x6x28x28", maxPool2dOp, [[64, 6, 28, 28]], { kernel: [2, 2], stride: [2, 2], padding: [0, 0], dilation: [1, 1], ceilMode: false }, bytes(4 * 1.25 * 64 * 6 * 784)),
      kernel("add 1e6", addOp, [[n], [n]], null, bytes(12 * n)),
      kernel("mul 1e6", mulOp, [[n], [n]], null, bytes(12 * n)),
      kernel("relu 1e6", reluOp, [[n]], null, bytes(8 * n)),
      kernel("exp 1e6", expOp, [[n]], null, bytes(8 * n)),
      kernel("sum 1e6", sumOp, [[n]], { axes: [0], keepDims: false }, bytes(4 * n)),
      kernel("softmax 128x1000", softmaxOp, [[128, 1000]], { axis: 1 }, bytes(8 * 128_000)),
    ],
    races: [],
  };
}
