import { OptionError } from "./errors.ts";
import { show } from "./range.ts";
import type { Param } from "./param.ts";

/**
 * Names some of an optimizer's parameters: a name in which `*` stands for any characters (`"conv*.weight"`), a regular
 * expression on the name, a list of such names and of parameters, or a function that is asked about each parameter.
 */
export type ParamSelector = string | RegExp | readonly (string | Param)[] | ((param: Param) => boolean);

/** What is spared weight decay, and what the layer rate; what is left out spares nothing. */
export interface Exclusion {
  readonly decay?: ParamSelector;
  readonly trust?: ParamSelector;
}

export function isExclusion(exclude: ParamSelector | Exclusion): exclude is Exclusion {
  if (typeof exclude !== "object" || exclude === null || exclude instanceof RegExp) return false;
  return "decay" in exclude || "trust" in exclude;
}

/**
 * Selects biases and the scales and shifts of normalisation: every parameter whose `shape` has at most one axis. They are
 * usually spared weight decay and trust ratios. A parameter without a `shape` is not selected, since its rank is unknown.
 *
 * @example
 * import { adamW, vectors } from "@llr/optim";
 * const params = [
 *   { name: "fc.weight", data: new Float32Array(6), grad: null, shape: [2, 3] },
 *   { name: "fc.bias", data: new Float32Array(2), grad: null, shape: [2] },
 * ];
 * const optimizer = adamW(params, { groups: [{ name: "no decay", params: vectors, weightDecay: 0 }] });
 * optimizer.groups.map((g) => `${g.name}: ${g.params.map((p) => p.name)}`) // => ["default: fc.weight", "no decay: fc.bias"]
 */
export function vectors(param: Param): boolean {
  return param.shape !== undefined && param.shape.length <= 1;
}

/**
 * The selected ones among `params`, keyed by name. A name, pattern or parameter that selects nothing is refused: it is a
 * typing error, not a wish. A function may select nothing.
 */
export function select(where: string, option: string, selector: ParamSelector, params: ReadonlyMap<string, Param>): ReadonlySet<Param> {
  if (typeof selector === "function") return new Set([...params.values()].filter(selector));
  const parts = typeof selector === "string" || selector instanceof RegExp ? [selector] : selector;
  if (!Array.isArray(parts))
    throw new OptionError(where, option, `${option} is ${show(selector)}. It needs a name or pattern, a RegExp, a list of names or parameters, or a function.`);
  const selected = new Set<Param>();
  for (const part of parts as readonly (string | RegExp | Param)[]) {
    const found = selectedBy(part, params);
    if (found.length === 0)
      throw new OptionError(where, option, `${option} names ${label(part)}, which is none of the parameters: ${listed([...params.keys()])}.`);
    for (const param of found) selected.add(param);
  }
  return selected;
}

function selectedBy(part: string | RegExp | Param, params: ReadonlyMap<string, Param>): Param[] {
  if (part instanceof RegExp || (typeof part === "string" && part.includes("*"))) {
    const pattern = part instanceof RegExp ? part : wildcard(part);
    return [...params.values()].filter((param) => param.name.search(pattern) >= 0);
  }
  if (typeof part !== "string" && typeof part?.name !== "string") return [];
  const param = params.get(typeof part === "string" ? part : part.name);
  return param !== undefined && (typeof part === "string" || part === param) ? [param] : [];
}

function wildcard(pattern: string): RegExp {
  const literal = pattern.split("*").map((text) => text.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`));
  return new RegExp(`^${literal.join(".*")}$`, "s");
}

function label(part: string | RegExp | Param): string {
  if (part instanceof RegExp) return String(part);
  return typeof part === "string" || typeof part?.name !== "string" ? show(part) : `the parameter ${show(part.name)}`;
}

/** The first few of many names, for messages. */
export function listed(names: readonly string[], most: number = 8): string {
  const rest = names.length - most;
  return names.slice(0, most).join(", ") + (rest > 0 ? ` and ${rest} more` : "");
}
