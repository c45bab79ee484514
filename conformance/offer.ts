// @llr in the vocabulary of the conformance kit: what the kit calls an op, a gradient, a scope. What we do not have is left
// out (the kit counts it as unclaimed), and a combination of attributes that an op does not have is refused as not offered.
import { backward as sweep, type Parameter, parameter } from "@llr/autograd";
import { mlp } from "@llr/nn";
import { sgd } from "@llr/optim";
import type { Numbers, Tensor } from "@llr/tensor";
import {
  add, argMax, broadcastTo, div, equal, exp, greater, greaterEqual, less, lessEqual, log, logSoftmax, matmul, mean, mul, neg, notEqual, relu, reshape, Rng,
  scope as openScope, setArithmetic, sigmoid, softmax, sqrt, sub, sum, tanh, tensor as makeTensor, transpose,
} from "@llr/tensor";
import { ambient } from "@llr/tensor/engine";
import { convolutionOps } from "./ops/convolution.ts";
import { functionOps } from "./ops/functions.ts";
import { indexingOps } from "./ops/indexing.ts";
import { recurrentOps } from "./ops/recurrent.ts";

// Which kernels are judged: LLR_KERNELS=simd (the default), portable or reference.
const chosen = process.env["LLR_KERNELS"] ?? "simd";
if (chosen === "portable") setArithmetic("portable");
else if (chosen === "reference" || chosen === "simd") ambient.kernels = chosen;
else throw new Error(`LLR_KERNELS is ${chosen}; it is simd, portable or reference.`);

export { init } from "./init.ts";
export { loaders } from "./loaders.ts";
export { clip, optimizer } from "./optim.ts";
export { schedule } from "./schedules.ts";
export { suggestRates as lrFind } from "@llr/train";

interface Plain {
  readonly shape: number[];
  readonly dtype: "f32" | "f64" | "i32" | "i64" | "bool" | "u8";
  readonly data: Numbers;
}

/** The kit's 64-bit and byte integers become i32, which is what labels and indices are here. */
export function tensor({ shape, dtype, data }: Plain, { requiresGrad = false }: { requiresGrad?: boolean } = {}): Tensor {
  const ours = dtype === "i64" || dtype === "u8" ? "i32" : dtype;
  const made = makeTensor(data, { shape, dtype: ours });
  return requiresGrad ? parameter(made, { name: "leaf" }) : made;
}

export const plain = (t: Tensor): Plain => ({ shape: [...t.shape], dtype: t.dtype, data: t.toArray() });

/** The kit also asks for gradients of losses that depend on no leaf, and then expects none; our backward refuses those. */
export function backward(loss: Tensor): void {
  if (loss.isTracked) sweep(loss);
}

export function gradOf(leaf: Tensor): Plain | null {
  const { grad, shape, dtype } = leaf as Parameter;
  return grad === null ? null : { shape: [...shape], dtype, data: grad };
}

export const detach = (t: Tensor): Tensor => t.detach();

/** The kit's scopes return nothing of ours. */
export const scope = <R>(fn: () => R): R => openScope(fn);

// --- ops

type Attributes = Readonly<Record<string, unknown>>;
type KitOp = (inputs: readonly Tensor[], attrs: Attributes) => Tensor | Tensor[];

const unary = (f: (x: Tensor) => Tensor): KitOp => ([x]) => f(x);
const binary = (f: (a: Tensor, b: Tensor) => Tensor): KitOp => ([a, b]) => f(a, b);
const reduction = (f: typeof sum): KitOp => ([x], { axes, keepDims }) => f(x, { axes: axes as number[] | null, keepDims: Boolean(keepDims) });
const alongAxis = (f: typeof softmax): KitOp => ([x], { axis }) => f(x, axis === undefined ? {} : { axis: axis as number });

export const ops: Readonly<Record<string, KitOp>> = {
  neg: unary(neg), exp: unary(exp), log: unary(log), sqrt: unary(sqrt), tanh: unary(tanh), sigmoid: unary(sigmoid), relu: unary(relu),
  add: binary(add), sub: binary(sub), mul: binary(mul), div: binary(div),
  equal: binary(equal), notEqual: binary(notEqual), less: binary(less), lessEqual: binary(lessEqual), greater: binary(greater), greaterEqual: binary(greaterEqual),
  sum: reduction(sum), mean: reduction(mean),
  softmax: alongAxis(softmax), logSoftmax: alongAxis(logSoftmax),
  argMax: ([x], { axis, keepDims }) => argMax(x, { axis: axis as number, keepDims: Boolean(keepDims) }),
  reshape: ([x], { shape }) => reshape(x, shape as number[]),
  transpose: ([x], { perm }) => transpose(x, perm as number[] | undefined),
  broadcastTo: ([x], { shape }) => broadcastTo(x, shape as number[]),
  matmul: binary((a, b) => matmul(a, b)),
  ...convolutionOps,
  ...functionOps,
  ...indexingOps,
  ...recurrentOps,
};

// --- misuse of the public interface: each must be refused

const weight = (): Parameter => parameter([1, 2], { name: "w" });

export const errors: Readonly<Record<string, () => void>> = {
  "optim.lr-negative": () => sgd([weight()], { lr: -0.1 }),
  "optim.lr-nan": () => sgd([weight()], { lr: NaN }),
  "optim.non-leaf": () => sgd([mul(weight(), 2) as never], { lr: 0.1 }),
  "autograd.seed-shape": () => sweep(mul(weight(), 2), { seed: makeTensor([1, 2, 3]) }),
  "autograd.non-scalar": () => sweep(mul(weight(), 2)),
  "autograd.backward-twice": () => {
    const loss = sum(mul(weight(), 2));
    sweep(loss);
    sweep(loss);
  },
  "tensor.ragged": () => makeTensor([[1, 2], [3]]),
  "nn.state-shape": () => {
    const model = mlp([2, 2], { rng: new Rng(1) });
    model.loadStateDict({ ...model.stateDict(), "fc1.bias": { shape: [3], data: new Float32Array(3) } });
  },
};
