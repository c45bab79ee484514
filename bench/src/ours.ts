// Each task as a user of this library would write it: the public functions, inside a scope, over tensors that live in the
// shared memory as parameters and activations do.
import { adamW, larc, lars, madLlr, type Optimizer, type Param, sgd, type UpdateKernels } from "@llr/optim";
import {
  add, apply, buffer, conv2d, conv2dInputGradOp, conv2dWeightGradOp, embedding, exp, matmul, maxPool2d, mul, type PinnedTensor, relu, Rng, scope, type Shape, sigmoid, softmax, sum,
  tanh, type Tensor, tensor,
} from "@llr/tensor";
import { backward, parameter } from "@llr/autograd";
import { numbersOf, pinnedArray } from "@llr/tensor/engine";
import { simdUpdates } from "@llr/train";
import type { MapName, OptimizerName, Task } from "./tasks.ts";
import { lstmStep, trainingStep } from "./training.ts";

const rng = new Rng(1).stream("bench/inputs");

function normal(shape: Shape, deviation = 1): Float32Array {
  const data = new Float32Array(shape.reduce((a, b) => a * b, 1));
  rng.fillNormal(data, 0, deviation);
  return data;
}

const random = (shape: Shape): PinnedTensor => buffer(tensor(normal(shape), { shape }));

/** Runs it in a scope and reads one number of the result. */
const inScope = (op: () => Tensor): (() => number) => () => scope(() => numbersOf(op())[0]);

const MAPS: Readonly<Record<MapName, (x: Tensor, y: Tensor) => Tensor>> = { add, mul, relu, exp, tanh, sigmoid };

function gemm({ m, k, n, transposeA, transposeB }: Task & { kind: "gemm" }): () => number {
  const [a, b] = [random(transposeA ? [k, m] : [m, k]), random(transposeB ? [n, k] : [k, n])];
  return inScope(() => matmul(a, b, { transposeA, transposeB }));
}

function convolution({ pass, x: shape, w: weightShape, padding }: Task & { kind: "conv2d" }): () => number {
  const attrs = { stride: [1, 1], padding: [padding, padding], dilation: [1, 1], groups: 1 } as const;
  const [x, w] = [random(shape), random(weightShape)];
  if (pass === "forward") return inScope(() => conv2d(x, w, { padding }));
  const dy = random(conv2d(x, w, { padding }).shape);
  // Each derivative alone, as `backward` runs it: the function of the public interface would compute both.
  return pass === "input gradient"
    ? inScope(() => apply(conv2dInputGradOp, [dy, w], { ...attrs, inputShape: shape }))
    : inScope(() => apply(conv2dWeightGradOp, [dy, x], { ...attrs, weightShape }));
}

function pool({ pass, x: shape }: Task & { kind: "maxPool2d" }): () => number {
  if (pass === "forward") {
    const x = random(shape);
    return inScope(() => maxPool2d(x, { kernel: 2 }));
  }
  const x = parameter(tensor(normal(shape), { shape }));
  return () => scope(() => {
    x.grad = null;
    backward(sum(maxPool2d(x, { kernel: 2 })));
    return x.grad![0];
  });
}

function lookup({ pass, tokens, width, count }: Task & { kind: "embedding" }): () => number {
  const rows = buffer(tensor(Int32Array.from({ length: count }, () => rng.integer(tokens))));
  if (pass === "forward") {
    const table = random([tokens, width]);
    return inScope(() => embedding(table, rows));
  }
  const table = parameter(tensor(normal([tokens, width]), [tokens, width]));
  return () => scope(() => {
    table.grad = null;
    backward(sum(embedding(table, rows)));
    return table.grad![0];
  });
}

const momentum = 0.9;
const OPTIMIZERS: Readonly<Record<OptimizerName, (params: readonly Param[], kernels: UpdateKernels) => Optimizer>> = {
  sgd: (params, kernels) => sgd(params, { lr: 1e-4, momentum, kernels }),
  adamW: (params, kernels) => adamW(params, { lr: 1e-4, kernels }),
  lars: (params, kernels) => lars(params, { lr: 1e-4, momentum, kernels }),
  larc: (params, kernels) => larc(params, { lr: 1e-4, momentum, kernels }),
  madLlr: (params, kernels) => madLlr(params, { lr: 1e-4, kernels }),
};

function optimizer({ name, n, loops }: Task & { kind: "optimizer" }): () => number {
  const shape = [1000, n / 1000];
  const w = parameter(tensor(normal(shape), { shape }), { name: "w", layer: "w" });
  w.grad = pinnedArray("f32", shape, "bench") as Float32Array;
  rng.fillNormal(w.grad, 0, 1e-3);
  const made = OPTIMIZERS[name]([w], loops === "plain" ? {} : simdUpdates);
  return () => made.step()[0].updateNorm;
}

/** @returns what does the task once, with a number that depends on the work */
export function makeRun(task: Task): () => number {
  switch (task.kind) {
    case "gemm": return gemm(task);
    case "conv2d": return convolution(task);
    case "maxPool2d": return pool(task);
    case "map": {
      const [x, y] = [random([task.n]), random([task.n])];
      return inScope(() => MAPS[task.op](x, y));
    }
    case "sum": {
      const x = random([task.rows, task.columns]);
      return inScope(() => (task.each ? sum(x, { axes: [1] }) : sum(x)));
    }
    case "softmax": {
      const x = random([task.rows, task.columns]);
      return inScope(() => softmax(x));
    }
    case "embedding": return lookup(task);
    case "train": {
      const step = trainingStep(task.model, task.batch);
      return () => scope(step);
    }
    case "trainLstm": {
      const step = lstmStep(task);
      return () => scope(step);
    }
    case "optimizer": return optimizer(task);
    case "adds": {
      const four = random([4]);
      return inScope(() => {
        let x: Tensor = four;
        for (let i = 0; i < task.count; i++) x = add(x, four);
        return x;
      });
    }
  }
}
