// Derivatives of own ops that are not what they should be: refused by the op's name, with gradients as they were before.
import { describe, expect, it } from "vitest";
import type { Primitive, Tensor } from "@llr/tensor";
import { add, apply, HistoryError, LlrError, memoryStats, mul, OpRecordError, reshape, scope, sum, tensor } from "@llr/tensor";
import { backward, grad, parameter } from "./index.ts";

const product: Primitive<null> = {
  kind: "primitive", name: "product", saves: [0, 1], nan: "propagates",
  shape: ([a]) => a,
  reference: (out, [a, b]) => { for (let i = 0; i < out.length; i++) out[i] = a[i] * b[i]; },
  derivative: (dOut, { inputs: [a, b] }) => [mul(dOut, b), mul(dOut, a)],
};
const own = (changes: object) => ({ ...product, ...changes }) as Primitive<null>;
const a = parameter([1, 2], { name: "a" });
const b = parameter([3, 4], { name: "b" });
const c = parameter([5, 6], { name: "c" });
/** c gets its gradient before the derivative of the product runs. */
const loss = (op: Primitive<null>) => sum(mul(apply(op, [a, b], null), c));

describe("a wrong derivative is refused by the op's name", () => {
  it.each<[string, object, string]>([
    ["too short a list", { derivative: (d: Tensor) => [d] }, "an entry for each of the 2 inputs"],
    ["too long a list", { derivative: (d: Tensor) => [d, d, d] }, "an entry for each of the 2 inputs"],
    ["a tensor instead of a list", { derivative: (d: Tensor) => d }, "gives an object of type Tensor"],
    ["nothing", { derivative: () => undefined }, "gives undefined"],
    ["an undefined entry", { derivative: (d: Tensor) => [d, undefined] }, "gives undefined for input 1"],
    ["an array as gradient", { derivative: (d: Tensor) => [d, d.toArray()] }, "gives an object of type Float32Array for input 1"],
    ["another shape", { derivative: (d: Tensor) => [d, reshape(d, [1, 2])] }, "the derivative for input 1 has shape [1, 2], the input has [2]"],
    ["another element type", { derivative: (d: Tensor) => [d, tensor(Float64Array.of(1, 2))] }, "the derivative for input 1 is f64, the input is f32"],
    ["a read of what is not saved", { saves: [0] }, "not list in `saves`"],
    ["a read of an output that is not saved", { derivative: (d: Tensor, { output }: { output: Tensor }) => [d, mul(d, output)] }, '"output"'],
  ])("%s", (_, changes, phrase) => {
    for (const where of [scope, (fn: () => void) => fn()]) {
      for (const p of [a, b, c]) p.grad = null;
      const before = memoryStats();
      expect(() => where(() => backward(loss(own(changes))))).toThrow(phrase);
      expect(() => where(() => backward(loss(own(changes))))).toThrow(OpRecordError);
      expect(() => where(() => { grad(loss(own(changes)), [a, b], { createGraph: true }); })).toThrow(LlrError);
      expect([a.grad, b.grad, c.grad]).toEqual([null, null, null]);
      expect(memoryStats().blocks - before.blocks).toBeLessThanOrEqual(2); // the gradient buffers of a and c, made once
      where(() => backward(loss(product)));
      expect([a.grad, b.grad, c.grad].map((g) => [...g!])).toEqual([[15, 24], [5, 12], [3, 8]]);
    }
  });

  it("a missing derivative and a missing list `saves` are said before anything is computed", () => {
    expect(() => backward(loss(own({ derivative: undefined })))).toThrow(HistoryError);
    expect(() => loss(own({ saves: undefined }))).toThrow(OpRecordError);
  });

  it("an error that a derivative throws passes as it is, and the next pass is right", () => {
    for (const p of [a, b, c]) p.grad = null;
    const failing = own({ derivative: () => { throw new RangeError("mine"); } });
    const mine = () => scope(() => backward(add(loss(product), loss(failing))));
    expect(mine).toThrow(RangeError);
    expect([a.grad, b.grad, c.grad]).toEqual([null, null, null]);
    scope(() => backward(loss(product)));
    expect([...c.grad!]).toEqual([3, 8]);
  });
});
