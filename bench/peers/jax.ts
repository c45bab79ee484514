// @jax-js/jax on its WebAssembly device. A function owns what it is given: `.ref` keeps an array for another use.
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { readFileSync } from "node:fs";
import type { Task } from "../src/tasks.ts";
import { inputShape, TRAINING } from "../src/tasks.ts";
import { chainOf } from "./chains.ts";
import { peersFolder } from "./install.ts";
import { unwritten } from "./protocol.ts";
import type { Run } from "./sample.ts";
import { randomNumbers, serve, sizeOf } from "./serve.ts";

// The package is installed on demand, so its types are not here; this file is checked by running it.
type Jax = any; // oxlint-disable-line typescript/no-explicit-any
type A = any; // oxlint-disable-line typescript/no-explicit-any

const require = createRequire(join(peersFolder, "package.json"));

await serve(async () => {
  // It reads navigator.userAgent, which older versions of Node lack.
  if (!("navigator" in globalThis)) Object.defineProperty(globalThis, "navigator", { value: { userAgent: "Node.js" } });
  const entry = require.resolve("@jax-js/jax");
  const jax: Jax = await import(pathToFileURL(join(entry, "..", "index.js")).href);
  await jax.init("wasm");
  jax.defaultDevice("wasm");
  const { version } = JSON.parse(readFileSync(join(entry, "..", "..", "package.json"), "utf8")) as { version: string };
  return { ready: { version, threads: 1, note: "wasm; no threads in Node" }, make: (task) => make(jax, task) };
});

function make(jax: Jax, task: Task): Run {
  const { numpy: np, lax, nn, jit, grad, vjp } = jax;
  const array = (numbers: Float32Array | Int32Array, shape: readonly number[]): A => np.array(numbers, { shape: [...shape] });
  const random = (shape: readonly number[]): A => array(randomNumbers(sizeOf(shape)), shape);
  /** Runs until the result is there, and frees it. */
  const once = (op: () => A): Run => async () => {
    const y = await op().blockUntilReady();
    y.dispose();
  };
  switch (task.kind) {
    case "gemm": {
      const { m, k, n, transposeA, transposeB } = task;
      const [a, b] = [random(transposeA ? [k, m] : [m, k]), random(transposeB ? [n, k] : [k, n])];
      const product = jit((x: A, y: A) => np.matmul(transposeA ? np.transpose(x) : x, transposeB ? np.transpose(y) : y));
      return once(() => product(a.ref, b.ref));
    }
    case "conv2d": {
      const { pass, x: shapeX, w: shapeW, padding } = task;
      const around = [[padding, padding], [padding, padding]];
      const convolve = (x: A, w: A): A => lax.convGeneralDilated(x, w, [1, 1], around);
      const [x, w] = [random(shapeX), random(shapeW)];
      if (pass === "forward") {
        const run = jit(convolve);
        return once(() => run(x.ref, w.ref));
      }
      const [batch, , height, width] = shapeX;
      const dy = random([batch, shapeW[0], height + 2 * padding - shapeW[2] + 1, width + 2 * padding - shapeW[3] + 1]);
      const gradient = jit((u: A, other: A, dOut: A) => {
        const [y, back] = vjp((v: A) => (pass === "input gradient" ? convolve(v, other) : convolve(other, v)), [u]);
        y.dispose();
        const [d] = back(dOut);
        return d;
      });
      return pass === "input gradient" ? once(() => gradient(x.ref, w.ref, dy.ref)) : once(() => gradient(w.ref, x.ref, dy.ref));
    }
    case "maxPool2d": {
      const x = random(task.x);
      const pool = (v: A): A => lax.reduceWindow(v, np.max, [2, 2], [2, 2]);
      const run = task.pass === "forward" ? jit(pool) : jit(grad((v: A) => np.sum(pool(v))));
      return once(() => run(x.ref));
    }
    case "map": {
      const [x, y] = [random([task.n]), random([task.n])];
      switch (task.op) {
        case "add": return once(() => x.ref.add(y.ref));
        case "mul": return once(() => x.ref.mul(y.ref));
        case "exp": return once(() => np.exp(x.ref));
        case "tanh": return once(() => np.tanh(x.ref));
        default: return once(() => nn[task.op](x.ref));
      }
    }
    case "sum": {
      const x = random([task.rows, task.columns]);
      return once(() => (task.each ? np.sum(x.ref, 1) : np.sum(x.ref)));
    }
    case "softmax": {
      const x = random([task.rows, task.columns]);
      const run = jit((v: A) => nn.softmax(v, -1));
      return once(() => run(x.ref));
    }
    case "train": return training(jax, task);
    case "embedding":
    case "trainLstm": return unwritten();
    case "optimizer": return optimizer(jax, task);
    case "adds": {
      const four = random([4]);
      return once(() => {
        let x = four.ref;
        // Each is carried out: a chain that is left pending would be one fused loop.
        for (let i = 0; i < task.count; i++) {
          x = x.add(four.ref);
          x.ref.dataSync();
        }
        return x;
      });
    }
  }
}

