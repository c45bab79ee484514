// Damaged states: each must be refused by a typed error that leaves everything as it was, or train on without NaN.
import { describe, expect, it } from "vitest";
import { cases, FUZZ_SEED } from "../../../tools/fuzz.ts";
import * as optim from "./index.ts";
import type { Optimizer, Param, StateDict } from "./index.ts";
import { Draws } from "./test/draws.ts";

const { adadelta, adagrad, adam, adamax, adamW, inTurn, lamb, lambTimm, larcAdam, lars, loadStateBytes, madLlr, nadam, radam, reduceOnPlateau, rmsprop, sgd, stateBytes } = optim;

function model(): Param[] {
  return [
    { name: "fc.weight", data: Float32Array.of(0.5, -1, 2, 0.25, 1, -0.5), grad: null, shape: [2, 3] },
    { name: "fc.bias", data: Float64Array.of(0.1, -0.2), grad: null, shape: [2] },
  ];
}
const makers: readonly ((params: Param[]) => unknown)[] = [
  (p) => sgd(p, { lr: 0.1, momentum: 0.9 }), (p) => adamW(p, { lr: 0.1 }), (p) => adam(p, { lr: 0.1, amsgrad: true }), (p) => rmsprop(p, { centered: true, momentum: 0.5 }), (p) => adagrad(p), (p) => adadelta(p), (p) => adamax(p), (p) => nadam(p),
  (p) => radam(p), (p) => lamb(p), (p) => lambTimm(p), (p) => larcAdam(p), (p) => lars(p, { lr: 0.1 }), (p) => madLlr(p, { lr: 0.1, warmup: 1 }),
  (p) => inTurn([{ steps: 2, optimizer: adamW(p, { lr: 0.1 }) }, { optimizer: sgd(p, { lr: 0.1, momentum: 0.9 }) }]),
];
const MAKERS = makers as readonly ((params: Param[]) => Optimizer)[];

function trained(make: (params: Param[]) => Optimizer, steps = 3): { params: Param[]; optimizer: Optimizer } {
  const params = model();
  const optimizer = make(params);
  for (let t = 0; t < steps; t++) train(params, optimizer);
  return { params, optimizer };
}

function train(params: readonly Param[], optimizer: Optimizer): void {
  for (const p of params) p.grad = p.data.map((x, i) => 0.3 * x + 0.1 * Math.sin(i));
  optimizer.step();
}

const isFinite = (params: readonly Param[]): boolean => params.every((p) => p.data.every(Number.isFinite));
type Tree = Record<string, unknown>;

/** What may stand where something else belongs. */
const nonsense = (rng: Draws): unknown => {
  const nullish: unknown = Object.create(null);
  const all: unknown[] = [
    undefined, null, NaN, Infinity, -Infinity, -1, 0.5, -0, 2 ** 53, 1e300, "", "1", "float32", true, 3n, Symbol("s"), {}, nullish, [], [2], [2, 3], [NaN], { 0: 1, length: 2 }, () => 1, new Map([["fc.weight", 1]]), new Set(), new Date(0), /x/,
    new Float32Array(2).fill(NaN), new Float32Array(6).fill(NaN), new Float64Array(2).fill(-1), new Float32Array(6).fill(-1), new Float64Array(2).fill(Infinity), new Float32Array(6), new Float64Array(2), new Int32Array(6), new Uint8Array(2), new BigInt64Array(2), new DataView(new ArrayBuffer(8)), new ArrayBuffer(24),
    { [Symbol.toStringTag]: "Float32Array", length: 6 }, new Proxy({}, {}), new Error("state"), JSON.parse('{"__proto__": {"version": 1}}') as unknown,
  ];
  return all[rng.below(all.length)];
};

/** The places in a state: every property of every object, and some elements of its arrays of numbers. */
function places(tree: Tree): (readonly [holder: Tree, key: string])[] {
  if (typeof tree["step"] === "function") return []; // an optimizer
  return Object.entries(tree).flatMap(([key, value]) => [[tree, key] as const, ...(typeof value === "object" && value !== null ? (ArrayBuffer.isView(value) ? [[value as unknown as Tree, "0"] as const] : places(value as Tree)) : [])]);
}

