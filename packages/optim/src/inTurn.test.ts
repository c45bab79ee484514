import { describe, expect, it } from "vitest";
import { inTurn } from "./inTurn.ts";
import { adamW } from "./optimizers/adamW.ts";
import { sgd } from "./optimizers/sgd.ts";
import type { Optimizer, StepRecord } from "./optimizer.ts";
import type { Param } from "./param.ts";
import { linear } from "./schedules/linear.ts";

const weight = (name: string): Param => ({ name, data: Float64Array.of(1, -2), grad: Float64Array.of(0.3, 0.1) });
const lr = linear({ start: 0.4, end: 0, steps: 4 });
const both = (params: readonly Param[]): Optimizer => inTurn([{ steps: 3, optimizer: adamW(params, { lr }) }, { optimizer: sgd(params, { lr, momentum: 0.9 }) }]);
const run = (optimizer: Optimizer, count: number): StepRecord[] => Array.from({ length: count }, () => optimizer.step()[0]);

describe("inTurn", () => {
  it("is each optimizer alone on what the one before left, each on its own clock and with new state", () => {
    const [w, alone] = [weight("w"), weight("w")];
    const records = run(both([w]), 7);
    const expected = [...run(adamW([alone], { lr }), 3), ...run(sgd([alone], { lr, momentum: 0.9 }), 4)];
    expect(records).toEqual(expected);
    expect(w.data).toEqual(alone.data);
    expect(records.map((r) => Number(r.lr.toFixed(12)))).toEqual([0.4, 0.3, 0.2, 0.4, 0.3, 0.2, 0.1]);
  });

  it("may train more parameters later, and shows and changes the groups of the one whose turn it is", () => {
    const [body, head] = [weight("body"), weight("head")];
    const optimizer = inTurn([{ steps: 1, optimizer: sgd([head], { lr: 1, nonFinite: "skip" }) }, { optimizer: sgd([body, head], { lr: 2 }) }]);
    expect(optimizer.nonFinite).toBe("skip");
    expect(optimizer.step().map((r) => r.name)).toEqual(["head"]);
    expect(optimizer.nonFinite).toBe("propagate");
    expect(optimizer.groups[0].params.map((p) => p.name)).toEqual(["body", "head"]);
    optimizer.set({ lr: 3 });
    expect(optimizer.step().map((r) => [r.name, r.lr])).toEqual([["body", 3], ["head", 3]]);
    expect([optimizer.name, optimizer.stepCount]).toEqual(["inTurn(sgd, sgd)", 2]);
    optimizer.zeroGrad();
    expect([body.grad, head.grad]).toEqual([null, null]);
  });

  it("resumed from a saved state has the bits of an uninterrupted run, wherever it was cut", () => {
    for (let cut = 0; cut <= 6; cut++) {
      const [whole, first, second] = [weight("w"), weight("w"), weight("w")];
      run(both([whole]), 6);
      const saved = both([first]);
      run(saved, cut);
      second.data.set(first.data);
      const resumed = both([second]);
      resumed.loadStateDict(structuredClone(saved.stateDict()));
      run(resumed, 6 - cut);
      expect(second.data).toEqual(whole.data);
      expect(resumed.stepCount).toBe(6);
    }
  });

  it("resumes in the middle of three turns at the right step of each", () => {
    const three = (w: Param): Optimizer => inTurn([2, 3, undefined].map((steps) => ({ ...(steps && { steps }), optimizer: sgd([w], { lr, momentum: 0.5 }) })));
    for (let cut = 0; cut <= 8; cut++) {
      const [first, second] = [weight("w"), weight("w")];
      const saved = three(first);
      run(saved, cut);
      second.data.set(first.data);
      const resumed = three(second);
      resumed.loadStateDict(saved.stateDict());
      expect(run(resumed, 4)).toEqual(run(saved, 4));
    }
  });

  it("refuses a state that does not fit, and keeps all of its own", () => {
    const optimizer = both([weight("w")]);
    run(optimizer, 4);
    const own = optimizer.stateDict();
    const other = both([weight("w")]);
    run(other, 5);
    const state = other.stateDict();
    const { "2/w": last, ...rest } = state.params;
    expect(() => optimizer.loadStateDict(sgd([weight("w")], { lr }).stateDict())).toThrow("inTurn: the state was saved by sgd. It needs one saved by inTurn(adamW, sgd).");
    expect(() => optimizer.loadStateDict({ ...state, params: { ...rest, "3/w": last } })).toThrow("inTurn: the state has 3/w, which belongs to none of the 2 optimizers.");
    // The first optimizer's part fits and is written before the second's is found missing.
    expect(() => optimizer.loadStateDict({ ...state, params: rest })).toThrow("sgd: the state has nothing for w.");
    expect(optimizer.stateDict()).toEqual(own);
  });

  it("refuses turns without end or beginning", () => {
    const optimizer = sgd([weight("w")], { lr });
    expect(() => inTurn([])).toThrow("inTurn: the list of optimizers is empty. It needs at least one.");
    expect(() => inTurn([{ optimizer }, { optimizer: both([weight("w")]) }])).toThrow("inTurn: steps is undefined of optimizer 1. It needs a whole number >= 1.");
    expect(() => inTurn([{ steps: 1, optimizer }, { optimizer }])).toThrow("inTurn: optimizer 2 is listed twice. Each turn needs an optimizer of its own.");
    optimizer.step();
    expect(() => inTurn([{ optimizer }])).toThrow("inTurn: optimizer 1 has completed 1 steps. It needs one that has not been stepped: its clock starts with its turn.");
  });
});
