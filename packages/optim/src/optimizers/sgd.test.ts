import { describe, expect, it } from "vitest";
import { l2, decoupled } from "../weightDecay.ts";
import { sgd, type SgdOptions } from "./sgd.ts";
import { pathOf } from "../test/path.ts";

const path = pathOf(sgd);
const close = (actual: number[], expected: number[]): void => {
  for (const [i, x] of expected.entries()) expect(actual[i]).toBeCloseTo(x, 12);
};

describe("sgd, by hand", () => {
  it("subtracts the rate times the gradient", () => close(path([1, 2, -4], { lr: 0.1 }), [0.9, 0.7, 1.1]));

  it("carries the buffer on: v = 1, 1.5, 1.75", () => close(path([1, 1, 1], { lr: 0.1, momentum: 0.5 }), [0.9, 0.75, 0.575]));

  it("looks ahead with Nesterov: u = d + 0.5·v = 1.5, 1.75", () => close(path([1, 1], { lr: 0.1, momentum: 0.5, nesterov: true }), [0.85, 0.675]));

  it("dampens all gradients but the first: v = 1, 0.75, 0.625", () => close(path([1, 1, 1], { lr: 0.1, momentum: 0.5, dampening: 0.75 }), [0.9, 0.825, 0.7625]));

  it("takes a plain weight decay as l2, which momentum then carries on", () => {
    // d = 0.5·w: w = 1 − 0.1·0.5 = 0.95; v = 0.5·0.5 + 0.475 = 0.725
    const expected = [0.95, 0.8775];
    close(path([0, 0], { lr: 0.1, momentum: 0.5, weightDecay: 0.5 }), expected);
    close(path([0, 0], { lr: 0.1, momentum: 0.5, weightDecay: l2(0.5) }), expected);
  });

  it("keeps decoupled decay out of the buffer: each step multiplies with 1 − lr·wd", () => {
    close(path([0, 0], { lr: 0.1, momentum: 0.5, weightDecay: decoupled(0.5) }), [0.95, 0.9025]);
  });

  it("scales all that the buffer holds when the rate changes, because the rate is outside", () => {
    close(path([1, 0], { lr: (t) => (t === 0 ? 0.1 : 0.2), momentum: 0.5 }), [0.9, 0.8]);
  });

  it("starts the buffer at the step that switches momentum on", () => {
    const momentum = (t: number): number => (t < 2 ? 0 : 0.5);
    // Steps 0 and 1 are plain; step 2 fills the buffer with d = 1, undampened; step 3 has v = 1.5.
    close(path([1, 1, 1, 1], { lr: 0.1, momentum }), [0.9, 0.8, 0.7, 0.55]);
  });

  it("makes an infinity, not NaN, of an infinite gradient, as PyTorch does", () => {
    expect(path([Infinity], { lr: 0.1, momentum: 0.5 })).toEqual([-Infinity]);
    expect(path([Infinity], { lr: 0.1, momentum: 0.5, nesterov: true })).toEqual([-Infinity]);
  });

  it("rests the buffer while momentum is 0", () => {
    const momentum = (t: number): number => (t === 1 ? 0 : 0.5);
    // v = 1 at step 0, untouched at step 1, 0.5·1 + 1 at step 2.
    close(path([1, 4, 1], { lr: 0.1, momentum }), [0.9, 0.5, 0.35]);
  });
});

describe("what sgd refuses", () => {
  const w = { name: "w", data: new Float32Array(1), grad: null };

  it("refuses Nesterov without momentum, or with dampening", () => {
    expect(() => sgd([w], { lr: 0.1, nesterov: true })).toThrow("sgd: nesterov is true with momentum 0 and dampening 0. It needs momentum > 0 and no dampening.");
    expect(() => sgd([w], { lr: 0.1, nesterov: true, momentum: 0.9, dampening: 0.1 })).toThrow("no dampening");
    expect(() => sgd([w], { lr: 0.1, nesterov: true, momentum: () => 0.9 })).not.toThrow();
  });

  it("refuses momentum of 1 and more, negative decay, a missing rate and options that it does not have", () => {
    expect(() => sgd([w], { lr: 0.1, momentum: 1 })).toThrow("sgd: momentum is 1. It needs a number in [0, 1).");
    expect(() => sgd([w], { lr: 0.1, weightDecay: -1 })).toThrow("sgd: weightDecay is -1. It needs a finite number >= 0.");
    for (const weightDecay of [null, {}, { kind: "l1", value: 0.1 }]) expect(() => sgd([w], { lr: 0.1, weightDecay: weightDecay as never })).toThrow(/weightDecay is (null|an object)\. It needs a finite number >= 0/);
    expect(() => sgd([w], {} as SgdOptions)).toThrow("sgd: lr is undefined. It needs a finite number >= 0.");
    expect(() => sgd([w], { lr: 0.1, momentom: 0.9 } as SgdOptions)).toThrow("sgd: momentom is not an option. Did you mean momentum? It knows lr, momentum, dampening, weightDecay, nesterov, ");
    expect(() => sgd([w], { lr: "0.1" as never })).toThrow('sgd: lr is "0.1". It needs a finite number >= 0.');
  });
});