function damage(state: StateDict, rng: Draws): unknown {
  if (rng.below(40) === 0) return nonsense(rng);
  const all = places(state as unknown as Tree);
  const [holder, key] = all[rng.below(all.length)];
  const other = all[rng.below(all.length)];
  switch (rng.below(6)) {
    case 0:
      Reflect.deleteProperty(holder, key);
      break;
    case 1:
      if (ArrayBuffer.isView(holder)) return state;
      holder[`${key}x`] = holder[key];
      break;
    case 2:
      set(holder, key, other[0][other[1]]);
      break;
    case 3:
      return JSON.parse(JSON.stringify(state));
    default:
      set(holder, key, nonsense(rng));
  }
  return state;
}

function set(holder: Tree, key: string, value: unknown): void {
  if (!ArrayBuffer.isView(holder)) holder[key] = value;
  else if (typeof value === "number") (holder as unknown as Float64Array)[Number(key)] = value;
}

const isTyped = (error: unknown): boolean => error instanceof optim.OptimError && error.message.length > 10;

describe("a damaged state", () => {
  it(`is refused by name or trains on without NaN, and what is refused changes nothing (LLR_SEED=${FUZZ_SEED})`, { timeout: 300_000 }, () => {
    const rng = new Draws(FUZZ_SEED);
    const found = { refused: 0, taken: 0 };
    for (let i = 0; i < cases(300, 20_000); i++) {
      const make = MAKERS[i % MAKERS.length];
      const { params, optimizer } = trained(make, 1 + rng.below(4));
      const own = trained(make, rng.below(4)).optimizer;
      const before = JSON.stringify(own.stateDict());
      const state = damage(optimizer.stateDict(), rng);
      try {
        own.loadStateDict(state as StateDict);
      } catch (error) {
        expect(error, `case ${i}`).toSatisfy(isTyped);
        expect(JSON.stringify(own.stateDict()), `case ${i}`).toBe(before);
        found.refused++;
        continue;
      }
      found.taken++;
      const fresh = model();
      const resumed = make(fresh);
      resumed.loadStateDict(state as StateDict);
      for (let t = 0; t < 5; t++) train(fresh, resumed);
      expect(isFinite(fresh) && isFinite(params), `case ${i}`).toBe(true);
    }
    expect(found.refused).toBeGreaterThan(found.taken);
  });

  it(`of a plateau is refused by name, too (LLR_SEED=${FUZZ_SEED})`, () => {
    const rng = new Draws(FUZZ_SEED);
    for (let i = 0; i < cases(200, 4000); i++) {
      const plateau = reduceOnPlateau({ start: 0.1, patience: 1 });
      plateau.observe(1);
      const before = JSON.stringify(plateau.stateDict());
      const state = damage(plateau.stateDict() as never, rng);
      try {
        plateau.loadStateDict(state as never);
      } catch (error) {
        expect(error, `case ${i}`).toSatisfy(isTyped);
        expect(JSON.stringify(plateau.stateDict())).toBe(before);
        continue;
      }
      for (const metric of [3, 2, 2, 2]) plateau.observe(metric);
      expect(plateau.value(0)).toBeGreaterThanOrEqual(0);
    }
  });

  it(`in bytes is refused, whichever byte is other, cut off or too many (LLR_SEED=${FUZZ_SEED})`, { timeout: 300_000 }, () => {
    const rng = new Draws(FUZZ_SEED);
    const all = MAKERS.map((make) => stateBytes(trained(make).optimizer));
    for (let i = 0; i < cases(300, 20_000); i++) {
      const k = i % MAKERS.length;
      let bytes = all[k].slice();
      const at = rng.below(bytes.length);
      const kind = rng.below(4);
      if (kind === 0) bytes[at] ^= 1 << rng.below(8);
      else if (kind === 1) bytes = bytes.slice(0, at);
      else if (kind === 2) bytes = Uint8Array.from([...bytes.slice(0, at), rng.below(256), ...bytes.slice(at)]);
      else for (let n = 0; n < 4; n++) bytes[rng.below(bytes.length)] ^= 1 + rng.below(255);
      const own = MAKERS[k](model());
      expect(() => loadStateBytes(own, bytes), `case ${i}`).toThrow(expect.objectContaining({ code: "LLR_STATE" }));
      expect(own.stepCount).toBe(0);
    }
  });
});

