// The checker is checked: every way to get an op wrong must be found and named.
import { describe, expect, it } from "vitest";
import { conformance, positive } from "./conformance.ts";
import type { Fused, Op, Primitive, Tensor } from "./index.ts";
import { apply, div, expOp, mul, mulOp, neg, reluOp, reshape, rowsOp, sum, tensor } from "./index.ts";

/** x^3, right in every respect. */
const cube: Primitive<null> = {
  kind: "primitive",
  name: "cube",
  shape: ([x]) => x,
  saves: [0],
  nan: "propagates",
  reference: (out, [x]) => {
    for (let i = 0; i < out.length; i++) out[i] = x[i] * x[i] * x[i];
  },
  derivative: (dOut, { inputs: [x] }) => [mul(dOut, mul(mul(x, x), 3))],
};
/** 3 x^2. */
const slope = (x: Tensor): Tensor => mul(mul(x, x), 3);
const slopeOp: Primitive<null> = { ...cube, name: "slope", derivative: { refuse: "it ends here" }, reference: (out, [x]) => { for (let i = 0; i < out.length; i++) out[i] = 3 * x[i] ** 2; } };
const check = (changes: Partial<Primitive<null>>, shape = [2, 3]) => conformance({ ...cube, ...changes } as Op<null>, [{ inputs: [{ shape }], attrs: null }]);

describe("conformance", () => {
  it("passes a right op", () => {
    check({});
    check({}, [0]);
  });

  it.each<[string, Partial<Primitive<null>>, string]>([
    ["a kernel that leaves an element unwritten", { reference: (out, [x]) => { for (let i = 1; i < out.length; i++) out[i] = x[i] ** 3; } }, "cube, case 0 ([2, 3]): output element 0 is 7 after the memory held 7, and 3 after it held 3."],
    ["a kernel that writes its input", { reference: (out, [x]) => { for (let i = 0; i < out.length; i++) out[i] = x[i] ** 3; x[0] = 0; } }, "input 0 was written."],
    ["a kernel that sums in the precision of its output", { shape: () => [], reference: (out, [x]) => { out[0] = 0; for (const v of x) for (let k = 0; k < 1e4; k++) out[0] += v * 1e-4; }, derivative: { refuse: "" } }, "the f32 result differs from the f64 result"],
    ["a wrong derivative", { derivative: (dOut, { inputs: [x] }) => [mul(dOut, mul(x, x))] }, "the derivative for input 0 differs from central differences"],
    ["a derivative that is right but for one element in a thousand", { derivative: (dOut, { inputs: [x] }) => [mul(dOut, mul(mul(x, x), 3.00001))] }, "the derivative for input 0 differs from central differences"],
    ["a derivative that reads what it does not save", { saves: [] }, "derivative: it reads an input that its op does not list in `saves`."],
    ["a derivative that reads an output it does not save", { derivative: (dOut, { output, inputs: [x] }) => [mul(dOut, mul(div(output, x), 3))] }, "derivative: it reads an input that its op does not list in `saves`."],
    ["a missing gradient", { derivative: () => [null] }, "the derivative gives no gradient for input 0. That says it is zero; central differences are ["],
    ["a gradient of another size", { derivative: (dOut) => [sum(dOut)] }, "the gradient of input 0 has 1 numbers, the input has 6."],
    ["a gradient of another shape", { derivative: (dOut, { inputs: [x] }) => [reshape(mul(dOut, slope(x)), [3, 2])] }, "the derivative cannot be differentiated: the derivative of cube for input 0 has shape [3, 2], the input has [2, 3]."],
    ["a derivative that computes beside the ops", { derivative: (dOut, { inputs: [x] }) => [mul(dOut, tensor(slope(x).toArray(), x.shape))] }, "the second derivative, by input 0, differs from central differences of the first by"],
    ["a derivative that takes the gradient for a constant", { derivative: (dOut, { inputs: [x] }) => [mul(dOut.detach(), slope(x))] }, "the second derivative, by the gradient of the output, differs from central differences of the first by"],
    ["a derivative of ops that have none", { derivative: (dOut, { inputs: [x] }) => [mul(dOut, apply(slopeOp, [x], null))] }, "the derivative cannot be differentiated: slope, which the derivative reads, has no derivative of its own: it ends here."],
    ["a NaN that vanishes", { reference: (out, [x]) => { for (let i = 0; i < out.length; i++) out[i] = Number.isNaN(x[i]) ? 0 : x[i] ** 3; } }, 'a NaN in input 0 does not reach the output; the record declares "propagates".'],
    ["a NaN rule that is not kept", { nan: "compares" }, 'a NaN in input 0 reaches the output; the record declares "compares".'],
  ])("finds %s", (_, changes, message) => {
    expect(() => check(changes)).toThrow(message);
  });

  it("finds a fused op whose definition or backward kernel is another function", () => {
    const square: Fused<null> = {
      kind: "fused",
      name: "square",
      shape: ([x]) => x,
      saves: [0],
      nan: "propagates",
      definition: ([x]) => mul(x, x),
      reference: {
        forward: (out, [x]) => { for (let i = 0; i < out.length; i++) out[i] = x[i] ** 2; },
        backward: ([d], dOut, [x]) => { for (let i = 0; i < dOut.length; i++) d![i] = 2 * x[i] * dOut[i]; },
      },
    };
    const cases = [{ inputs: [{ shape: [4] }], attrs: null }];
    conformance(square, cases);
    expect(() => conformance({ ...square, definition: ([x]) => neg(mul(x, x)) }, cases)).toThrow("square, case 0 ([4]): the forward kernel and the definition differ");
    expect(() => conformance({ ...square, definition: ([x]) => mul(x, x.detach()) }, cases)).toThrow("the second derivative, by input 0, differs");
    const { forward } = square.reference;
    const wrong: Fused<null>["reference"] = { forward, backward: ([d], dOut, [x]) => { for (let i = 0; i < dOut.length; i++) d![i] = x[i] * dOut[i]; } };
    expect(() => conformance({ ...square, reference: wrong }, cases)).toThrow("the derivative for input 0 differs from central differences");
  });

  it("would find a slip in the ops of this package", () => {
    expect(() => conformance({ ...mulOp, derivative: (dOut, { inputs: [a, b] }) => [mul(dOut, a), mul(dOut, b)] }, [{ inputs: [{ shape: [3] }, { shape: [3] }], attrs: null }])).toThrow("input 0");
    expect(() => conformance({ ...expOp, saves: [] }, [{ inputs: [{ shape: [3] }], attrs: null }])).toThrow("saves");
    expect(() => conformance({ ...reluOp, derivative: (dOut) => [dOut] }, [{ inputs: [{ shape: [30] }], attrs: null }])).toThrow("input 0");
    expect(() => conformance({ ...rowsOp, offset: () => 0 }, [{ inputs: [{ shape: [3, 2], fill: positive }], attrs: { start: 1, end: 2 } }])).toThrow("input 0");
  });
});
