import { StateError } from "./errors.ts";
import { dtypeOf, shapeOf, type DType, type FloatArray, type Param } from "./param.ts";
import { listed } from "./paramSelector.ts";
import type { ParamState } from "./updateRule.ts";

/** All that an optimizer remembers, by parameter name: plain data, ready for any file format that can hold typed arrays. Options and schedules are code, and not in it. */
export interface StateDict {
  readonly version: 1;
  /** The preset that wrote it: `sgd`, `adamW` ... */
  readonly optimizer: string;
  /** Completed steps. */
  readonly step: number;
  readonly params: Readonly<Record<string, ParamStateDict>>;
}

export interface ParamStateDict {
  readonly shape: readonly number[];
  readonly dtype: DType;
  readonly numbers: Readonly<Record<string, number>>;
  readonly arrays: Readonly<Record<string, FloatArray>>;
}

interface Remembered {
  readonly name: string;
  readonly param: Param;
  readonly state: ParamState;
}

/** A copy: later steps do not change it. */
export function saveState(optimizer: string, step: number, slots: readonly Remembered[]): StateDict {
  const params = slots.map(({ name, param, state }) => {
    const arrays = mapValues(state.arrays, (array) => array.slice());
    return [name, { shape: [...shapeOf(param)], dtype: dtypeOf(param.data)!, numbers: { ...state.numbers }, arrays }] as const;
  });
  return { version: 1, optimizer, step, params: Object.fromEntries(params) };
}

/** Copies a saved state in, after all of it was found to fit. Returns the completed steps. */
export function loadState(optimizer: string, dict: StateDict, slots: readonly Remembered[]): number {
  const refuse = (problem: string): never => {
    throw new StateError(optimizer, problem);
  };
  if (typeof dict !== "object" || dict === null || dict.version !== 1) refuse(`the state has the version ${String(dict?.version)}. It needs what stateDict() returned, version 1.`);
  if (dict.optimizer !== optimizer) refuse(`the state was saved by ${String(dict.optimizer)}. It needs one saved by ${optimizer}.`);
  if (!Number.isSafeInteger(dict.step) || dict.step < 0) refuse(`the state counts ${String(dict.step)} completed steps. It needs a whole number >= 0.`);
  const names = new Set(slots.map(({ name }) => name));
  const missing = [...names].filter((name) => !Object.hasOwn(dict.params, name));
  const unexpected = Object.keys(dict.params).filter((name) => !names.has(name));
  if (missing.length > 0) refuse(`the state has nothing for ${listed(missing)}. It needs every parameter of this optimizer.`);
  if (unexpected.length > 0) refuse(`the state has ${listed(unexpected)}, which this optimizer does not. It needs the parameters it was saved with.`);
  for (const slot of slots) {
    const problem = misfit(slot, dict.params[slot.name]);
    if (problem !== null) refuse(problem);
  }
  for (const { name, state } of slots) {
    const saved = dict.params[name];
    Object.assign(state.numbers, saved.numbers);
    for (const key in state.arrays) state.arrays[key].set(saved.arrays[key]);
  }
  return dict.step;
}

function misfit({ name, param, state }: Remembered, saved: ParamStateDict): string | null {
  const dtype = dtypeOf(param.data);
  if (saved.dtype !== dtype) return `${name} was saved as ${String(saved.dtype)} and is ${dtype}. The types need to agree.`;
  if (String(saved.shape) !== String(shapeOf(param)))
    return `${name} was saved with the shape [${saved.shape.join(", ")}] and has [${shapeOf(param).join(", ")}]. The shapes need to agree.`;
  for (const kind of ["numbers", "arrays"] as const) {
    const here = Object.keys(state[kind]).sort().join(", ");
    const there = Object.keys(saved[kind]).sort().join(", ");
    if (here !== there) return `the saved ${kind} of ${name} are {${there}}, this optimizer keeps {${here}}. They need to agree: were the options other ones?`;
  }
  for (const [key, value] of Object.entries(saved.numbers)) if (!Number.isFinite(value)) return `${key} of ${name} is ${String(value)}. It needs a finite number.`;
  for (const [key, array] of Object.entries(saved.arrays))
    if (dtypeOf(array) !== dtype || array.length !== param.data.length) return `${key} of ${name} has ${dtypeOf(array) ?? "no floats"} of length ${array?.length}. It needs ${dtype} of length ${param.data.length}.`;
  return null;
}

function mapValues<T>(record: Readonly<Record<string, T>>, of: (value: T) => T): Record<string, T> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, of(value)]));
}
