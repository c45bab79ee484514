// Options from plain JavaScript, where no compiler reads them: misspelt, of another library, of another type, or not given.
import { describe, expect, it } from "vitest";
import * as optim from "./index.ts";
import type { Param } from "./param.ts";

const { adamW, sgd } = optim;
const own = (name = "w", data = Float64Array.of(1)): Param => ({ name, data, grad: data.map(() => 1), shape: [data.length] });
const pair = (): Param[] => [own("body.w"), own("head.w")];

describe("an option that is undefined", () => {
  it("is not given: a group has the optimizer's, not the default", () => {
    const optimizer = adamW(pair(), { lr: 0.05, weightDecay: 0.3, groups: [{ params: "head.*", lr: undefined, weightDecay: undefined }] } as never);
    expect(optimizer.groups.map(({ values }) => [values["lr"], values["weightDecay"]])).toEqual([[0.05, 0.3], [0.05, 0.3]]);
  });

  it("is not given to set: what it was stays", () => {
    const optimizer = sgd(pair(), { lr: 0.1, momentum: 0.9 });
    optimizer.set({ lr: 0.2, momentum: undefined } as never);
    expect([optimizer.groups[0].values["lr"], optimizer.groups[0].values["momentum"]]).toEqual([0.2, 0.9]);
  });

  it("is not given anywhere else", () => {
    expect(optim.cosine({ start: 1, end: undefined, steps: 10 } as never)(10)).toBe(0);
    expect(optim.oneCycle({ peak: 1, steps: 10, phases: undefined, baseMomentum: undefined } as never).momentum(2)).toBe(0.85);
    expect(optim.clipByGlobalNorm([own()], { maxNorm: 9, normType: undefined } as never).norm).toBe(1);
    expect(sgd(pair(), { lr: 1, groups: undefined, exclude: undefined, layerScale: undefined, maximize: undefined, nonFinite: undefined, kernels: undefined } as never).step().length).toBe(2);
    expect(() => optim.linear({ start: 1, end: undefined, steps: 3 } as never)).toThrow("linear: end is undefined. It needs");
  });
});

