// What is timed, as data: this library and every peer make their own version of each task, from a description that fits
// into a line of JSON.
import type { Work } from "./item.ts";
import { flops, traffic } from "./item.ts";

export type Shape4 = readonly [number, number, number, number];
export type Pass = "forward" | "input gradient" | "weight gradient";
export type MapName = "add" | "mul" | "relu" | "exp" | "tanh" | "sigmoid";
export type ModelName = "mlp" | "leNet5" | "caffeLeNet" | "resNet8" | "resNet20";
/** Chains of layers: those that are also written as bare lists of kernels, and for peers without modules. */
export type PlainModelName = Exclude<ModelName, "resNet8" | "resNet20">;
export type OptimizerName = "sgd" | "adamW" | "lars" | "larc" | "madLlr";

export type Task =
  /** C [m, n] = A B; a transposed operand is stored as [k, m] or [n, k]. */
  | { readonly kind: "gemm"; readonly m: number; readonly k: number; readonly n: number; readonly transposeA: boolean; readonly transposeB: boolean }
  /** Stride 1. x [batch, channels, height, width], w [out, channels, height, width]; other layouts are a peer's own affair. */
  | { readonly kind: "conv2d"; readonly pass: Pass; readonly x: Shape4; readonly w: Shape4; readonly padding: number }
  /** 2 x 2 windows that do not overlap. */
  | { readonly kind: "maxPool2d"; readonly pass: "forward" | "both ways"; readonly x: Shape4 }
  | { readonly kind: "map"; readonly op: MapName; readonly n: number }
  /** Of all numbers of x [rows, columns], or of each row. */
  | { readonly kind: "sum"; readonly rows: number; readonly columns: number; readonly each: boolean }
  /** Of each row. */
  | { readonly kind: "softmax"; readonly rows: number; readonly columns: number }
  /** `count` rows of a table [tokens, width]; both ways: and the gradient for the whole table. */
  | { readonly kind: "embedding"; readonly pass: "forward" | "both ways"; readonly tokens: number; readonly width: number; readonly count: number }
  /** Cross-entropy, SGD with momentum: forward, backward, update. */
  | { readonly kind: "train"; readonly model: ModelName; readonly batch: number; readonly input: readonly number[] }
  /** The same over tokens [time, batch], from a state of zeros: an LSTM language model, its decoder's weight the embedding's. */
  | { readonly kind: "trainLstm"; readonly tokens: number; readonly hidden: number; readonly layers: number; readonly time: number; readonly batch: number }
  /** One step over n parameters in one tensor. */
  | { readonly kind: "optimizer"; readonly name: OptimizerName; readonly n: number; readonly loops?: "plain" }
  /** `count` additions of four numbers, one after another: what an op costs besides its kernel. */
  | { readonly kind: "adds"; readonly count: number };

export interface NamedTask {
  readonly name: string;
  readonly task: Task;
  readonly work?: Work;
  /** Left out of comparisons: peers have nothing like it, or another size of the same says as much. */
  readonly ownOnly?: true;
}

/** Layers of all models; sizes as @llr/nn has them, which a test compares. */
export const MLP_SIZES: readonly [784, 256, 128, 10] = [784, 256, 128, 10];
/** Of one input, as the models read them. */
export const inputShape = (model: ModelName): readonly number[] => (model === "mlp" ? [MLP_SIZES[0]] : model.startsWith("resNet") ? [3, 32, 32] : [1, 28, 28]);
export const TRAINING: { readonly lr: number; readonly momentum: number } = { lr: 1e-3, momentum: 0.9 };

function gemm(name: string, m: number, k: number, n: number, kind: "nn" | "nt" | "tn"): NamedTask {
  return { name: `gemm ${name} ${kind}`, task: { kind: "gemm", m, k, n, transposeA: kind === "tn", transposeB: kind === "nt" }, work: flops(2 * m * k * n) };
}

/** A linear layer with weights [inputs, outputs], both ways. */
function linearLayer(batch: number, inputs: number, outputs: number): NamedTask[] {
  const name = `${batch}x${inputs}x${outputs}`;
  return [gemm(`${name} forward`, batch, inputs, outputs, "nn"), gemm(`${name} dW`, inputs, batch, outputs, "tn"), gemm(`${name} dX`, batch, outputs, inputs, "nt")];
}

const gemms: readonly NamedTask[] = [
  ...[64, 128, 256, 512, 1024].flatMap((n) => (["nn", "nt", "tn"] as const).map((kind) => gemm(String(n), n, n, n, kind))),
  ...linearLayer(128, 784, 256),
  ...linearLayer(128, 3136, 128),
];

const product = (numbers: readonly number[]): number => numbers.reduce((a, b) => a * b, 1);

function layer(name: string, x: Shape4, w: Shape4, padding: number): NamedTask[] {
  const [batch, , height, width] = x;
  const positions = batch * (height + 2 * padding - w[2] + 1) * (width + 2 * padding - w[3] + 1);
  const work = flops(2 * positions * product(w));
  return (["forward", "input gradient", "weight gradient"] as const).map((pass) => ({ name: `conv2d ${name} ${pass}`, task: { kind: "conv2d", pass, x, w, padding }, work }));
}

