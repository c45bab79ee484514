// What of a saved state goes where: names, their other spelling, and what is left out on purpose.
import type { DType, PinnedTensor, Shape } from "@llr/tensor";
import { describe } from "@llr/tensor/engine";
import { fits } from "./freezing.ts";
import { checkForm, checkNumbers, type LoadReport, type LoadStateOptions, type ModelState, ModelStateError } from "./modelState.ts";

/** A place in the model that a state can fill. */
export interface Stored {
  readonly name: string;
  /** How PyTorch spells it: all paths of a parameter that is used in several places, as a decoder tied to its encoder. */
  readonly pytorchNames: readonly string[];
  readonly shape: Shape;
  readonly dtype: DType;
  readonly holds: PinnedTensor["holds"];
  snapshot(): Float32Array | Float64Array;
  load(saved: ModelState[string]): void;
}

/** PyTorch spells buffers in snake case: `norm1.running_mean` is `norm1.runningMean` here. */
export function pytorchBufferName(name: string): string {
  const start = name.lastIndexOf(".") + 1;
  return name.slice(0, start) + name.slice(start).replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

export interface LoadPlan {
  readonly pairs: readonly { readonly entry: Stored; readonly saved: ModelState[string] }[];
  readonly report: LoadReport;
}

/**
 * Checks the whole state before any of it is taken.
 *
 * @throws ModelStateError
 */
export function planLoad(own: readonly Stored[], state: ModelState, options: LoadStateOptions): LoadPlan {
  checkForm(state);
  const stranger = Object.keys(options).find((key) => key !== "except" && key !== "nonFinite");
  if (stranger !== undefined) throw new ModelStateError(`${stranger} is not an option. It knows except and nonFinite.`);
  const patterns = [options.except ?? []].flat();
  const odd: unknown = patterns.find((pattern) => typeof pattern !== "string");
  if (odd !== undefined) throw new ModelStateError(`except holds ${describe(odd)}. It needs names, or patterns with *.`);
  const isExcepted = (names: readonly string[]): boolean => patterns.some((pattern) => names.some((name) => fits(pattern, name)));
  const known = new Map([...own.flatMap((entry) => entry.pytorchNames.map((name) => [name, entry] as const)), ...own.map((entry) => [entry.name, entry] as const)]);
  const names = own.map(({ name }) => name).join(", ");
  const unexpected: string[] = [];
  const found = new Map<Stored, string>();
  for (const key of Object.keys(state)) {
    const entry = known.get(key);
    if (isExcepted([key, entry?.name ?? key])) unexpected.push(key);
    else if (entry === undefined) throw new ModelStateError(`the state holds ${key}, which the model does not have. Its parameters are ${names}. To leave it out: { except: ${JSON.stringify(key)} }.`);
    else if (!found.has(entry)) found.set(entry, key);
    else if (!equal(state[found.get(entry)!], state[key])) throw new ModelStateError(`the state holds ${found.get(entry)!} and ${key}, which are one array in the model, with different numbers. It needs one of them, or both alike.`);
  }
  const isLeft = (entry: Stored): boolean => isExcepted([entry.name, ...entry.pytorchNames]);
  const missing = own.filter(isLeft).map(({ name }) => name);
  const pairs = own.filter((entry) => !isLeft(entry)).map((entry) => ({ entry, saved: savedFor(entry) }));
  const unused = patterns.find((pattern) => ![...missing, ...unexpected].some((name) => fits(pattern, name) || known.get(name)?.pytorchNames.some((other) => fits(pattern, other))));
  if (unused !== undefined) throw new ModelStateError(`except, ${unused}, fits nothing of the model or the state. The model has ${names}; * stands for any characters.`);
  for (const { entry, saved } of pairs) checkNumbers(entry, saved.data, options);
  return { pairs, report: { loaded: pairs.map(({ entry }) => entry.name), missing, unexpected } };

  function savedFor(entry: Stored): ModelState[string] {
    const { name, shape } = entry;
    const key = found.get(entry);
    if (key === undefined) throw new ModelStateError(`the state lacks ${name}. Save all of ${names}. To leave it as it is: { except: ${JSON.stringify(name)} }.`);
    const saved = state[key];
    if (saved.shape.length !== shape.length || saved.shape.some((n, i) => n !== shape[i]))
      throw new ModelStateError(`${name} has shape [${shape.join(", ")}], the saved one [${saved.shape.join(", ")}] (${saved.data.length} numbers). Load it into the model that it was saved from; to leave it as it is: { except: ${JSON.stringify(name)} }.`);
    return saved;
  }
}

const equal = (a: ModelState[string], b: ModelState[string]): boolean =>
  a.shape.length === b.shape.length && a.shape.every((n, i) => n === b.shape[i]) && a.data.every((x, i) => Object.is(x, b.data[i]));