describe("a misspelt option is refused, with what may be meant", () => {
  const given = { peak: 1, steps: 10, start: 1, end: 0.5, ratio: 2, amount: 0.5, base: 0.1, period: 3, milestones: [1], maxNorm: 1, clipping: 0.1, min: 0, max: 1, params: "w" };
  const only = (...keys: (keyof typeof given)[]): object => Object.fromEntries(keys.map((key) => [key, given[key]]));
  const make = optim as unknown as Record<string, (...args: unknown[]) => unknown>;
  const maker = (name: string, keys: (keyof typeof given)[], before: unknown[] = []) => (option: object) => make[name](...before, { ...only(...keys), ...option });
  const MAKERS: Record<string, (option: object) => unknown> = {
    oneCycle: maker("oneCycle", ["peak", "steps"]), oneCycleFastai: maker("oneCycleFastai", ["peak", "steps"]), oneCycleOptax: maker("oneCycleOptax", ["peak", "steps"]), oneCycleSmith: maker("oneCycleSmith", ["peak", "steps"]),
    oneCyclePlateau: maker("oneCyclePlateau", ["peak", "steps"]), slantedCycle: maker("slantedCycle", ["peak", "steps"]), slantedTriangular: maker("slantedTriangular", ["peak", "steps"]), cyclic: maker("cyclic", ["base", "peak"]),
    linear: maker("linear", ["start", "end", "steps"]), cosine: maker("cosine", ["start", "steps"]), cosineAnnealing: maker("cosineAnnealing", ["start", "steps"]), flatCosine: maker("flatCosine", ["start", "steps"]),
    polynomial: maker("polynomial", ["start", "steps"]), exponential: maker("exponential", ["start", "end", "steps"]), stepDecay: maker("stepDecay", ["start", "steps"]), multiStep: maker("multiStep", ["start", "milestones"]),
    warmRestarts: maker("warmRestarts", ["start", "period"]), reduceOnPlateau: maker("reduceOnPlateau", ["start"]), warmUp: maker("warmUp", ["steps"], [1]), clamp: maker("clamp", ["min", "max"], [1]),
    layerRamp: maker("layerRamp", ["ratio", "steps"]), layerCycle: maker("layerCycle", ["ratio", "steps"]), layerLinear: maker("layerLinear", ["amount", "steps"]),
    clipByGlobalNorm: maker("clipByGlobalNorm", ["maxNorm"], [[]]), clipByLayerNorm: maker("clipByLayerNorm", ["maxNorm"], [[]]), clipAdaptively: maker("clipAdaptively", ["clipping"], [[]]),
    piecewise: (option) => optim.piecewise([{ until: 3, start: 1, ...option }]),
    inTurn: (option) => optim.inTurn([{ optimizer: sgd([own()], { lr: 1 }), ...option } as never]),
    "a group": (option) => sgd([own()], { lr: 1, groups: [{ params: "w", ...option } as never] }),
    "exclude": (option) => sgd([own()], { lr: 1, exclude: { decay: "w", ...option } as never }),
    set: (option) => sgd([own()], { lr: 1 }).set(option as never),
    ...Object.fromEntries((["sgd", "adam", "adamW", "rmsprop", "adagrad", "adadelta", "adamax", "nadam", "radam", "lars", "larsUnscaledMomentum", "larsTimm", "larsOptax", "larsSimclr", "larsSimclrPopular", "larc", "larcAdam", "larcFastai", "larcOpenSeq2Seq", "larcNvcaffe", "lamb", "lambTimm", "madLlr"] as const).map((name) => [name, (option: object) => make[name]([own()], { lr: 0.1, ...option })])),
  };
  it.each(Object.keys(MAKERS))("%s takes its own names and no other, nor anything but an object", (name) => {
    expect(() => MAKERS[name]({})).not.toThrow();
    expect(() => MAKERS[name]({ zzzzzz: 1 })).toThrow(expect.objectContaining({ code: "LLR_OPTION", option: "zzzzzz" }));
  });
  it.each(["oneCycle", "linear", "reduceOnPlateau", "layerRamp", "sgd", "adamW", "madLlr", "clipByGlobalNorm"])("%s needs options that are an object", (name) => {
    for (const options of [undefined, null, 3, "lr", [1]]) {
      if (options === undefined && name === "adamW") continue;
      const args = name === "clipByGlobalNorm" || ["sgd", "adamW", "madLlr"].includes(name) ? [[own()], options] : [options];
      expect(() => make[name](...args)).toThrow(expect.objectContaining({ code: "LLR_OPTION", where: name }));
    }
  });

  it.each([
    ["oneCycle", "pctstart", "Did you mean pctStart?"], ["oneCycle", "max_lr", "Here it is peak."], ["oneCycle", "total_steps", "Here it is steps."], ["oneCycle", "three_phase", "Here it is phases."], ["oneCycle", "anneal_strategy", "Here it is anneal."], ["oneCycle", "pct_start", "Did you mean pctStart?"],
    ["cosine", "etaMin", "Here it is end."], ["cosineAnnealing", "T_max", "Here it is steps."], ["cosine", "init_value", "Here it is start."], ["cosine", "decay_steps", "Here it is steps."], ["warmRestarts", "T_0", "Here it is period."], ["warmRestarts", "T_mult", "Here it is periodFactor."],
    ["layerRamp", "raito", "Did you mean ratio?"], ["cyclic", "step_size_up", "Here it is stepsUp."], ["cyclic", "base_lr", "Here it is base."], ["polynomial", "total_iters", "Here it is steps."], ["exponential", "decay_rate", "Here it is gamma."], ["stepDecay", "step_size", "Here it is steps."],
    ["sgd", "learning_rate", "Here it is lr."], ["sgd", "weight_decay", "Did you mean weightDecay?"], ["adamW", "betas", "Here they are beta1 and beta2."], ["adamW", "b1", "Here it is beta1."], ["adamW", "epsilon", "Here it is eps."], ["sgd", "param_groups", "Here it is groups."], ["a group", "param", "Did you mean params?"],
    ["clipByGlobalNorm", "max_norm", "Did you mean maxNorm?"], ["clipByGlobalNorm", "p", "Here it is normType."], ["clipByGlobalNorm", "clipnorm", "Here it is maxNorm."], ["lambTimm", "trust_clip", "Here it is mode."], ["set", "learningRate", "Here it is lr."],
  ])("%s: %s. %s", (name, option, words) => {
    expect(() => MAKERS[name]({ [option]: 1 })).toThrow(`${option} is not an option. ${words}`);
  });

  it("phases refuses a name that is nearly one of a hyper-parameter, and leaves others to optimizers of one's own", () => {
    expect(() => optim.phases([{ steps: 3, mometum: 0.9 }] as never)).toThrow("phases: mometum is not a hyper-parameter of any optimizer here. Did you mean momentum?");
    expect(() => optim.phases([{ steps: 3, weight_decay: 0.9 }] as never)).toThrow("Did you mean weightDecay?");
    expect(() => optim.phases([{ steps: 3, betas: 0.9 }] as never)).toThrow("beta1 and beta2");
    expect(optim.phases([{ steps: 3, temperature: 2, beta3: 0.5 }]).beta3(1)).toBe(0.5);
  });
});