describe("options, parameters and gradients of plain JavaScript", () => {
  const make = optim as unknown as Record<string, (...args: unknown[]) => unknown>;
  /** Calls that work, each as a list of arguments in which anything may be put in place of anything. */
  const CALLS: readonly (readonly [string, () => unknown[]])[] = [
    ...["sgd", "adamW", "lars", "larc", "lambTimm", "madLlr", "rmsprop", "nadam"].map((name) => [name, () => [model(), { lr: 0.1, weightDecay: 0.01, maximize: false, exclude: ["fc.bias"], groups: [{ params: "fc.w*", lr: 0.2, name: "g" }], layerScale: () => 1, kernels: {} }]] as const),
    ["oneCycle", () => [{ peak: 1, steps: 10, pctStart: 0.3, anneal: "cos", phases: 2 }]], ["cyclic", () => [{ base: 0.1, peak: 1, mode: "triangular2" }]], ["exponential", () => [{ start: 1, gamma: 0.5, steps: 2, staircase: true }]], ["multiStep", () => [{ start: 1, milestones: [2, 3], gamma: [0.5, 0.1] }]],
    ["piecewise", () => [[{ until: 3, start: 1, end: 2, curve: "cosine" }]]], ["phases", () => [[{ steps: 3, lr: [0.1, 1], momentum: { start: 0.1 } }, { steps: 2, lr: 0.1 }]]], ["join", () => [[1, 2], [3]]], ["warmUp", () => [1, { steps: 3 }]], ["clamp", () => [1, { min: 0, max: 1 }]], ["multiply", () => [1, 2]],
    ["reduceOnPlateau", () => [{ start: 1 }]], ["warmRestarts", () => [{ start: 1, period: 3 }]], ["layerRamp", () => [{ ratio: 2, steps: 3 }]], ["layerCycle", () => [{ ratio: 2, steps: 3, shape: "cosine" }]], ["spread", () => [0.1, 1]], ["discriminative", () => [2]], ["constant", () => [1]],
    ["clipByGlobalNorm", () => [[Float32Array.of(3, 4)], { maxNorm: 1, normType: 2, variant: "torch" }]], ["clipByLayerNorm", () => [withGradients(), { maxNorm: 1 }]], ["clipByValue", () => [withGradients(), 1]], ["clipAdaptively", () => [withGradients(), { clipping: 0.1 }]],
    ["inTurn", () => [[{ steps: 2, optimizer: sgd(model(), { lr: 0.1 }) }, { optimizer: sgd(model(), { lr: 0.1 }) }]]], ["param", () => ["w", [1, 2], [2]]],
    ["step", () => [{ "fc.weight": new Float32Array(6), "fc.bias": new Float64Array(2) }, undefined]], ["set", () => [{ lr: 0.2 }, "default"]],
  ];
  const withGradients = (): Param[] => model().map((p) => ({ ...p, grad: p.data.slice() }));
  make.step = (...args) => sgd(model(), { lr: 0.1 }).step(...(args as []));
  make.set = (...args) => sgd(model(), { lr: 0.1 }).set(...(args as [object]));

  it(`are refused by typed errors, or work (LLR_SEED=${FUZZ_SEED})`, { timeout: 300_000 }, () => {
    const rng = new Draws(FUZZ_SEED);
    for (let i = 0; i < cases(600, 20_000); i++) {
      const [name, sound] = CALLS[i % CALLS.length];
      const args = sound();
      const inside = places({ args } as Tree).filter(([, key]) => key !== "args" && key !== "optimizer");
      const [holder, key] = inside[rng.below(inside.length)];
      const bad = nonsense(rng);
      set(holder, key, bad);
      let error: unknown = null;
      try {
        make[name](...args);
      } catch (caught) {
        error = caught;
      }
      expect(error === null || isTyped(error), `case ${i}: ${name}, ${key}: ${String(error)}`).toBe(true);
    }
  });
});
