import { expect, it } from "vitest";
import { below, conformance } from "../../conformance.ts";
import { pick, pickOp, tensor, unpickOp } from "../../index.ts";

const labels = { shape: [3], dtype: "i32", fill: below(4) } as const;

it("pick and unpick are complete", () => {
  conformance(pickOp, [{ inputs: [{ shape: [3, 4] }, labels], attrs: null }]);
  conformance(unpickOp, [{ inputs: [{ shape: [3] }, labels], attrs: { classes: 4 } }]);
});

it("pick refuses an index outside the row", () => {
  expect(() => pick(tensor([[1, 2]]), tensor(Int32Array.of(-1)))).toThrow("pick: label -1 at position 0 is outside [0, 2).");
});
