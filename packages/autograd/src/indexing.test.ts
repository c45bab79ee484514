// First and second derivatives of the ops that move, choose and combine numbers, through the sweep.
import type { Tensor } from "@llr/tensor";
import {
  add, concat, dropout, einsum, embedding, flip, gather, gatherElements, linear, matmul, mul, outer, pad, Rng, scatterAdd, slice, sort, split, squeeze, stack, sum, tensor, tile, topk, tril, triu, unsqueeze,
} from "@llr/tensor";
import { describe, expect, it } from "vitest";
import { backward, grad, gradcheck, type Parameter, parameter } from "./index.ts";

const rng = new Rng(11).stream("indexing.test");
const f64 = (shape: readonly number[], name = "x"): Parameter => {
  const size = shape.reduce((a, b) => a * b, 1);
  return parameter({ shape, data: Float64Array.from({ length: size }, () => rng.normal()) }, { name });
};
/** Random indices below n. */
const indices = (shape: readonly number[], n: number): Tensor => tensor(Int32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => rng.integer(n)), shape);

type Case = readonly [name: string, shapes: readonly (readonly number[])[], fn: (...inputs: Tensor[]) => Tensor | readonly Tensor[]];
/** Three shapes of an op with one input. */
const three = (name: string, shapes: readonly (readonly number[])[], fn: (x: Tensor) => Tensor | readonly Tensor[]): Case[] => shapes.map((shape) => [`${name} of [${shape}]`, [shape], fn]);

const matrices = [[3, 4], [2, 3], [4, 4]];
const five = indices([2, 3], 5);
const cases: readonly Case[] = [
  ...three("slice", matrices, (x) => slice(x, { starts: [-1, 0], ends: [-9, 3], steps: [-1, 2] })),
  ...three("flip", [[3], [2, 3], [2, 3, 2]], (x) => flip(x, { axes: [-1] })),
  ...three("split", [[4], [4, 2], [4, 1, 2]], (x) => split(x, { sizes: [1, 0, 3] })),
  ...three("one part of split", [[4], [4, 2], [4, 1, 2]], (x) => split(x, { sizes: [1, 2, 1] })[1]!),
  ...three("stack and concat with itself", [[3], [2, 2], [1, 2, 2]], (x) => concat([stack([x, x], { axis: -1 }), unsqueeze(x, [-1])], { axis: -1 })),
  ...three("squeeze", [[1, 3], [1, 2, 1], [1, 1]], (x) => squeeze(x)),
  ...three("tile", [[], [3], [2, 2]], (x) => tile(x, [2, 3])),
  ...(["constant", "reflect", "replicate", "circular"] as const).flatMap((mode) => three(`pad ${mode}`, matrices, (x) => pad(x, { pads: [[1, 1], [2, 1]], mode, value: 3 }))),
  ...three("tril and triu", matrices, (x) => [tril(x, { k: -1 }), triu(x, { k: 1 })]),
  ...three("gather", [[5, 2], [5], [5, 2, 2]], (x) => gather(x, five)),
  ...three("gather along the last axis", [[2, 5], [5], [2, 2, 5]], (x) => gather(x, tensor(Int32Array.of(-1, 0, 4, 4)), { axis: -1 })),
  ...three("embedding", [[5, 2], [6, 1], [5, 3]], (x) => embedding(x, five)),
  ...three("gatherElements", [[2, 5], [3, 5], [2, 6]], (x) => gatherElements(x, five)),
  ...three("sort", [[5], [3, 4], [2, 3, 2]], (x) => sort(x, { axis: 0, descending: true }).values),
  ...three("topk", [[5], [3, 4], [2, 3, 2]], (x) => topk(x, { k: 2 }).values),
  ...three("dropout", [[5], [3, 4], [2, 3, 2]], (x) => dropout(x, { p: 0.4, training: true, rng: new Rng(1) })),
  ["scatterAdd", [[2, 5], [2, 3]], (x, source) => scatterAdd(x, five, source)],
  ["scatterAdd along the first axis", [[5, 3], [2, 3]], (x, source) => scatterAdd(x, five, source, { axis: 0 })],
  ["scatterAdd of a longer source", [[3, 5], [4, 3]], (x, source) => scatterAdd(x, five, source)],
  ["concat", [[2, 1], [2, 3]], (a, b) => concat([a, b, a], { axis: 1 })],
  ["outer", [[2], [3]], outer],
  ["linear", [[2, 3], [4, 3], [4]], linear],
  ["linear of a sequence", [[2, 2, 3], [4, 3], [4]], linear],
  ["linear of a vector, without bias", [[3], [4, 3]], (x, w) => linear(x, w)],
  ["matmul of a batch against one matrix", [[2, 2, 3], [3, 2]], (a, b) => matmul(a, b)],
  ["matmul of batches that broadcast", [[2, 1, 2, 3], [2, 3, 1]], (a, b) => matmul(a, b)],
  ["matmul of a batch against a vector", [[2, 2, 3], [3]], (a, b) => matmul(a, b)],
  ["matmul of a vector against a batch", [[3], [2, 3, 2]], (a, b) => matmul(a, b)],
  ["matmul of vectors", [[3], [3]], (a, b) => matmul(a, b)],
  ["einsum of a chain", [[2, 3], [3, 2], [2, 2]], (a, b, c) => einsum("ij,jk,kl->li", [a, b, c])],
  ["einsum of diagonals", [[3, 3], [3, 2, 3]], (a, b) => einsum("ii,iji->j", [a, b])],
  ["einsum of batches", [[2, 3, 1], [1, 3, 2]], (a, b) => einsum("...ij,...ik->...jk", [a, b])],
  ["einsum without sums", [[2], [3]], (a, b) => einsum("i,j->ji", [a, b])],
];

