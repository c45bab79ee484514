import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { conformance, homesAgree } from "../../conformance.ts";
import { broadcastTo, broadcastToOp, ones, padRowsOp, reshape, reshapeOp, rows, rowsOp, squeeze, tensor, tile, transpose, transposeOp, unsqueeze } from "../../index.ts";

describe("ops that move numbers", () => {
  it("reshape, rows, padRows, transpose and broadcastTo are complete", () => {
    conformance(reshapeOp, [[[2, 3], [3, 2]], [[4], [2, -1]], [[], [1, 1]], [[0, 2], [0]]].map(([shape, to]) => ({ inputs: [{ shape: shape }], attrs: { shape: to } })));
    conformance(rowsOp, [[0, 2], [1, 3], [2, 2]].map(([start, end]) => ({ inputs: [{ shape: [3, 2] }], attrs: { start: start, end: end } })));
    conformance(rowsOp, [[4], [5, 1, 2]].map((shape) => ({ inputs: [{ shape }], attrs: { start: 1, end: 3 } })));
    conformance(padRowsOp, [[2, 2], [2], [2, 3, 1]].map((shape) => ({ inputs: [{ shape }], attrs: { start: 1, end: 3, count: 4 } })));
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

  it("squeeze takes away axes of size 1 and unsqueeze adds them, without a copy", () => {
    const x = tensor([[[1], [2]]]);
    expect(squeeze(x).shape).toEqual([2]);
    expect(squeeze(x, { axes: -1 }).shape).toEqual([1, 2]);
    expect(squeeze(x, { axes: [] }).shape).toEqual([1, 2, 1]);
    expect(squeeze(ones([0, 1])).shape).toEqual([0]);
    expect(squeeze(x).storage).toBe(x.storage);
    expect(unsqueeze(tensor(7), [0]).shape).toEqual([1]);
    expect(unsqueeze(ones([2, 3]), [1, -1]).shape).toEqual([2, 1, 3, 1]);
    expect(unsqueeze(ones([2, 3]), 2).shape).toEqual([2, 3, 1]);
    expect(() => squeeze(x, { axes: [1] })).toThrow("squeeze: axis 1 of [1, 2, 1] has size 2. Only axes of size 1 can be left out.");
    expect(() => squeeze(x, { axes: [3] })).toThrow("squeeze: axis 3 of a tensor with 3 axes.");
    expect(() => unsqueeze(x, [0, -5])).toThrow("unsqueeze: axes [0, -5] name the same axis twice.");
    expect(() => unsqueeze(x, [4])).toThrow("unsqueeze: axis 4 of a tensor with 4 axes.");
  });

  it("tile repeats the whole along every axis: element i of the result is element i modulo the size", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 3 }), fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 4 }), (shape, more) => {
        const reps = [...more, ...shape.map(() => 2)].slice(0, 4);
        fc.pre(reps.length >= shape.length);
        const full = [...reps.slice(shape.length).map(() => 1), ...shape];
        const tiled = tile(tensor(Int32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i), shape), reps);
        expect(tiled.shape).toEqual(full.map((n, axis) => n * reps[axis]));
        const expected = [...tiled.toArray()].map((_, flat) => {
          let [rest, place, stride] = [flat, 0, 1];
          for (let axis = full.length - 1; axis >= 0; axis--) {
            place += ((rest % tiled.shape[axis]) % full[axis]) * stride;
            rest = Math.floor(rest / tiled.shape[axis]);
            stride *= full[axis];
          }
          return place;
        });
        expect([...tiled.toArray()]).toEqual(expected);
      }),
    );
    expect(() => tile(ones([2, 3]), [2])).toThrow("tile: reps [2] for shape [2, 3]. It needs a whole number >= 0 for each of the 2 axes.");
    expect(() => tile(ones([2]), [-1])).toThrow("tile: reps [-1] for shape [2].");
  });

  it("whole numbers and truth values keep their type", () => {
    expect(broadcastTo(tensor(Int32Array.of(1)), [3])).toMatchObject({ dtype: "i32", shape: [3] });
    expect(tile(tensor([true, false]), [2])).toMatchObject({ dtype: "bool", shape: [4] });
  });
});