const convs: readonly NamedTask[] = [
  ...layer("64x1x28x28 to 6, 5x5", [64, 1, 28, 28], [6, 1, 5, 5], 0),
  ...layer("64x1x28x28 to 20, 5x5", [64, 1, 28, 28], [20, 1, 5, 5], 0),
  ...layer("64x20x12x12 to 50, 5x5", [64, 20, 12, 12], [50, 20, 5, 5], 0),
  ...layer("32x16x32x32 to 16, 3x3", [32, 16, 32, 32], [16, 16, 3, 3], 1),
  ...layer("32x64x8x8 to 64, 3x3", [32, 64, 8, 8], [64, 64, 3, 3], 1),
];

const map = (op: MapName, n: number): NamedTask =>
  ({ name: `${op} ${n.toExponential(0).replace("+", "")}`, task: { kind: "map", op, n }, work: op === "add" || op === "mul" ? traffic(3, "add", n) : traffic(2, "copy", n) });

const pooled: Shape4 = [64, 20, 24, 24];

const elementwise: readonly NamedTask[] = [
  map("add", 1e6), map("mul", 1e6), map("relu", 1e6), map("exp", 1e6), map("tanh", 1e6), map("sigmoid", 1e6), map("add", 1e7),
  { name: "sum 1e6", task: { kind: "sum", rows: 1, columns: 1e6, each: false }, work: traffic(1, "sum", 1e6) },
  { name: "sum of rows 128x1000", task: { kind: "sum", rows: 128, columns: 1000, each: true }, work: traffic(1, "sum", 128_000) },
  { name: "softmax 128x1000", task: { kind: "softmax", rows: 128, columns: 1000 }, work: traffic(2, "copy", 128_000) },
  { name: "maxPool2d 64x20x24x24 forward", task: { kind: "maxPool2d", pass: "forward", x: pooled } },
  { name: "maxPool2d 64x20x24x24 both ways", task: { kind: "maxPool2d", pass: "both ways", x: pooled } },
  ...(["forward", "both ways"] as const).map((pass): NamedTask => ({ name: `embedding 700 of 10000x256 ${pass}`, task: { kind: "embedding", pass, tokens: 10_000, width: 256, count: 700 } })),
];

const train = (name: string, model: ModelName, batch: number): NamedTask => ({ name: `${name} step, batch ${batch}`, task: { kind: "train", model, batch, input: inputShape(model) } });

/** A language model of characters. */
const lstm = (layers: number): NamedTask =>
  ({ name: `LSTM ${layers}x256 step, 35x20 tokens`, task: { kind: "trainLstm", tokens: 98, hidden: 256, layers, time: 35, batch: 20 } });

const steps: readonly NamedTask[] = [
  train("MLP 784-256-128-10", "mlp", 128), train("LeNet-5", "leNet5", 64), train("Caffe-LeNet", "caffeLeNet", 64), train("ResNet-8", "resNet8", 32), train("ResNet-20", "resNet20", 32),
  lstm(1), lstm(2),
];

/** How many arrays of n numbers a step must at least read or write. */
const ARRAYS: Readonly<Record<OptimizerName, number>> = { sgd: 5, adamW: 7, lars: 5, larc: 5, madLlr: 7 };

function optimizer(name: OptimizerName, n: number, own: { readonly ownOnly?: true; readonly loops?: "plain" } = {}): NamedTask {
  const label = { sgd: "SGD with momentum", adamW: "AdamW", lars: "LARS", larc: "LARC", madLlr: "MAD-LLR" }[name];
  const { loops, ownOnly } = own;
  return {
    name: `${label} ${n.toExponential(0).replace("+", "")}${loops === "plain" ? ", plain loops" : ""}`, task: { kind: "optimizer", name, n, ...(loops && { loops }) },
    work: traffic(ARRAYS[name], "update", n), ...(ownOnly && { ownOnly }),
  };
}

const optimizers: readonly NamedTask[] = [
  ...[1e6, 1e7].flatMap((n) => [
    optimizer("sgd", n), optimizer("adamW", n), optimizer("lars", n), optimizer("larc", n, { ownOnly: true }), optimizer("madLlr", n, { ownOnly: true }),
  ]),
  ...(["sgd", "adamW", "lars", "larc", "madLlr"] as const).map((name) => optimizer(name, 1e6, { ownOnly: true, loops: "plain" })),
];

const dispatch: readonly NamedTask[] = [{ name: "1000 adds of 4 numbers", task: { kind: "adds", count: 1000 } }];

/** By suite, in the order in which they run. */
export const TASKS: Readonly<Record<"gemm" | "conv" | "elementwise" | "steps" | "optimizers" | "dispatch", readonly NamedTask[]>> = { gemm: gemms, conv: convs, elementwise, steps, optimizers, dispatch };
