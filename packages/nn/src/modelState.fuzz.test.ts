// Damaged states, given as objects and as safetensors files: refused by a typed error with the model as it was, or taken
// whole, and then every number in the model is one that makes sense there.
import { describe, expect, it } from "vitest";
import { Rng, scope, tensor } from "@llr/tensor";
import { cases, FUZZ_SEED } from "../../../tools/fuzz.ts";
import { BatchNorm1d, Embedding, Linear, type ModelState, readSafetensors, ReLU, saveSafetensors, Sequential, weightsOf } from "./index.ts";

const rng = new Rng(FUZZ_SEED).stream("model states");
const build = () => new Sequential({ fc1: new Linear(3, 4, { rng: new Rng(1) }), bn1: new BatchNorm1d(4), relu: new ReLU(), fc2: new Linear(4, 2, { rng: new Rng(2), bias: false, dtype: "f32" }) });
const model = build();
const sound = model.stateDict();
const names = Object.keys(sound);
const pick = <T>(list: readonly T[]): T => list[rng.integer(list.length)];
const nonsense = (): never => pick([undefined, null, NaN, -1, 0.5, 2 ** 53, Infinity, "4", "", [], {}, [NaN], [-1], [0.5], [1e300, 1e300], [[4]], [null], true, () => 4, new Date(0), new Map(), new Uint8Array(4), new BigInt64Array(4), new DataView(new ArrayBuffer(8)), Symbol("s"), 4n]) as never;
const badNumber = (): number => pick([NaN, Infinity, -Infinity, 1e300, -0.5, 0.5, -1, 2 ** 60]);

type Damaged = Record<string, { shape: number[]; data: Float32Array | Float64Array }>;

/** Each makes another kind of damage, in place, in a copy. */
const damages: readonly ((state: Damaged, name: string) => unknown)[] = [
  (state, name) => { state[name] = nonsense(); },
  (state, name) => { state[name].shape = nonsense(); },
  (state, name) => { state[name].data = nonsense(); },
  (state, name) => { state[name].data.fill(NaN); },
  (state, name) => { state[name].data[rng.integer(state[name].data.length)] = badNumber(); },
  (state, name) => { state[name].data = Float64Array.from({ length: state[name].data.length }, badNumber); },
  (state, name) => { state[name].data = [...state[name].data] as never; },
  (state, name) => { state[name] = JSON.parse(JSON.stringify(state[name])) as never; },
  (state, name) => { state[name].data = state[name].data.subarray(rng.integer(2)); },
  (state, name) => { state[name].shape = [...state[name].shape, pick([0, 1, 2, NaN])]; },
  (state, name) => { state[name].shape = state[name].shape.toReversed(); },
  (state, name) => { Reflect.deleteProperty(state, name); },
  (state, name) => { state[`${name}.`] = state[name]; },
  (state, name) => { state[name] = state[pick(names)]; },
  (state, name) => { Object.setPrototypeOf(state, { [name]: state[name] }); Reflect.deleteProperty(state, name); },
  (state) => pick([state, nonsense(), Object.values(state), new Map(Object.entries(state)), null]),
];

const makesSense = ([name, { data }]: [string, ModelState[string]]) => data.every(Number.isFinite) && (!/Var|var/.test(name) || data.every((x) => x >= 0)) && (!/racked/.test(name) || data.every((x) => Number.isInteger(x) && x >= 0));
const typed = (error: unknown) => /^LLR_(?!INTERNAL)/.test((error as { code?: string }).code ?? "");

/** Loads, and looks at what came of it. Returns whether it was taken. */
function survive(load: () => void): boolean {
  model.loadStateDict(sound);
  try {
    load();
  } catch (error) {
    if (!typed(error)) throw error;
    expect(model.stateDict()).toEqual(sound);
    return false;
  }
  const taken = Object.entries(model.stateDict());
  expect(taken.filter((entry) => !makesSense(entry)).map(([name]) => name)).toEqual([]);
  return true;
}

describe("damaged model states", () => {
  it("given as objects", () => {
    let refused = 0;
    const total = cases(2_000, 80_000);
    for (let i = 0; i < total; i++) {
      let state = structuredClone(sound) as unknown;
      for (let n = 1 + rng.integer(2); n > 0 && typeof state === "object" && state !== null; n--) {
        try {
          state = pick(damages)(state as Damaged, pick(names)) ?? state;
        } catch {} // one damage took away what the other would have damaged
      }
      if (!survive(() => model.loadStateDict(state as ModelState))) refused++;
    }
    expect(refused).toBeGreaterThan(total / 2);
  });

  it("as safetensors files with bytes changed, left out and put in", () => {
    const file = saveSafetensors(sound, { metadata: { format: "pt" } });
    for (let i = 0, total = cases(1_000, 60_000); i < total; i++) {
      let bytes = file.slice();
      for (let n = 1 + rng.integer(3); n > 0; n--) {
        const at = rng.integer(bytes.length);
        if (rng.uniform() < 0.7) bytes[at] = rng.integer(256);
        else bytes = Uint8Array.of(...bytes.subarray(0, at), ...bytes.subarray(at + rng.integer(3) - 1));
      }
      survive(() => model.loadStateDict(weightsOf(readSafetensors(bytes))));
    }
    for (let i = 0; i < 200; i++) survive(() => model.loadStateDict(weightsOf(readSafetensors(nonsense()))));
  });

  it("a sound state is taken, and gives the numbers that it was taken from; non-finite parameters on request", () => {
    const other = build();
    const x = tensor([[1, 2, 3]]);
    const y = scope(() => model.forward(x).toArray());
    other.loadStateDict(weightsOf(readSafetensors(saveSafetensors(sound))));
    expect(scope(() => other.forward(x).toArray())).toEqual(y);
    const diverged = { ...sound, "fc2.weight": { shape: [2, 4], data: new Float32Array(8).fill(NaN) } };
    expect(() => other.loadStateDict(diverged)).toThrow("fc2.weight is NaN at position 0");
    other.loadStateDict(diverged, { nonFinite: "propagate" });
    expect(other.stateDict()["fc2.weight"].data.every(Number.isNaN)).toBe(true);
    const table = new Embedding(3, 2, { rng: new Rng(1) });
    expect(() => table.loadStateDict({ weight: { shape: [3, 2], data: Float64Array.of(1, 2, 3, 4, 5, 1e39) } })).toThrow("weight is 1e+39 at position 5, which f32 does not hold");
  });
});
