import { expect, it } from "vitest";
import { below, conformance } from "../../conformance.ts";
import { pick, pickOp, tensor, unpickOp } from "../../index.ts";

it("pick and unpick are complete", () => {
  for (const [rows, classes] of [[3, 4], [1, 1], [5, 2]]) {
    const labels = { shape: [rows], dtype: "i32", fill: below(classes) } as const;
    conformance(pickOp, [{ inputs: [{ shape: [rows, classes] }, labels], attrs: null }]);
    conformance(unpickOp, [{ inputs: [{ shape: [rows] }, labels], attrs: { classes } }]);
  }
});

it("pick refuses an index outside the row", () => {
  expect(() => pick(tensor([[1, 2]]), tensor(Int32Array.of(-1)))).toThrow("pick: label -1 at position 0 is outside [0, 2).");
});
