import { describe, expect, it } from "vitest";
import { conformance } from "../../conformance.ts";
import { equal, equalOp, greater, greaterEqual, greaterEqualOp, greaterOp, less, lessEqual, lessEqualOp, lessOp, notEqual, notEqualOp, tensor } from "../../index.ts";

describe("comparisons", () => {
  it.each([equalOp, notEqualOp, lessOp, lessEqualOp, greaterOp, greaterEqualOp])("$name is complete under broadcasting", (op) => {
    conformance(op, [[[3], [3]], [[2, 1], [1, 3]], [[0, 2], []]].map(([a, b]) => ({ inputs: [{ shape: a }, { shape: b }], attrs: null })));
  });

  it.each([
    ["equal", equal, [0, 0, 1, 0, 0]],
    ["notEqual", notEqual, [1, 1, 0, 1, 1]],
    ["less", less, [1, 0, 0, 0, 0]],
    ["lessEqual", lessEqual, [1, 0, 1, 0, 0]],
    ["greater", greater, [0, 1, 0, 0, 0]],
    ["greaterEqual", greaterEqual, [0, 1, 1, 0, 0]],
  ] as const)("%s orders numbers, and is false (notEqual: true) for NaN", (_, f, expected) => {
    const result = f(tensor([1, 3, 2, NaN, NaN]), tensor([2, 2, 2, 2, NaN]));
    expect(result.dtype).toBe("bool");
    expect([...result.toArray()]).toEqual([...expected]);
  });

  it("0 equals -0, and whole numbers compare too", () => {
    expect(equal(tensor([0]), tensor([-0])).item()).toBe(1);
    expect([...less(tensor([1, 5], { dtype: "i32" }), 3).toArray()]).toEqual([1, 0]);
    expect(() => equal(tensor([1]), tensor([1], { dtype: "i32" }))).toThrow("equal: inputs have the element types f32, i32. They must be equal");
  });
});
