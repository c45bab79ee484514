import { expect, it } from "vitest";
import { conformance } from "../../conformance.ts";
import { add, ones, tensor, tril, trilOp, triu, triuOp } from "../../index.ts";

it("tril and triu are complete: every diagonal, batches, no rows", () => {
  for (const op of [trilOp, triuOp])
    for (const k of [-5, -1, 0, 1, 5])
      conformance(op, [[3, 4], [2, 3, 3], [4, 1], [0, 3], [3, 0]].map((shape) => ({ inputs: [{ shape }], attrs: { k } })));
});

it("lower up to k - 1 and upper from k are the whole, for every k", () => {
  const x = tensor([[1, 2, 3], [4, 5, 6]]);
  for (let k = -3; k <= 4; k++) expect([...add(tril(x, { k: k - 1 }), triu(x, { k })).toArray()]).toEqual([1, 2, 3, 4, 5, 6]);
});

it("what is outside becomes 0, whatever it was", () => {
  expect([...tril(tensor([[1, NaN], [2, Infinity]]), { k: -1 }).toArray()]).toEqual([0, 0, 2, 0]);
  expect(triu(tensor(Int32Array.of(1, 2, 3, 4), [2, 2]))).toMatchObject({ dtype: "i32" });
});

it("vectors and fractions are refused", () => {
  expect(() => tril(ones([3]))).toThrow("tril: x is [3]. It needs matrices: at least two axes.");
  expect(() => triu(ones([3, 3]), { k: 0.5 })).toThrow("triu: k is 0.5.");
});