const total = (outputs: Tensor | readonly Tensor[], weigh: (t: Tensor) => Tensor): Tensor => [outputs].flat().map((t) => sum(weigh(t as Tensor))).reduce((a, b) => add(a, b));
/** Different weights for different elements. */
const weighted = (t: Tensor): Tensor => mul(t, tensor(Float64Array.from({ length: t.size }, (_, i) => 1 + Math.sin(i + 1)), t.shape));

describe("gradients of ops that move and combine numbers", () => {
  it.each(cases)("%s: first derivatives equal central differences", (_, shapes, fn) => {
    const inputs = shapes.map((shape, i) => f64(shape, `x${i}`));
    const { error, worst } = gradcheck(() => total(fn(...inputs), weighted), inputs);
    expect(error, worst).toBeLessThan(1e-6);
  });

  it.each(cases)("%s: second derivatives equal central differences of the first", (_, shapes, fn) => {
    const inputs = shapes.map((shape, i) => f64(shape, `x${i}`));
    // Squares make the first derivatives depend on the inputs also where the op is linear.
    const penalty = (): Tensor => total(grad(total(fn(...inputs), (t) => weighted(mul(t, t))), inputs, { createGraph: true }), (slope) => mul(slope, slope));
    const { error, worst } = gradcheck(penalty, inputs);
    expect(error, worst).toBeLessThan(1e-5); // one order of differences more
  });

  it("an embedding trains the rows of its tokens, once for each, and never the padding's", () => {
    const table = parameter([[1, 1], [1, 1], [1, 1], [1, 1]], { name: "table" });
    const tokens = tensor(Int32Array.of(2, 0, 2, 3, 2), [5]);
    backward(sum(embedding(table, tokens, { paddingIdx: 0 })));
    expect([...table.grad!]).toEqual([0, 0, 0, 0, 3, 3, 1, 1]);
    // Also in second derivatives: the gradient of the gradient leaves the padding out.
    const x = f64([3, 1]);
    const [slope] = grad(sum(mul(embedding(x, tensor(Int32Array.of(0, 1)), { paddingIdx: 0 }), embedding(x, tensor(Int32Array.of(0, 1)), { paddingIdx: 0 }))), [x], { createGraph: true });
    const [curvature] = grad(sum(slope!), [x]);
    expect([...curvature!.toArray()]).toEqual([0, 2, 0]);
  });

  it("sorted values send their gradients back to where they came from", () => {
    const x = parameter([3, 1, 2], { name: "x" });
    backward(sum(mul(sort(x).values, tensor([10, 20, 30]))));
    expect([...x.grad!]).toEqual([30, 10, 20]);
  });
});