describe("hints for what is often given in place of something else", () => {
  it("a cycle for one of its schedules", () => {
    const cycle = optim.oneCycle({ peak: 1, steps: 9 });
    expect(() => sgd([own()], { lr: cycle } as never)).toThrow("The object has the schedules lr and momentum: give it as .lr.");
    expect(() => adamW([own()], { beta1: cycle } as never)).toThrow("give it as .lr");
    expect(() => sgd([own()], { lr: 1, momentum: cycle } as never)).toThrow("give it as .momentum");
    expect(() => optim.warmUp(cycle as never, { steps: 2 })).toThrow("give it as .lr");
    expect(() => sgd([own()], { lr: optim.reduceOnPlateau({ start: 1 }) } as never)).toThrow("give it as .value");
  });

  it("a list of numbers for an array, one array for a list, an object for a list", () => {
    expect(() => sgd([{ name: "w", data: [1, 2], grad: null }] as never, { lr: 1 })).toThrow("Float32Array.from(data)");
    expect(() => sgd({ w: own() } as never, { lr: 1 })).toThrow(expect.objectContaining({ code: "LLR_OPTION", option: "params" }));
    expect(() => sgd(Float32Array.of(1) as never, { lr: 1 })).toThrow("a typed array of 1");
    for (const clip of [optim.clipByGlobalNorm, optim.clipByLayerNorm] as never as ((g: unknown, o: object) => unknown)[]) expect(() => clip(Float64Array.of(3), { maxNorm: 1 })).toThrow("It needs a list");
    expect(() => optim.clipByValue(Float64Array.of(3) as never, 1)).toThrow("one array");
    expect(() => optim.clipByGlobalNorm([[3, 4]] as never, { maxNorm: 1 })).toThrow(expect.objectContaining({ code: "LLR_OPTION" }));
    for (const groups of [{ params: "w" }, 3, "w"]) expect(() => sgd([own()], { lr: 1, groups } as never)).toThrow("It needs a list of groups");
    expect(() => sgd([own()], { lr: 1, layerScale: 0.5 } as never)).toThrow("sgd: layerScale is 0.5. It needs a function of layer and step");
  });
});

describe("memory that two parameters share", () => {
  const buffer = new ArrayBuffer(64);
  const at = (name: string, offset: number, length: number): Param => ({ name, data: new Float64Array(buffer, offset, length), grad: new Float64Array(length).fill(1) });

  it("is refused, whole or in part: a step would update it twice", () => {
    const shared = Float64Array.of(1);
    expect(() => sgd([own("a", shared), own("b", shared)], { lr: 0.1 })).toThrow("sgd: a and b share memory");
    expect(() => sgd([at("a", 0, 4), at("c", 48, 2), at("b", 24, 2)], { lr: 0.1 })).toThrow("sgd: a and b share memory");
    expect(() => sgd([at("a", 0, 4), at("b", 32, 4), at("none", 16, 0)], { lr: 0.1 })).not.toThrow();
  });

  it("is refused in gradients that are clipped, which it would shrink twice", () => {
    const g = Float64Array.of(3, 4);
    expect(() => optim.clipByGlobalNorm([g, g], { maxNorm: 1 })).toThrow("gradients 0 and 1 of the list share memory");
    expect([...g]).toEqual([3, 4]);
  });
});

it("exponential goes from start to end in steps, as its siblings, and stays there", () => {
  const values = [0, 1, 2, 3, 4, 9].map(optim.exponential({ start: 8, end: 0.5, steps: 4 }));
  for (const [i, value] of [8, 4, 2, 1, 0.5, 0.5].entries()) expect(values[i]).toBeCloseTo(value, 14);
  expect(values.slice(-2)).toEqual([0.5, 0.5]);
  expect(() => optim.exponential({ start: 1, steps: 3 } as never)).toThrow("exponential: end is undefined. It needs a finite number > 0 where there is no gamma");
});
