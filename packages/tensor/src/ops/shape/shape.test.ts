import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { conformance, homesAgree } from "../../conformance.ts";
import { broadcastTo, broadcastToOp, padRowsOp, reshape, reshapeOp, rows, rowsOp, tensor, transpose, transposeOp } from "../../index.ts";

describe("ops that move numbers", () => {
  it("reshape, rows, padRows, transpose and broadcastTo are complete", () => {
    conformance(reshapeOp, [[[2, 3], [3, 2]], [[4], [2, -1]], [[], [1, 1]], [[0, 2], [0]]].map(([shape, to]) => ({ inputs: [{ shape: shape }], attrs: { shape: to } })));
    conformance(rowsOp, [[0, 2], [1, 3], [2, 2]].map(([start, end]) => ({ inputs: [{ shape: [3, 2] }], attrs: { start: start, end: end } })));
    conformance(padRowsOp, [{ inputs: [{ shape: [2, 2] }], attrs: { start: 1, end: 3, count: 4 } }]);
    conformance(transposeOp, [[[2, 3], [1, 0]], [[2, 3, 4], [2, 0, 1]], [[], []]].map(([shape, perm]) => ({ inputs: [{ shape: shape }], attrs: { perm: perm } })));
    conformance(broadcastToOp, [[[3], [2, 3]], [[2, 1], [2, 3]], [[], [2]], [[1, 3], [0, 3]]].map(([shape, to]) => ({ inputs: [{ shape: shape }], attrs: { shape: to } })));
  });

  it("broadcastTo gives the same in both homes for any two shapes", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 7 }), { maxLength: 4 }), fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }), fc.nat(4), (shape, ones, missing) => {
        const small = shape.slice(Math.min(missing, shape.length)).map((n, i) => (ones[i] ? 1 : n));
        homesAgree(broadcastToOp, [{ inputs: [{ shape: small }], attrs: { shape } }]);
      }),
    );
  });

  it("views share their numbers; transposing twice restores the order", () => {
    const x = tensor([[1, 2, 3], [4, 5, 6]]);
    expect(reshape(x, [6]).storage).toBe(x.storage);
    expect(rows(x, 1, 2).storage).toBe(x.storage);
    fc.assert(
      fc.property(fc.shuffledSubarray([0, 1, 2], { minLength: 3 }), (perm) => {
        const cube = tensor(Float32Array.from({ length: 24 }, (_, i) => i), [2, 3, 4]);
        const inverse = perm.map((_, axis) => perm.indexOf(axis));
        expect([...transpose(transpose(cube, perm), inverse).toArray()]).toEqual([...cube.toArray()]);
      }),
    );
  });

  it("a view of a view of rows reads the right part", () => {
    const x = tensor(Float32Array.from({ length: 24 }, (_, i) => i), [6, 4]);
    expect([...rows(reshape(rows(x, 2, 5), [6, 2]), 1, 3).toArray()]).toEqual([10, 11, 12, 13]);
  });

  it("impossible shapes and ranges are refused", () => {
    const x = tensor([1, 2, 3]);
    expect(() => reshape(x, [-1, -1])).toThrow("reshape: [3] to [-1, -1]: more than one -1.");
    expect(() => reshape(x, [2, -1])).toThrow("reshape: [3] to [2, -1]: 3 elements cannot be divided by 2.");
    expect(() => reshape(x, [1.5, 2])).toThrow("reshape: shape [1.5, 2] has the size 1.5");
    expect(() => rows(x, 2, 4)).toThrow("rows: rows 2 to 4 of [3]. Needs whole numbers with 0 <= start <= end <= 3.");
    expect(() => rows(tensor(1), 0, 0)).toThrow("rows: the tensor is a scalar.");
    expect(() => transpose(x, [1])).toThrow("transpose: perm [1] is no permutation of the 1 axes of [3].");
    expect(() => broadcastTo(x, [2])).toThrow("broadcastTo: shapes [3] and [2] do not broadcast");
    expect(() => broadcastTo(tensor([[1], [2]]), [2])).toThrow("broadcastTo: [2, 1] does not broadcast to [2].");
  });
});
