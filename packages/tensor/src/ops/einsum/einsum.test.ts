import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { einsum, matmul, ones, outer, sum, tensor, transpose } from "../../index.ts";
import { Rng } from "../../random.ts";

const rng = new Rng(5).stream("einsum.test");
const random = (shape: number[]) => tensor(Float64Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => rng.normal()), shape);
const numbers = (t: { toArray(): ArrayLike<number> }) => Array.from(t.toArray());
/** Sums of a few float64 products in another order. */
const same = (actual: { shape: readonly number[]; toArray(): ArrayLike<number> }, expected: { shape: readonly number[]; toArray(): ArrayLike<number> }) => {
  expect(actual.shape).toEqual(expected.shape);
  numbers(actual).forEach((x, i) => expect(x).toBeCloseTo(numbers(expected)[i], 12));
};

/** The definition: a loop over all values of all labels. */
function byDefinition(inputs: string[], output: string, sizes: Record<string, number>, tensors: ReturnType<typeof random>[]) {
  const labels = [...new Set([...inputs.join(""), ...output])];
  const place = (names: string, at: Record<string, number>) => [...names].reduce((p, label) => p * sizes[label] + at[label], 0);
  const data = tensors.map((t) => t.toArray());
  const out = new Float64Array([...output].reduce((n, label) => n * sizes[label], 1));
  const visit = (depth: number, at: Record<string, number>): void => {
    if (depth === labels.length) {
      out[place(output, at)] += data.reduce((product, numbersOfOne, i) => product * numbersOfOne[place(inputs[i], at)], 1);
      return;
    }
    for (let i = 0; i < sizes[labels[depth]]; i++) visit(depth + 1, { ...at, [labels[depth]]: i });
  };
  visit(0, {});
  return tensor(out, [...output].map((label) => sizes[label]));
}

describe("einsum", () => {
  it("is its definition, for any labels of one to three operands", () => {
    const sizes = { i: 2, j: 3, k: 2, l: 1, m: 0 };
    const labels = fc.array(fc.constantFrom("i", "j", "k", "l"), { maxLength: 3 });
    fc.assert(
      fc.property(fc.array(labels, { minLength: 1, maxLength: 3 }), fc.shuffledSubarray(["i", "j", "k", "l"]), (operands, kept) => {
        const inputs = operands.map((list) => list.join(""));
        const output = kept.filter((label) => inputs.join("").includes(label)).join("");
        const tensors = inputs.map((names) => random([...names].map((label) => sizes[label as "i"])));
        same(einsum(`${inputs.join(", ")} -> ${output}`, tensors), byDefinition(inputs, output, sizes, tensors));
      }),
      { numRuns: 300 },
    );
  });

  it("gives the named operations", () => {
    const [a, b] = [random([2, 3]), random([3, 4])];
    same(einsum("ij,jk->ik", [a, b]), matmul(a, b));
    same(einsum("ij,jk", [a, b]), matmul(a, b));
    same(einsum("ij->ji", [a]), transpose(a));
    same(einsum("ba", [a]), transpose(a));
    same(einsum("ij->", [a]), sum(a));
    const [u, v] = [random([2]), random([3])];
    same(einsum("i,j->ij", [u, v]), outer(u, v));
    expect(numbers(einsum("ii->i", [tensor([[1, 2], [3, 4]])]))).toEqual([1, 4]);
    expect(einsum("ii", [tensor([[1, 2], [3, 4]])]).item()).toBe(5);
    expect(einsum(",->", [tensor(3), tensor(4)]).item()).toBe(12);
  });

  it("an ellipsis stands for further axes, which broadcast", () => {
    const [a, b] = [random([4, 1, 2, 3]), random([5, 3, 2])];
    same(einsum("...ij,...jk->...ik", [a, b]), matmul(a, b));
    same(einsum("...ij,...jk", [a, b]), matmul(a, b));
    same(einsum("i...->...i", [random([2, 0])]), random([0, 2]));
    same(einsum("...,...->", [ones([3, 1], { dtype: "f64" }), ones([1, 4], { dtype: "f64" })]), tensor(Float64Array.of(12), []));
    same(einsum("...i->i", [ones([2, 3], { dtype: "f64" })]), tensor(Float64Array.of(2, 2, 2)));
  });

  it("labels of size 0 sum to 0", () => {
    same(einsum("ij,jk->ik", [random([2, 0]), random([0, 3])]), tensor(new Float64Array(6), [2, 3]));
    same(einsum("ii->i", [random([0, 0])]), random([0]));
  });

  it("refuses equations that do not fit", () => {
    const a = ones([2, 3]);
    expect(() => einsum("ij,jk->ik", [a, ones([4, 2])])).toThrow('einsum: "ij,jk->ik": sizes 3 and 4 for the label j, shapes [2, 3] and [4, 2]. A label stands for one size.');
    expect(() => einsum("ii->i", [a])).toThrow("sizes 2 and 3 for the label i");
    expect(() => einsum("...,...", [ones([2]), ones([3])])).toThrow("sizes 2 and 3 for an axis of the ellipsis");
    expect(() => einsum("ij->ik", [a])).toThrow("the result has the label k, which no operand has.");
    expect(() => einsum("ij->ii", [a])).toThrow("the result has the label i twice.");
    expect(() => einsum("i->i", [a])).toThrow('"i" has 1 labels for the 2 axes of [2, 3].');
    expect(() => einsum("ijk->i", [a])).toThrow('"ijk" has 3 labels for the 2 axes of [2, 3].');
    expect(() => einsum("ij,j->i", [a])).toThrow("2 operands, but 1 tensors.");
    expect(() => einsum("i1->i", [a])).toThrow('"i1" has something other than letters and "...".');
    expect(() => einsum("..ij", [a])).toThrow('"..ij" has something other than letters');
    expect(() => einsum("...i...", [a])).toThrow('"...i..." has more than one "...".');
    expect(() => einsum("ij->i->j", [a])).toThrow("more than one ->.");
    expect(() => einsum("", [])).toThrow("einsum: no tensors.");
  });
});
