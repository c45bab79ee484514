import { describe, expect, it } from "vitest";
import { adamW } from "./optimizers/adamW.ts";
import { sgd } from "./optimizers/sgd.ts";
import type { Param } from "./param.ts";
import type { StateDict } from "./stateDict.ts";

const param = (name: string, shape: readonly number[] = [2]): Param => {
  const data = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i + 1);
  return { name, shape, data, grad: data.map((x) => x / 2) };
};
const trained = (params: Param[]): StateDict => {
  const optimizer = sgd(params, { lr: 0.1, momentum: 0.9 });
  optimizer.step();
  return optimizer.stateDict();
};

describe("stateDict", () => {
  it("is plain data by parameter name", () => {
    expect(trained([param("w")])).toEqual({
      version: 1,
      optimizer: "sgd",
      step: 1,
      params: { w: { shape: [2], dtype: "float32", numbers: { momentumSteps: 1 }, arrays: { momentum: Float32Array.of(0.5, 1) } } },
    });
  });

  it("is a copy: later steps do not change it, and changing it does not change the optimizer", () => {
    const optimizer = adamW([param("w")], {});
    optimizer.step();
    const saved = optimizer.stateDict();
    const copy = structuredClone(saved);
    optimizer.step();
    expect(saved).toEqual(copy);
    const other = adamW([param("w")], {});
    other.loadStateDict(saved);
    saved.params.w.arrays.firstMoment.fill(9);
    expect(other.stateDict()).toEqual(copy);
  });

  it("can be taken and loaded before the first step", () => {
    const saved = sgd([param("w")], { lr: 0.1, momentum: 0.9 }).stateDict();
    const optimizer = sgd([param("w")], { lr: 0.1, momentum: 0.9 });
    optimizer.step();
    optimizer.loadStateDict(saved);
    expect([optimizer.stepCount, optimizer.stateDict()]).toEqual([0, saved]);
  });

  it("keeps names that objects have by birth, such as constructor and __proto__", () => {
    const names = ["__proto__", "constructor", "toString"];
    const saved = trained(names.map((name) => param(name)));
    expect(Object.keys(saved.params).sort()).toEqual([...names].sort());
    const other = sgd(names.map((name) => param(name)), { lr: 0.1, momentum: 0.9 });
    other.loadStateDict(saved);
    expect(other.stateDict()).toEqual(saved);
    expect(() => sgd([param("constructor")], { lr: 0.1, momentum: 0.9 }).loadStateDict({ ...saved, params: {} })).toThrow("the state has nothing for constructor");
  });

  it("is refused, before anything is written, by another optimizer or model", () => {
    const saved = trained([param("a"), param("b")]);
    const refusals: [string, Param[], StateDict][] = [
      ["sgd: the state was saved by adamW. It needs one saved by sgd.", [param("a"), param("b")], { ...saved, optimizer: "adamW" }],
      ["sgd: the state has the version 2. It needs what stateDict() returned, version 1.", [param("a"), param("b")], { ...saved, version: 2 as never }],
      ["sgd: the state has the version undefined.", [param("a")], null as never],
      ["sgd: the state counts 1.5 completed steps. It needs a whole number >= 0.", [param("a"), param("b")], { ...saved, step: 1.5 }],
      ["sgd: the state has nothing for c. It needs every parameter of this optimizer.", [param("a"), param("b"), param("c")], saved],
      ["sgd: the state has b, which this optimizer does not. It needs the parameters it was saved with.", [param("a")], saved],
      ["sgd: b was saved with the shape [2] and has [2, 1]. The shapes need to agree.", [param("a"), param("b", [2, 1])], saved],
      ["sgd: b was saved as float32 and is float64. The types need to agree.", [param("a"), { ...param("b"), data: new Float64Array(2), grad: null }], saved],
    ];
    for (const [message, params, dict] of refusals) {
      const optimizer = sgd(params, { lr: 0.1, momentum: 0.9 });
      const before = optimizer.stateDict();
      expect(() => optimizer.loadStateDict(dict)).toThrow(message);
      expect(optimizer.stateDict()).toEqual(before);
    }
  });

  it("is refused when its arrays or numbers are not what this optimizer keeps", () => {
    const saved = trained([param("w")]);
    expect(() => sgd([param("w")], { lr: 0.1 }).loadStateDict(saved)).toThrow("sgd: the saved arrays of w are {momentum}, this optimizer keeps {}. They need to agree: were the options other ones?");
    const patched = (patch: object): StateDict => ({ ...saved, params: { w: { ...saved.params.w, ...patch } } });
    const optimizer = sgd([param("w")], { lr: 0.1, momentum: 0.9 });
    expect(() => optimizer.loadStateDict(patched({ arrays: { momentum: Float32Array.of(1) } }))).toThrow("sgd: momentum of w has float32 of length 1. It needs float32 of length 2.");
    expect(() => optimizer.loadStateDict(patched({ arrays: { momentum: [1, 2] } }))).toThrow("sgd: momentum of w is an array of 2. It needs float32 of length 2.");
    expect(() => optimizer.loadStateDict(patched({ numbers: { momentumSteps: Number.NaN } }))).toThrow("sgd: momentumSteps of w is NaN. It needs a whole number >= 0.");
  });
});
