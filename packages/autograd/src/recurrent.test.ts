// First and second derivatives of recurrent nets, through the sweep.
import type { RecurrentWeights, Tensor } from "@llr/tensor";
import { add, gru, gruCell, lstm, lstmCell, mul, Rng, rnn, rnnCell, scope, sum, tensor } from "@llr/tensor";
import { describe, expect, it } from "vitest";
import { backward, grad, gradcheck, type Parameter, parameter } from "./index.ts";

const rng = new Rng(12).stream("recurrent.test");
const f64 = (shape: readonly number[], name = "x"): Parameter => {
  const size = shape.reduce((a, b) => a * b, 1);
  return parameter({ shape, data: Float64Array.from({ length: size }, () => rng.normal()) }, { name });
};
/** Two layers in both directions, for 2 features and 2 hidden units. */
const weightsFor = (gates: number): (RecurrentWeights & Record<string, Parameter>)[] =>
  [2, 2, 4, 4].map((features, i) => ({ wIh: f64([gates * 2, features], `wIh${i}`), wHh: f64([gates * 2, 2], `wHh${i}`), bIh: f64([gates * 2], `bIh${i}`), bHh: f64([gates * 2], `bHh${i}`) }));
const both = { bidirectional: true };
const total = (tensors: readonly Tensor[]): Tensor => tensors.map((t, i) => sum(mul(mul(t, t), i + 1))).reduce((a, b) => add(a, b));

describe("cells", () => {
  const cases: readonly [string, readonly (readonly number[])[], (...inputs: Tensor[]) => Tensor][] = [
    ["rnnCell", [[2, 3], [2, 3]], rnnCell],
    ["lstmCell", [[2, 8], [2, 8], [2, 2]], lstmCell],
    ["gruCell", [[2, 6], [2, 6], [6], [2, 2]], gruCell],
  ];
  it.each(cases)("%s has a second derivative", (_, shapes, fn) => {
    const inputs = shapes.map((shape, i) => f64(shape, `input${i}`));
    const { error, worst } = gradcheck(() => total(grad(total([fn(...inputs)]), inputs, { createGraph: true })), inputs);
    expect(error, worst).toBeLessThan(1e-6);
  });
});

describe("rnn, gru and lstm", () => {
  const [x, h, c] = [f64([3, 2, 2]), f64([4, 2, 2], "h"), f64([4, 2, 2], "c")];

  it("have the gradients of central differences, for every input, layer and direction", () => {
    for (const [gates, run] of [[1, rnn], [3, gru]] as const) {
      const weights = weightsFor(gates);
      const { error, worst } = gradcheck(() => {
        const out = run(x, { h }, weights, both);
        return total([out.y, out.h]);
      }, [x, h, ...weights.flatMap((w) => Object.values(w))]);
      expect(error, worst).toBeLessThan(1e-6);
    }
    const weights = weightsFor(4);
    const { error, worst } = gradcheck(() => {
      const out = lstm(x, { h, c }, weights, both);
      return total([out.y, out.h, out.c]);
    }, [x, h, c, ...weights.flatMap((w) => Object.values(w))]);
    expect(error, worst).toBeLessThan(1e-6);
  });

  it("lstm has a second derivative", () => {
    const weights = weightsFor(4).slice(0, 1);
    const start = { h: f64([1, 2, 2]), c: f64([1, 2, 2]) };
    const inputs = [weights[0].wHh, weights[0].bIh] as Parameter[];
    const { error, worst } = gradcheck(() => total(grad(total([lstm(x, start, weights).y]), inputs, { createGraph: true })), inputs);
    expect(error, worst).toBeLessThan(1e-6);
  });

  it("carried state that left its scope is a constant: the gradient stops at the cut", () => {
    const weights = weightsFor(4).slice(0, 1);
    const start = { h: tensor(new Float64Array(4), [1, 2, 2]), c: tensor(new Float64Array(4), [1, 2, 2]) };
    const carried = scope(() => {
      const { h: last, c: cell } = lstm(x, start, weights);
      return { h: last, c: cell };
    });
    const gradient = (state: { h: Tensor; c: Tensor }): number[] => {
      const wIh = weights[0].wIh as Parameter;
      wIh.grad = null;
      scope(() => backward(sum(lstm(x, state, weights).y)));
      return [...wIh.grad!];
    };
    expect(gradient(carried)).toEqual(gradient({ h: tensor(carried.h.toArray(), [1, 2, 2]), c: tensor(carried.c.toArray(), [1, 2, 2]) }));
  });
});
