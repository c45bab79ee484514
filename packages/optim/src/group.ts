import { OptionError } from "./errors.ts";
import { completeOptions, evaluate, DEFAULT_GROUP, type CommonOptions, type CompleteOptions, type CompleteValues } from "./options.ts";
import { dtypeOf, shapeOf, type Param } from "./param.ts";
import { select, type ParamSelector } from "./paramSelector.ts";
import { show } from "./range.ts";
import type { UpdateRule } from "./updateRule.ts";

/** Some of the parameters, with options of their own; what is not given is the optimizer's. */
export type GroupOptions<Options> = Partial<Options> & {
  /** For messages, tables and `set`; left out, the pattern itself or `group 1`, `group 2` ... */
  readonly name?: string;
  readonly params: ParamSelector;
};

/** A group at run time. */
export interface Group<Options> {
  readonly name: string;
  /** Replaced as a whole by `set`. */
  options: CompleteOptions<Options>;
  /** The options at the present step. */
  values: CompleteValues<Options>;
}

/** The parameters by name, in the order given. Their arrays are not touched. */
export function paramsByName(where: string, params: Iterable<Param>): Map<string, Param> {
  const byName = new Map<string, Param>();
  for (const param of params) {
    const { name } = param;
    if (typeof name !== "string" || name === "") throw new OptionError(where, "params", `parameter ${byName.size} has the name ${show(name)}. It needs a text: state is kept by name.`);
    if (byName.has(name)) throw new OptionError(where, "params", `two parameters are named ${name}. Names need to be unique within an optimizer.`);
    byName.set(name, param);
  }
  if (byName.size === 0)
    throw new OptionError(where, "params", "the list of parameters is empty. It needs at least one; an iterator that was already used up counts as empty.");
  return byName;
}

/** Refuses a parameter whose array is none, or not of its shape. */
export function checkArray(where: string, param: Param): Param {
  const { name, data } = param;
  if (dtypeOf(data) === null) throw new OptionError(where, "params", `the data of ${name} is ${show(data)}. It needs a Float32Array or a Float64Array.`);
  const size = shapeOf(param).reduce((a, b) => a * b, 1);
  if (size !== data.length) throw new OptionError(where, "params", `${name} has ${data.length} values and the shape [${shapeOf(param).join(", ")}] of ${size}. They need to agree.`);
  return param;
}

/** Each parameter's group. The options of a group are the optimizer's, overridden by its own. */
export function groupsByParam<Options extends CommonOptions>(
  rule: UpdateRule<Options>,
  params: ReadonlyMap<string, Param>,
  common: Partial<Options>,
  listed: readonly GroupOptions<Options>[],
): Map<Param, Group<Options>> {
  const make = (name: string, given: Partial<Options>): Group<Options> => {
    const options = completeOptions(rule, given, 0, name);
    return { name, options, values: evaluate(rule, options, 0, name) };
  };
  const groupOf = new Map<Param, Group<Options>>();
  const names = new Set([DEFAULT_GROUP]);
  for (const [index, { name: given, params: selector, ...overrides }] of listed.entries()) {
    const name = given ?? (typeof selector === "string" ? selector : `group ${index + 1}`);
    if (names.has(name)) throw new OptionError(rule.name, "groups", `two groups are named ${show(name)}. Each group needs a name of its own.`);
    names.add(name);
    const group = make(name, { ...common, ...(overrides as unknown as Partial<Options>) });
    for (const param of select(rule.name, `params of group ${show(name)}`, selector, params)) {
      const other = groupOf.get(param);
      if (other) throw new OptionError(rule.name, "groups", `${param.name} is in group ${show(other.name)} and in group ${show(name)}. A parameter belongs to one group.`);
      groupOf.set(param, group);
    }
  }
  const rest = [...params.values()].filter((param) => !groupOf.has(param));
  if (rest.length > 0) {
    const group = make(DEFAULT_GROUP, common);
    for (const param of rest) groupOf.set(param, group);
  }
  return groupOf;
}
