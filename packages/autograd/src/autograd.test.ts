import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Tensor } from "@llr/tensor";
import { add, assign, avgPool2d, buffer, conv2d, crossEntropy, div, equal, exp, log, logSoftmax, matmul, maxPool2d, mean, mul, neg, relu, reshape, Rng, rows, scope, sigmoid, softmax, sqrt, sub, sum, tanh, tensor, transpose } from "@llr/tensor";
import type { Parameter } from "./index.ts";
import { backward, formatHistory, grad, gradcheck, noGrad, parameter } from "./index.ts";

const rng = new Rng(11).stream("autograd.test");
const f64 = (shape: number[], name = "x", fill: () => number = () => rng.normal()): Parameter =>
  parameter(Float64Array.from({ length: shape.reduce((a, b) => a * b, 1) }, fill), { name, shape });

describe("backward", () => {
  it("adds up over uses of a value and over passes", () => {
    const w = parameter([3], { name: "w" });
    backward(sum(add(mul(w, w), mul(w, 4))));
    expect([...w.grad!]).toEqual([10]);
    backward(sum(w));
    expect([...w.grad!]).toEqual([11]);
  });

  it("reaches through 100,000 ops without recursion", () => {
    const w = parameter([1], { name: "w" });
    scope(() => {
      let x: Tensor = w;
      for (let i = 0; i < 100_000; i++) x = add(x, 1);
      backward(sum(x));
    });
    expect([...w.grad!]).toEqual([1]);
  });

  it("adds up over parts of a value that overlap, and the whole", () => {
    const w = parameter([1, 2, 3, 4], { name: "w", dtype: "f64" });
    const whole = mul(w, 1);
    const [a, b, none, last] = [rows(whole, 0, 3), rows(whole, 1, 3), rows(whole, 2, 2), rows(whole, 3, 4)];
    const loss = [mul(sum(a), 10), sum(mul(b, b)), sum(none), sum(mul(whole, 100)), mul(sum(last), sum(a))].reduce((x, y) => add(x, y));
    const [ofWhole] = grad(loss, [whole], { keepHistory: true });
    expect([...ofWhole.toArray()]).toEqual([114, 118, 120, 106]);
    backward(loss);
    expect([...w.grad!]).toEqual([114, 118, 120, 106]);
  });

  it("takes a seed for a tensor with several numbers: a vector-Jacobian product", () => {
    const w = parameter([1, 2], { name: "w" });
    backward(mul(w, w), { seed: tensor([1, 10]) });
    expect([...w.grad!]).toEqual([2, 40]);
  });

  it("can be repeated with keepHistory, and then consumes the history", () => {
    const w = parameter([1], { name: "w" });
    const loss = sum(mul(w, w));
    backward(loss, { keepHistory: true });
    backward(loss);
    expect([...w.grad!]).toEqual([4]);
    expect(() => backward(loss)).toThrow("backward: the history of sum was already used by a backward pass. Run the forward pass again, detach() what is carried over, or pass { keepHistory: true } to the first one.");
  });
});

describe("misuse is refused before anything is computed", () => {
  const w = parameter([1, 2], { name: "w" });

  it.each([
    ["a loss with several numbers", () => backward(mul(w, 2)), "backward: the loss has shape [2]. It needs a single number: reduce it with mean() or sum(), or pass { seed } of its shape."],
    ["a loss without history", () => backward(sum(tensor([1]))), "backward: the loss has no history: nothing it was computed from is a parameter"],
    ["a loss made under noGrad", () => backward(noGrad(() => sum(w))), "backward: the loss has no history"],
    ["a detached loss", () => backward(sum(w).detach()), "backward: the loss has no history"],
    ["a seed of another shape", () => backward(mul(w, 2), { seed: tensor([1]) }), "backward: the seed has shape [1], the tensor [2]. They must be equal."],
    ["a seed of another element type", () => backward(mul(w, 2), { seed: tensor([1, 1], { dtype: "f64" }) }), "backward: the seed is f64, the tensor f32. They must be equal."],
    ["a constant as target", () => grad(sum(w), [tensor([1])]), "grad: input 0 is a constant: it has no history and is no parameter."],
    ["a number as loss", () => backward(1 as never), "backward: the loss is number, not a tensor"],
    ["integers as parameter", () => parameter([1], { name: "k", dtype: "i32" }), "parameter: k is i32. Only f32 and f64 can be learned."],
  ])("%s", (_, misuse, message) => {
    expect(misuse).toThrow(message);
    expect(w.grad).toBeNull();
  });

  it("a part of the graph that an earlier pass consumed", () => {
    const p = parameter([1], { name: "p" });
    const shared = mul(p, 2);
    backward(sum(shared));
    expect(() => backward(sum(exp(shared)))).toThrow("backward: the history of mul was already used by a backward pass. Run the forward pass again, detach() what is carried over, or pass { keepHistory: true } to the first one.");
  });

  it("a parameter that was updated after it was read", () => {
    const p = parameter([2], { name: "fc.weight" });
    const loss = sum(mul(p, p));
    p.data[0] = 3;
    p.afterUpdate(); // what an optimizer does
    expect(() => backward(loss)).toThrow("backward: fc.weight was updated in place after mul read it. Call backward before the update, or run the forward pass again.");
    expect(p.grad).toBeNull();
    const state = buffer(tensor([1]));
    const product = sum(mul(p, state));
    assign(state, tensor([5]));
    expect(() => backward(product)).toThrow("buffer was updated in place after mul read it");
    // add reads nothing in its derivative, so it does not mind.
    const fine = sum(add(p, 1));
    p.afterUpdate();
    backward(fine);
    expect([...p.grad!]).toEqual([1]);
  });

  it("comparisons end the history instead of pretending", () => {
    expect(equal(w, 1).isTracked).toBe(false);
  });
});

