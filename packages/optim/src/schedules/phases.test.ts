import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decoupled } from "../weightDecay.ts";
import { sgd } from "../optimizers/sgd.ts";
import { linear } from "./linear.ts";
import { phases } from "./phases.ts";
import { piecewise } from "./piecewise.ts";

const values = (schedule: (t: number) => number, count: number): number[] => Array.from({ length: count }, (_, t) => schedule(t));

describe("phases", () => {
  it("a phase's first step uses that phase's own start value, and its last step not yet its end value", () => {
    const { lr } = phases([{ steps: 2, lr: [1, 0] }, { steps: 2, lr: [8, 4] }]);
    expect(values(lr, 6)).toEqual([1, 0.5, 8, 6, 4, 4]);
  });

  it("a hyper-parameter that a phase does not name stays where the phase before left it", () => {
    const { lr, momentum } = phases([{ steps: 2, lr: [1, 3], momentum: [0.5, 0.9] }, { steps: 1, lr: 7 }, { steps: 1, momentum: 0.25 }, { steps: 1, lr: 1 }]);
    expect(values(momentum, 6)).toEqual([0.5, 0.7, 0.9, 0.25, 0.25, 0.25]);
    expect(values(lr, 6)).toEqual([1, 2, 7, 7, 1, 1]);
  });

  it("takes a schedule that counts from the beginning of its phase, and goes on with it at the end", () => {
    const { lr } = phases([{ steps: 3, lr: 1 }, { steps: 2, lr: linear({ start: 0, end: 8, steps: 4 }) }, { steps: 1 }, { steps: 1, lr: linear({ start: 1, end: 0, steps: 2 }) }]);
    expect(values(lr, 10)).toEqual([1, 1, 1, 0, 2, 4, 1, 0.5, 0, 0]);
  });

  it("has a schedule for any hyper-parameter, and for none that is not named", () => {
    const plan = phases([{ steps: 1, lr: 1, trustCoefficient: 0.02, weightDecay: [0.1, 0] }]);
    expect(Object.keys(plan)).toEqual(["lr", "trustCoefficient", "weightDecay"]);
    expect(() => sgd([{ name: "w", data: new Float32Array(1), grad: null }], plan as never)).toThrow("sgd: trustCoefficient is not an option.");
  });

  it("drives rate, momentum and weight decay of an optimizer, differently for each group", () => {
    const plan = phases([{ steps: 2, lr: [1, 0.5], momentum: 0.5, weightDecay: 0.1 }, { steps: 2, lr: 0.1, weightDecay: [0.2, 0] }]);
    const head = phases([{ steps: 1, lr: 4 }, { steps: 1, lr: 2 }]);
    const params = ["body", "head"].map((name) => ({ name, data: Float64Array.of(1), grad: Float64Array.of(0) }));
    const optimizer = sgd(params, { ...plan, weightDecay: decoupled(plan.weightDecay), groups: [{ params: "head", ...head }] });
    const seen = values(() => {
      const { values: v } = optimizer.groups[0];
      const [, { lr }] = optimizer.step();
      return [v["lr"], v["momentum"], v["weightDecay"], lr] as never;
    }, 5);
    expect(seen).toEqual([[1, 0.5, 0.1, 4], [0.75, 0.5, 0.1, 2], [0.1, 0.5, 0.2, 2], [0.1, 0.5, 0.1, 2], [0.1, 0.5, 0, 2]]);
  });

  it("of one hyper-parameter is piecewise with lengths for ends", () => {
    const ramp = fc.record({ steps: fc.integer({ min: 1, max: 20 }), start: fc.double({ min: 0, max: 1, noNaN: true }), end: fc.double({ min: 0, max: 1, noNaN: true }) });
    fc.assert(
      fc.property(fc.array(ramp, { minLength: 1, maxLength: 6 }), fc.nat(130), (list, t) => {
        let until = 0;
        const pieces = list.map(({ steps, ...r }) => ({ ...r, until: (until += steps) }));
        expect(phases(list.map(({ steps, ...lr }) => ({ steps, lr }))).lr(t)).toBeCloseTo(piecewise(pieces)(t), 12);
      }),
    );
  });

  it("refuses what cannot be a plan, naming phase and hyper-parameter", () => {
    expect(() => phases([])).toThrow("phases: the list of phases is empty. It needs at least one.");
    expect(() => phases([{ steps: 1, lr: 1 }, { steps: 0.5, lr: 1 }])).toThrow("phases: steps is 0.5 in phase 2. It needs a whole number >= 1.");
    expect(() => phases([{ steps: 1, lr: 1 }, { steps: 1, momentum: 0.9 }])).toThrow("phases: momentum is not given in phase 1. It needs a value there, from which it can stay or move on.");
    expect(() => phases([{ steps: 1, lr: -1 }])).toThrow("phases: lr is -1 in phase 1. It needs a finite number >= 0.");
    expect(() => phases([{ steps: 1, lr: [1, Number.NaN] }])).toThrow("phases: end is NaN of lr in phase 1. It needs a finite number >= 0.");
    expect(() => phases([{ steps: 1, lr: { start: 1, curve: "exponential" } }])).toThrow("phases: end is 0 of lr in phase 1. It needs a finite number > 0 for an exponential curve.");
    expect(() => phases([{ steps: 1, lr: { start: 1, curve: "sine" as never } }])).toThrow('phases: curve is "sine" of lr in phase 1. It needs "linear", "cosine", "exponential" or "polynomial".');
    expect(() => phases([{ steps: 1, lr: "high" as never }])).toThrow('phases: lr is "high" in phase 1. It needs a number, a pair, a ramp or a schedule.');
  });
});

describe("piecewise", () => {
  it("gives a jump to the later piece, and leaves out pieces without a step", () => {
    const lr = piecewise([{ until: 0, start: 9, end: 9 }, { until: 2.5, start: 1, end: 1 }, { until: 2.5, start: 5, end: 5 }, { until: 4, start: 2, end: 3 }, { until: 4, start: 7, end: 7 }]);
    expect([0, 2, 2.5, 4, 99].map(lr)).toEqual([1, 1, 2, 3, 3]);
  });

  it("of a polynomial without a power is a straight line", () => expect([0, 1, 2, 3, 4].map(piecewise([{ until: 4, start: 1, curve: "polynomial" }]))).toEqual([1, 0.75, 0.5, 0.25, 0]));

  it("refuses pieces that go back in time", () => {
    expect(() => piecewise([{ until: 3, start: 1 }, { until: 2, start: 1 }])).toThrow("piecewise: until is 2 in piece 2. It needs a finite number >= 3, where the piece before ends.");
    expect(() => piecewise([{ until: -1, start: 1 }])).toThrow("piecewise: until is -1 in piece 1. It needs a finite number >= 0.");
    expect(() => piecewise([])).toThrow("piecewise: the list of pieces is empty. It needs at least one.");
    expect(() => piecewise([{ until: 1, start: 1, curve: "polynomial", power: 0 }])).toThrow("piecewise: power is 0 in piece 1. It needs a finite number > 0.");
  });
});
