import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, it } from "vitest";

/** Of the results of every op on the same inputs, with portable arithmetic: the first digits of a SHA-256. */
const DIGESTS: Readonly<Record<string, string>> = {
  add: "b8e262c1994e", avgPool2d: "591237300370", batchNorm: "254d245acea2", batchNormInference: "e0bc55b8b22d", columns: "68825d850ce4", conv2d: "c935fe0bdbca",
  conv2dInputGrad: "c6d687e4f735", conv2dWeightGrad: "4711f99a67a4", crossEntropy: "c2b04d07c090", div: "e962d8e7e2a7",
  exp: "793059287383", log: "e7c2a76d1acb", logSoftmax: "b5dde93598f0", matmul: "be441c5926c0",
  maxPool2d: "771e39c0c760", mul: "3433ea427f7a", relu: "3560335e6538", rows: "64672eab3eab",
  sigmoid: "d7c6dcce8a5f", softmax: "16355f387307", sqrt: "740fc17fea9b", sub: "6cc2a6ee7854",
  sum: "8fe30594bcc0", tanh: "fb308cffadc4", vector: "76c51696aabb",
  tanhGrad: "907a73eb23be", sigmoidGrad: "5ee4459d2754", softmaxGrad: "bd089964ecc0", logSoftmaxGrad: "4745f4ee7d40",
  winograd: "055edbe1870d", winogradInputGrad: "2b302e952f23", winogradWeightGrad: "6dc342047af3",
  weights: "6d0536b77d51", moments: "66c1777332b9", means: "f31104b24868", norms: "0cfbcdd384e5",
};

const PROGRAM = `
  import { createHash } from "node:crypto";
  import * as t from ${JSON.stringify(join(import.meta.dirname, "../index.ts"))};
  import { adamInPlace, momentumInPlace, normInPlace, pinnedArray, trackMeanInPlace } from ${JSON.stringify(join(import.meta.dirname, "../engine.ts"))};
  t.setArithmetic("portable");
  const rng = new t.Rng(1);
  const random = (shape, low = -2) => t.tensor(Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => rng.uniform(low, 2)), shape);
  const [x, row, positive] = [random([60, 133]), random([133]), random([60, 133], 0.1)];
  const [images, weights] = [random([3, 3, 17, 19]), random([6, 3, 5, 3])];
  const attrs = { stride: [2, 1], padding: [2, 1], dilation: [1, 1], groups: 1 };
  const dOut = random(t.conv2d(images, weights, attrs).shape);
  const results = {
    ...Object.fromEntries(["relu", "exp", "tanh", "sigmoid", "softmax", "logSoftmax", "sum"].map((name) => [name, t[name](x)])),
    ...Object.fromEntries(["add", "sub", "mul", "div"].map((name) => [name, t[name](x, row)])),
    log: t.log(positive), sqrt: t.sqrt(positive), columns: t.sum(x, { axes: [0] }), rows: t.mean(x, { axes: [1] }),
    matmul: t.matmul(x, x, { transposeB: true }), vector: t.matmul(x, row), crossEntropy: t.crossEntropy(x, t.tensor(new Int32Array(60).fill(7))),
    conv2d: t.conv2d(images, weights, attrs),
    conv2dInputGrad: t.apply(t.conv2dInputGradOp, [dOut, weights], { ...attrs, inputShape: images.shape }),
    conv2dWeightGrad: t.apply(t.conv2dWeightGradOp, [dOut, images], { ...attrs, weightShape: weights.shape }),
    maxPool2d: t.maxPool2d(images, { kernel: 3 }), avgPool2d: t.avgPool2d(images, { kernel: 3 }),
    batchNorm: t.batchNorm(images)[0], batchNormInference: t.batchNormInference(images, { runningMean: random([3]), runningVar: random([3], 0.1) }),
  };
  // Large enough for Winograd's method.
  const [images3, weights3, dOut3, attrs3] = [random([8, 9, 9, 8]), random([11, 9, 3, 3]), random([8, 11, 9, 8]), { stride: [1, 1], padding: [1, 1], dilation: [1, 1], groups: 1 }];
  Object.assign(results, {
    winograd: t.conv2d(images3, weights3, attrs3),
    winogradInputGrad: t.apply(t.conv2dInputGradOp, [dOut3, weights3], { ...attrs3, inputShape: images3.shape }),
    winogradWeightGrad: t.apply(t.conv2dWeightGradOp, [dOut3, images3], { ...attrs3, weightShape: weights3.shape }),
  });
  for (const name of ["tanhGrad", "sigmoidGrad"]) results[name] = t[name](x, positive);
  for (const name of ["softmaxGrad", "logSoftmaxGrad"]) results[name] = t.apply(t[name + "Op"], [x, positive], { axis: 1 });
  // Three steps of two optimizers over the same numbers: weights, state and norms.
  const source = x.toArray();
  const [w, g, m, v] = [1, 0.1, 0, 0].map((scale) => {
    const array = pinnedArray("f32", [20_003], "test");
    array.forEach((_, i) => (array[i] = scale * source[i % source.length]));
    return array;
  });
  const norms = [];
  for (let step = 0; step < 3; step++) {
    norms.push(adamInPlace(w, g, m, v, { inner: 1, l2: 0.01, decay: 1e-3, new1: 0.1, new2: 1e-3, rate: 0.05, scale: 2, eps: 1e-8 }));
    norms.push(momentumInPlace(w, g, m, { inner: 0.5, l2: 0.01, decay: 1e-3, carried: 0.9, added: 0.9, ofGradient: 0.01, ofBuffer: 0.02 }));
  }
  const measured = Float64Array.of(...norms.flatMap((n) => Object.values(n)), normInPlace(w), trackMeanInPlace(v, g, 0.1));
  for (const [name, a] of Object.entries({ weights: w, moments: m, means: v, norms: measured })) results[name] = { toArray: () => a.slice() };
  const digest = (a) => createHash("sha256").update(new Uint8Array(a.buffer)).digest("hex").slice(0, 12);
  console.log(JSON.stringify(Object.fromEntries(Object.entries(results).map(([name, y]) => [name, digest(y.toArray())]))));`;

// Runs of this test under several versions of Node, or on other machines, are compared by the constants above. Who changes
// the order of a kernel's sums changes its digest here, and with it the bits of every portable run so far.
it("portable arithmetic gives the same bits on every engine", () => {
  const { stdout, stderr } = spawnSync(process.execPath, ["--disable-warning=ExperimentalWarning", "--input-type=module", "-e", PROGRAM], { encoding: "utf8", timeout: 50_000 });
  expect(stderr).toBe("");
  expect(JSON.parse(stdout)).toEqual(DIGESTS);
});