function training(jax: Jax, { model, batch }: Task & { kind: "train" }): Run {
  const { numpy: np, lax, nn, jit, valueAndGrad } = jax;
  const values: A[] = [];
  const weights = (shape: readonly number[], fanIn: number): number => values.push(np.array(randomNumbers(sizeOf(shape), fanIn ** -0.5), { shape: [...shape] })) - 1;
  type Layer = (x: A, p: readonly A[]) => A;
  const linear = (inputs: number, outputs: number, relu: boolean): Layer => {
    const [w, b] = [weights([inputs, outputs], inputs), weights([outputs], inputs)];
    return (x, p) => { const y = np.matmul(x, p[w]).add(p[b]); return relu ? nn.relu(y) : y; };
  };
  const convPool = (channels: number, out: number, padding: number, relu: boolean): Layer => {
    const [w, b] = [weights([out, channels, 5, 5], 25 * channels), weights([out, 1, 1], 25 * channels)];
    return (x, p) => {
      const y = lax.convGeneralDilated(x, p[w], [1, 1], [[padding, padding], [padding, padding]]).add(p[b]);
      return lax.reduceWindow(relu ? nn.relu(y) : y, np.max, [2, 2], [2, 2]);
    };
  };
  const flat: Layer = (x) => x.reshape([batch, -1]);
  const layers = chainOf(model, { linear, convPool, flat });
  const shape = [batch, ...inputShape(model)];
  const images = np.array(randomNumbers(sizeOf(shape)), { shape });
  const targets = np.array(Float32Array.from({ length: batch * 10 }, (_, i) => (i % 10 === (((i / 10) | 0) * 7) % 10 ? 1 : 0)), { shape: [batch, 10] });

  const lossOf = (p: A[], x: A, t: A): A => np.sum(nn.logSoftmax(layers.reduce((value, layer) => layer(value, p), x), -1).mul(t)).mul(-1 / batch);
  const step = jit((p: A[], v: A[], x: A, t: A) => {
    const [loss, gradients] = valueAndGrad(lossOf)(p.map((a) => a.ref), x, t);
    const nextV = v.map((a, i) => a.mul(TRAINING.momentum).add(gradients[i]));
    const nextP = p.map((a, i) => a.sub(nextV[i].ref.mul(TRAINING.lr)));
    return [loss, nextP, nextV];
  });
  let p = values;
  let v = values.map((a) => np.zerosLike(a.ref));
  return async () => {
    const [loss, nextP, nextV] = step(p, v, images.ref, targets.ref);
    [p, v] = [nextP, nextV];
    await jax.blockUntilReady([p, v]);
    const [value] = await loss.data();
    if (!Number.isFinite(value)) throw new Error(`the loss is ${value}`);
  };
}

function optimizer(jax: Jax, { name, n }: Task & { kind: "optimizer" }): Run {
  const { numpy: np, jit } = jax;
  if (name === "lars" || name === "larc" || name === "madLlr") throw new Error(`@jax-js/jax has no ${name}`);
  const g = np.array(randomNumbers(n, 1e-3));
  const [lr, momentum, beta1, beta2, eps, decay] = [1e-4, 0.9, 0.9, 0.999, 1e-8, 0.01];
  let state: A[] = [np.array(randomNumbers(n)), np.zeros([n]), ...(name === "adamW" ? [np.zeros([n])] : [])];
  const sgd = jit((w: A, v: A, d: A) => {
    const next = v.mul(momentum).add(d);
    return [w.sub(next.ref.mul(lr)), next];
  });
  const adamW = jit((w: A, m: A, v: A, d: A, correction1: A, correction2: A) => {
    const nextM = m.mul(beta1).add(d.ref.mul(1 - beta1));
    const nextV = v.mul(beta2).add(d.ref.mul(d).mul(1 - beta2));
    const change = nextM.ref.mul(correction1).div(np.sqrt(nextV.ref.mul(correction2)).add(eps));
    return [w.mul(1 - lr * decay).sub(change.mul(lr)), nextM, nextV];
  });
  let t = 0;
  return async () => {
    t++;
    const scalar = (x: number): A => np.array(x);
    state = name === "sgd" ? sgd(...state, g.ref) : adamW(...state, g.ref, scalar(1 / (1 - beta1 ** t)), scalar(1 / (1 - beta2 ** t)));
    await jax.blockUntilReady(state);
  };
}
