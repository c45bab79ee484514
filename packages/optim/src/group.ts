import { OptionError } from "./errors.ts";
import { checkKeys, givenOf } from "./optionKeys.ts";
import { completeOptions, evaluate, DEFAULT_GROUP, optionNames, type CommonOptions, type CompleteOptions, type CompleteValues } from "./options.ts";
import { checkParam, type Param } from "./param.ts";
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
  if (typeof params !== "object" || params === null || ArrayBuffer.isView(params) || !(Symbol.iterator in params))
    throw new OptionError(where, "params", `the parameters are ${show(params)}. It needs a list of them, such as [param("w", data)] or model.parameters().`);
  const byName = new Map<string, Param>();
  for (const param of params) {
    const { name } = checkParam(where, "params", param, `parameter ${byName.size}`);
    if (byName.has(name)) throw new OptionError(where, "params", `two parameters are named ${name}. Names need to be unique within an optimizer.`);
    byName.set(name, param);
  }
  if (byName.size === 0)
    throw new OptionError(where, "params", "the list of parameters is empty. It needs at least one; an iterator that was already used up counts as empty.");
  return byName;
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
  for (const [index, entry] of listed.entries()) {
    checkKeys(rule.name, entry, [...optionNames(rule), "params", "name"], `those of group ${index + 1}`);
    const { name: given, params: selector, ...overrides } = entry;
    if (given !== undefined && typeof given !== "string") throw new OptionError(rule.name, "groups", `the name of group ${index + 1} is ${show(given)}. It needs a text.`);
    const name = given ?? (typeof selector === "string" ? selector : `group ${index + 1}`);
    if (names.has(name)) throw new OptionError(rule.name, "groups", `two groups are named ${show(name)}. Each group needs a name of its own.`);
    names.add(name);
    const group = make(name, { ...common, ...givenOf(overrides as unknown as Partial<Options>) });
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