describe("grad", () => {
  it("gives fresh tensors, touches no parameter, and takes intermediate results", () => {
    const w = parameter([3], { name: "w" });
    const y = mul(w, w);
    const [dw, dy] = grad(sum(mul(y, y)), [w, y]);
    expect([dw!.item(), dy!.item(), w.grad]).toEqual([108, 18, null]);
  });

  it("gives zeros for an input that the loss does not depend on", () => {
    const [w, other] = [parameter([3], { name: "w" }), parameter([[1, 2]], { name: "other" })];
    const [, none] = grad(sum(w), [w, other]);
    expect(none).toMatchObject({ shape: [1, 2] });
    expect([...none!.toArray()]).toEqual([0, 0]);
  });

  it("only visits what leads to its inputs", () => {
    const [a, b] = [parameter([2], { name: "a" }), parameter([3], { name: "b" })];
    const [x, y] = [mul(a, 2), exp(b)];
    const [da] = grad(sum(mul(x, y)), [a]);
    expect(da!.item()).toBeCloseTo(2 * Math.exp(3), 4);
    // exp's record was not needed, so it is still usable.
    backward(sum(y));
    expect(b.grad![0]).toBeCloseTo(Math.exp(3), 4);
  });

  it("returns to the caller's scope, and the sweep leaves nothing else", () => {
    const w = parameter([3], { name: "w" });
    const g = scope(() => grad(sum(mul(w, w)), [w])[0]!);
    expect(g.item()).toBe(6);
  });
});

/** Every differentiable op, as a function of parameters in float64. */
const functions: readonly [string, readonly Parameter[], (...p: Tensor[]) => Tensor][] = [
  ["arithmetic with broadcasting", [f64([2, 3]), f64([3], "y", () => rng.uniform(1, 2))], (x, y) => div(mul(add(x!, y!), sub(x!, 2)), y!)],
  ["exp, log, sqrt", [f64([4], "x", () => rng.uniform(1, 2))], (x) => mul(exp(x!), log(sqrt(x!)))],
  ["tanh, sigmoid, neg", [f64([2, 2])], (x) => mul(tanh(x!), sigmoid(neg(x!)))],
  ["relu", [f64([5], "x", () => rng.normal() + 3)], (x) => mul(relu(x!), relu(sub(x!, 3.1)))],
  ["matmul with transposes", [f64([2, 3]), f64([4, 3], "w"), f64([4, 2], "v")], (x, w, v) => add(matmul(x!, matmul(w!, v!, { transposeA: true })), matmul(v!, matmul(x!, w!, { transposeB: true }), { transposeA: true, transposeB: true }))],
  ["conv2d with bias", [f64([1, 2, 4, 5]), f64([2, 2, 2, 3], "w"), f64([2], "b")], (x, w, b) => tanh(conv2d(x!, w!, { bias: b!, stride: [1, 2], padding: 1 }))],
  ["pooling", [f64([1, 1, 4, 4])], (x) => mul(maxPool2d(x!, { kernel: 3, stride: 1 }), avgPool2d(x!, { kernel: 3, stride: 2, padding: 1 }))],
  ["softmax and logSoftmax", [f64([2, 3])], (x) => mul(softmax(x!), logSoftmax(x!, { axis: 0 }))],
  ["crossEntropy", [f64([3, 4])], (x) => crossEntropy(x!, tensor(Int32Array.of(1, 0, 3)))],
  ["reductions and shapes", [f64([2, 3])], (x) => mul(reshape(transpose(x!), [2, 3]), add(mean(x!, { axes: 0 }), sum(rows(x!, 1, 2))))],
];

