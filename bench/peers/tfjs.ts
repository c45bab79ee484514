// TensorFlow.js. Argument: "wasm" or "cpu". Its layout is NHWC. Kernels of both backends run before a function returns.
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { Pass, Task } from "../src/tasks.ts";
import { MLP_SIZES, TRAINING } from "../src/tasks.ts";
import { chainOf } from "./chains.ts";
import { peersFolder } from "./install.ts";
import { unwritten } from "./protocol.ts";
import type { Run } from "./sample.ts";
import { randomNumbers, serve, sizeOf } from "./serve.ts";

// The packages are installed on demand, so their types are not here; this file is checked by running it.
type Tf = any; // oxlint-disable-line typescript/no-explicit-any
type T = any; // oxlint-disable-line typescript/no-explicit-any

const [backend] = process.argv.slice(2);
// CommonJS: the ES modules of this version import without extensions, which Node cannot resolve.
const require = createRequire(join(peersFolder, "package.json"));

await serve(async () => {
  const log = console.warn;
  console.warn = () => {}; // "install our node package"
  const tf: Tf = require("@tensorflow/tfjs-core");
  require("@tensorflow/tfjs-layers"); // registers the gradients
  if (backend === "wasm") {
    const wasm: Tf = require("@tensorflow/tfjs-backend-wasm");
    wasm.setWasmPaths(`${dirname(require.resolve("@tensorflow/tfjs-backend-wasm/package.json"))}/dist/`);
  } else require("@tensorflow/tfjs-backend-cpu");
  if (!(await tf.setBackend(backend))) throw new Error(`the backend ${backend} did not start`);
  await tf.ready();
  console.warn = log;
  const simd = backend === "wasm" && (await tf.env().getAsync("WASM_HAS_SIMD_SUPPORT"));
  return { ready: { version: tf.version_core, threads: 1, note: backend === "wasm" ? `SIMD ${simd ? "on" : "off"}; no threads in Node` : "plain JavaScript" }, make: (task) => make(tf, task) };
});

function make(tf: Tf, task: Task): Run {
  const random = (shape: readonly number[]): T => tf.tensor(randomNumbers(sizeOf(shape)), shape);
  const once = (op: () => T): Run => () => op().dispose();
  switch (task.kind) {
    case "gemm": {
      const { m, k, n, transposeA, transposeB } = task;
      const [a, b] = [random(transposeA ? [k, m] : [m, k]), random(transposeB ? [n, k] : [k, n])];
      return once(() => tf.matMul(a, b, transposeA, transposeB));
    }
    case "conv2d": return convolution(tf, task, random, once);
    case "maxPool2d": {
      const [batch, channels, height, width] = task.x;
      const x = random([batch, height, width, channels]);
      if (task.pass === "forward") return once(() => tf.maxPool(x, 2, 2, "valid"));
      const gradient = tf.grad((v: T) => tf.sum(tf.maxPool(v, 2, 2, "valid")));
      return once(() => gradient(x));
    }
    case "map": {
      const [x, y] = [random([task.n]), random([task.n])];
      const binary = task.op === "add" || task.op === "mul";
      return once(() => (binary ? tf[task.op](x, y) : tf[task.op](x)));
    }
    case "sum": {
      const x = random([task.rows, task.columns]);
      return once(() => tf.sum(x, task.each ? 1 : undefined));
    }
    case "softmax": {
      const x = random([task.rows, task.columns]);
      return once(() => tf.softmax(x));
    }
    case "train": return training(tf, task);
    case "embedding":
    case "trainLstm": return unwritten();
    case "optimizer": {
      if (task.name === "lars" || task.name === "larc" || task.name === "madLlr") throw new Error(`TensorFlow.js has no ${task.name}`);
      // It has no AdamW: Adam without weight decay, which is a little less work.
      const optimizer = task.name === "sgd" ? tf.train.momentum(1e-4, 0.9) : tf.train.adam(1e-4);
      const w = tf.variable(random([1000, task.n / 1000]));
      const gradient = tf.tensor(randomNumbers(task.n, 1e-3), [1000, task.n / 1000]);
      return () => optimizer.applyGradients([{ name: w.name, tensor: gradient }]);
    }
    case "adds": {
      const four = random([4]);
      return once(() => tf.tidy(() => {
        let x = four;
        for (let i = 0; i < task.count; i++) x = tf.add(x, four);
        return x;
      }));
    }
  }
}

function convolution(tf: Tf, { pass, x: [batch, channels, height, width], w: [out, , kh, kw], padding }: Task & { kind: "conv2d" }, random: (shape: readonly number[]) => T, once: (op: () => T) => Run): Run {
  const [shapeX, shapeW] = [[batch, height, width, channels], [kh, kw, channels, out]];
  const shapeY = [batch, height + 2 * padding - kh + 1, width + 2 * padding - kw + 1, out];
  const passes: Readonly<Record<Pass, () => Run>> = {
    forward: () => {
      const [x, w] = [random(shapeX), random(shapeW)];
      return once(() => tf.conv2d(x, w, 1, padding));
    },
    "input gradient": () => {
      const [dy, w] = [random(shapeY), random(shapeW)];
      return once(() => tf.conv2dTranspose(dy, w, shapeX, 1, padding));
    },
    "weight gradient": () => {
      const [x, dy] = [random(shapeX), random(shapeY)];
      return once(() => tf.engine().runKernel("Conv2DBackpropFilter", { x, dy }, { strides: [1, 1], pad: padding, dataFormat: "NHWC", dimRoundingMode: undefined, filterShape: shapeW }));
    },
  };
  return passes[pass]();
}

function training(tf: Tf, { model, batch }: Task & { kind: "train" }): Run {
  const variables: T[] = [];
  const weights = (shape: readonly number[], fanIn: number): T => {
    const v = tf.variable(tf.tensor(randomNumbers(sizeOf(shape), fanIn ** -0.5), shape));
    variables.push(v);
    return v;
  };
  const linear = (inputs: number, outputs: number, relu: boolean): ((x: T) => T) => {
    const [w, b] = [weights([inputs, outputs], inputs), weights([outputs], inputs)];
    return (x) => { const y = tf.add(tf.matMul(x, w), b); return relu ? tf.relu(y) : y; };
  };
  const convPool = (channels: number, out: number, padding: number, relu: boolean): ((x: T) => T) => {
    const [w, b] = [weights([5, 5, channels, out], 25 * channels), weights([out], 25 * channels)];
    return (x) => { const y = tf.add(tf.conv2d(x, w, 1, padding), b); return tf.maxPool(relu ? tf.relu(y) : y, 2, 2, "valid"); };
  };
  const flat = (x: T): T => tf.reshape(x, [batch, -1]);
  const layers = chainOf(model, { linear, convPool, flat });
  const shape = model === "mlp" ? [batch, MLP_SIZES[0]] : [batch, 28, 28, 1];
  const images = randomNumbers(sizeOf(shape));
  const labels = Int32Array.from({ length: batch }, (_, i) => (i * 7) % 10);
  const optimizer = tf.train.momentum(TRAINING.lr, TRAINING.momentum);
  return () => tf.tidy(() => {
    const targets = tf.oneHot(tf.tensor1d(labels, "int32"), 10);
    const x = tf.tensor(images, shape);
    const loss = optimizer.minimize(() => tf.losses.softmaxCrossEntropy(targets, layers.reduce((value: T, layer: (x: T) => T) => layer(value), x)), true, variables);
    const [value] = loss.dataSync();
    if (!Number.isFinite(value)) throw new Error(`the loss is ${value}`);
  });
}
