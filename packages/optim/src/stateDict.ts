import { StateError } from "./errors.ts";
import { dtypeOf, shapeOf, type DType, type FloatArray, type Param } from "./param.ts";
import { listed } from "./paramSelector.ts";
import type { Range } from "./range.ts";
import { show } from "./show.ts";
import type { ParamState } from "./updateRule.ts";

/** All that an optimizer remembers, by parameter name: plain data, which `stateBytes` makes bytes of, or any file format that can hold typed arrays. Options and schedules are code, and not in it. */
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
  /** Of those numbers, and elements of arrays, that may not be any finite number. */
  readonly ranges: Readonly<Record<string, Range>>;
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
  checkState(optimizer, dict, slots);
  for (const { name, state } of slots) {
    const saved = dict.params[name];
    Object.assign(state.numbers, saved.numbers);
    for (const key in state.arrays) state.arrays[key].set(saved.arrays[key]);
  }
  return dict.step;
}

/** Refuses what is no state at all, or not one of this optimizer. */
export function checkHeader(where: string, optimizer: string, dict: unknown): asserts dict is StateDict {
  const refuse = (problem: string): never => {
    throw new StateError(where, problem);
  };
  const { version, optimizer: writer, step, params } = isRecord(dict) ? dict : {};
  if (version !== 1) refuse(`the state has the version ${show(version)}. It needs what stateDict() returned, version 1.`);
  if (writer !== optimizer) refuse(`the state was saved by ${typeof writer === "string" ? writer : show(writer)}. It needs one saved by ${optimizer}.`);
  if (!Number.isSafeInteger(step) || (step as number) < 0) refuse(`the state counts ${show(step)} completed steps. It needs a whole number >= 0.`);
  if (!isRecord(params)) refuse(`the params of the state are ${show(params)}. It needs an object by the names of parameters.`);
}

/** Refuses a state that an optimizer with these parameters cannot go on from. */
export function checkState(optimizer: string, dict: unknown, slots: readonly Remembered[]): void {
  checkHeader(optimizer, optimizer, dict);
  const refuse = (problem: string): never => {
    throw new StateError(optimizer, problem);
  };
  const names = new Set(slots.map(({ name }) => name));
  const missing = [...names].filter((name) => !Object.hasOwn(dict.params, name));
  const unexpected = Object.keys(dict.params).filter((name) => !names.has(name));
  if (missing.length > 0) refuse(`the state has nothing for ${listed(missing)}. It needs every parameter of this optimizer.`);
  if (unexpected.length > 0) refuse(`the state has ${listed(unexpected)}, which this optimizer does not. It needs the parameters it was saved with.`);
  for (const slot of slots) {
    const problem = misfit(slot, dict.params[slot.name]);
    if (problem !== null) refuse(problem);
  }
}

function misfit({ name, param, state, ranges }: Remembered, saved: unknown): string | null {
  if (!isRecord(saved)) return `the state of ${name} is ${show(saved)}. It needs an object with shape, dtype, numbers and arrays.`;
  const dtype = dtypeOf(param.data)!;
  if (saved.dtype !== dtype) return `${name} was saved as ${typeof saved.dtype === "string" ? saved.dtype : show(saved.dtype)} and is ${dtype}. The types need to agree.`;
  const [shape, before] = [shapeOf(param), saved.shape];
  if (!Array.isArray(before)) return `${name} was saved with ${show(before)} as shape. It needs a list of numbers, [${shape.join(", ")}].`;
  if (before.length !== shape.length || before.some((n, i) => n !== shape[i]))
    return `${name} was saved with the shape [${before.map(show).join(", ")}] and has [${shape.join(", ")}]. The shapes need to agree.`;
  for (const kind of ["numbers", "arrays"] as const) {
    const given = saved[kind];
    if (!isRecord(given)) return `the saved ${kind} of ${name} are ${show(given)}. They need to be in an object.`;
    const here = Object.keys(state[kind]).sort().join(", ");
    const there = Object.keys(given).sort().join(", ");
    if (here !== there) return `the saved ${kind} of ${name} are {${there}}, this optimizer keeps {${here}}. They need to agree: were the options other ones?`;
  }
  for (const [key, value] of Object.entries(saved.numbers as object)) {
    const { needs, holds } = ranges[key] ?? finite;
    if (typeof value !== "number" || !holds(value)) return `${key} of ${name} is ${show(value)}. It needs ${needs}.`;
  }
  for (const [key, array] of Object.entries(saved.arrays as object)) {
    const problem = misfitOf(array, dtype, param.data.length, ranges[key] ?? finite);
    if (problem !== null) return `${key} of ${name} ${problem}`;
  }
  return null;
}

const finite: Range = { needs: "a finite number", holds: Number.isFinite };

function misfitOf(array: unknown, dtype: DType, length: number, { needs, holds }: Range): string | null {
  const type = dtypeOf(array);
  if (type === null) return `is ${show(array)}. It needs ${dtype} of length ${length}. JSON keeps no typed arrays: stateBytes() does.`;
  const numbers = array as FloatArray;
  if (type !== dtype || numbers.length !== length) return `has ${type} of length ${numbers.length}. It needs ${dtype} of length ${length}.`;
  const bad = numbers.findIndex((x: number) => !(Number.isFinite(x) && holds(x)));
  return bad < 0 ? null : `holds ${numbers[bad]} in place ${bad}. It needs ${needs} there.`;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value);
}

function mapValues<T>(record: Readonly<Record<string, T>>, of: (value: T) => T): Record<string, T> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, of(value)]));
}