describe("gradients against central differences in float64", () => {
  it.each(functions)("%s", (_, inputs, fn) => {
    const { error, worst } = gradcheck(() => fn(...inputs), inputs);
    expect(error, worst).toBeLessThan(1e-6);
  });

  it("gradcheck finds a wrong derivative and says where", () => {
    const x = f64([3]);
    const wrong = () => add(mul(x, x.detach()), mul(x, 1)); // misses half of the derivative of x^2
    const { ok, worst } = gradcheck(wrong, [x]);
    expect(ok).toBe(false);
    expect(worst).toMatch(/^x\[\d\]: backward .*, central difference/);
    expect(() => gradcheck(wrong, [parameter([1], { name: "w" })])).toThrow("gradcheck: w is f32. Central differences need f64");
  });
});

describe("second derivatives", () => {
  it.each(functions)("of %s equal central differences of the first", (_, inputs, fn) => {
    // A scalar built from first derivatives; gradcheck differentiates it once more.
    const penalty = () => {
      const y = fn(...inputs);
      const slopes = grad(sum(mul(y, y)), inputs, { createGraph: true });
      return slopes.map((s) => sum(mul(s, s))).reduce((a, b) => add(a, b));
    };
    const { error, worst } = gradcheck(penalty, inputs);
    expect(error, worst).toBeLessThan(1e-5); // one order of differences more
  });

  it("Hessian-vector products of a quadratic form are its matrix times the vector", () => {
    const size = 4;
    const a = Float64Array.from({ length: size * size }, () => rng.normal());
    const x = f64([size]);
    const v = Float64Array.from({ length: size }, () => rng.normal());
    const m = tensor(a, [size, size]);
    const [slope] = grad(sum(mul(x, matmul(m, x))), [x], { createGraph: true });
    const [product] = grad(sum(mul(slope!, tensor(v))), [x]);
    product!.toArray().forEach((p, i) => {
      let expected = 0;
      for (let j = 0; j < size; j++) expected += (a[i * size + j]! + a[j * size + i]!) * v[j]!;
      expect(p).toBeCloseTo(expected, 10);
    });
  });

  it("third derivatives exist too: d3/dx3 of x^4 = 24 x", () => {
    const x = f64([1], "x", () => 1.5);
    let y = mul(mul(x, x), mul(x, x));
    for (let order = 0; order < 3; order++) [y] = grad(sum(y), [x], { createGraph: true }) as [Tensor];
    expect(y.item()).toBeCloseTo(36, 10);
  });

  it("a fused op whose inputs depend on each other is differentiated once through each", () => {
    // The labels are fixed; logits are used twice, once through a parameter that the other use depends on.
    const x = f64([2, 3]);
    const loss = () => crossEntropy(add(x, mul(x, x)), tensor(Int32Array.of(0, 2)));
    const [first] = grad(loss(), [x], { createGraph: true });
    const [plain] = grad(loss(), [x]);
    first!.toArray().forEach((g, i) => expect(g).toBeCloseTo(plain!.toArray()[i]!, 12));
  });
});

describe("noGrad and printing", () => {
  it("nothing is recorded inside, also in functions that are called there", () => {
    const w = parameter([1], { name: "w" });
    const square = (x: Tensor) => mul(x, x);
    expect(noGrad(() => square(w)).history).toBeNull();
    expect(square(w).history).not.toBeNull();
  });

  it("a history prints its ops, shapes and sources, and says when it is gone", () => {
    const w = parameter([[1, 2]], { name: "w" });
    const y = sum(mul(w, tensor([3, 4])));
    expect(formatHistory(y).replaceAll(/#\d+/g, "#")).toBe("# sum [] <- #\n# mul [1, 2] <- w, constant");
    backward(y);
    expect(formatHistory(y)).toBe("the history of sum was used by a backward pass");
    expect(formatHistory(w)).toBe("w is a parameter");
    expect(formatHistory(tensor([1]))).toBe("no history");
    expect(formatHistory(scope(() => sum(w)))).toBe("the history of sum ended with its scope");
  });
});

describe("loading numbers into a parameter", () => {
  it("refuses another shape before writing", () => {
    const w = parameter([1, 2], { name: "fc.weight" });
    expect(() => w.load({ shape: [3], data: [1, 2, 3] })).toThrow("fc.weight: the parameter has shape [2], the given numbers have [3] (3). They must be equal.");
    w.load({ shape: [2], data: [5, 6] });
    expect([...w.data]).toEqual([5, 6]);
  });
});

it("the gradient of a random composition equals the sum over paths, whatever the order of uses", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(20), fc.nat(20)), { minLength: 1, maxLength: 15 }), (edges) => {
      // Each value is the sum of two earlier ones: d last / d w counts the paths.
      const w = parameter([1], { name: "w" });
      const values: Tensor[] = [w];
      const paths = [1];
      for (const [i, j] of edges) {
        const n = values.length;
        values.push(add(values[i % n]!, values[j % n]!));
        paths.push(paths[i % n]! + paths[j % n]!);
      }
      backward(sum(values.at(-1)!));
      expect(w.grad![0]).toBe(paths.at(-1));
    }),
  );
});
