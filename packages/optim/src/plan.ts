import { OptionError } from "./errors.ts";
import { groupsByParam, paramsByName, type Group } from "./group.ts";
import { constantRate } from "./layerRates/constant.ts";
import type { LayerPosition } from "./layerScales/layerScale.ts";
import { namesOfFunctions } from "./named.ts";
import { noticeOnce } from "./notice.ts";
import type { GroupSummary, SharedOptions } from "./optimizer.ts";
import { checkKeys, givenOf } from "./optionKeys.ts";
import { completeOptions, evaluate, optionNames, type CommonOptions } from "./options.ts";
import { layerOf, shapeOf, type Param } from "./param.ts";
import { isExclusion, select, vectors, type Exclusion } from "./paramSelector.ts";
import { atLeastZero, checkRange, show, type Range } from "./range.ts";
import type { AtStep, LayerRate, NonFinitePolicy, UpdateRule, Values } from "./updateRule.ts";

const SHARED_OPTIONS = ["groups", "exclude", "layerScale", "maximize", "nonFinite", "kernels"];
const KERNELS = new Set(["allocate", "norm", "momentum", "adam", "trackMean"]);

/** What the options say of one parameter. */
export interface Planned<Options> {
  readonly param: Param;
  /** Its name at construction: records and state go by it, whatever the parameter is called later. */
  readonly name: string;
  readonly layer: LayerPosition;
  readonly group: Group<Options>;
  /** From weight decay. */
  readonly excluded: boolean;
  readonly layerRate: LayerRate<Values<Options> & AtStep>;
}

/** An optimizer's options over its parameters: checked, with groups, exclusions, schedules and layer scales resolved. */
export interface Plan<Options> {
  /** In the order given. */
  readonly params: readonly Planned<Options>[];
  readonly byName: ReadonlyMap<string, Param>;
  readonly maximize: boolean;
  readonly nonFinite: NonFinitePolicy;
  /** Sets each group's values to those of step `t`. */
  evaluateAt(t: number): void;
  scaleAt(planned: Planned<Options>, t: number): number;
  /** Names of the state that a parameter needs. */
  stateOf(planned: Planned<Options>): { readonly arrays: readonly string[]; readonly numbers: readonly string[]; readonly ranges: Readonly<Record<string, Range>> };
  set(changes: Partial<Options>, group: string | undefined, t: number): void;
  summaryAt(t: number): readonly GroupSummary[];
}

/**
 * The part of an optimizer that touches no array, for step loops elsewhere than in memory: the same checks, in the same words.
 * Not for users; `createOptimizer` is the loop that uses it here.
 */
export function planOptimizer<Options extends CommonOptions>(rule: UpdateRule<Options>, params: Iterable<Param>, given: Options & SharedOptions<Options>): Plan<Options> {
  const allNames = [...optionNames(rule), ...SHARED_OPTIONS];
  checkKeys(rule.name, given, allNames);
  const { groups: groupList = [], exclude = rule.exclude ?? [], layerScale, maximize = false, nonFinite = rule.nonFinite ?? "propagate", kernels = {}, ...common } = { ...given, ...rule.derivedOptions?.(given) };
  if (!["propagate", "skip", "throw"].includes(nonFinite))
    throw new OptionError(rule.name, "nonFinite", `nonFinite is ${show(nonFinite)}. It needs "propagate", "skip" or "throw".`);
  checkShared();
  const byName = paramsByName(rule.name, params);
  const planned = planParams();
  const groups = [...new Set(planned.map(({ group }) => group))];

  function checkShared(): void {
    const refuse = (option: string, value: unknown, needs: string): never => {
      throw new OptionError(rule.name, option, `${option} is ${show(value)}. It needs ${needs}.`);
    };
    if (!Array.isArray(groupList)) refuse("groups", groupList, "a list of groups, [{ params, ...options }]");
    if (layerScale !== undefined && typeof layerScale !== "function") refuse("layerScale", layerScale, "a function of layer and step, such as spread(0.1, 1)");
    if (typeof maximize !== "boolean") refuse("maximize", maximize, "true or false");
    if (isExclusion(exclude)) checkKeys(rule.name, exclude, ["decay", "trust"], "the exclusions");
    if (typeof kernels !== "object" || kernels === null) refuse("kernels", kernels, "an object of loops, such as simdUpdates");
    for (const [name, kernel] of Object.entries(kernels)) if (KERNELS.has(name) && kernel !== undefined && typeof kernel !== "function") refuse(`kernels.${name}`, kernel, "a function");
  }

  function planParams(): Planned<Options>[] {
    const groupOf = groupsByParam(rule, byName, common as unknown as Partial<Options>, groupList);
    const fromDecay = excludedFrom("decay");
    const fromTrust = excludedFrom("trust");
    const layers = new Map([...new Set([...byName.values()].map(layerOf))].map((name, index, all) => [name, { name, index, count: all.length }]));
    return [...byName].map(([name, param]) => ({
      param,
      name,
      layer: layers.get(layerOf(param))!,
      group: groupOf.get(param)!,
      excluded: fromDecay.has(param),
      layerRate: fromTrust.has(param) ? constantRate : rule.layerRate,
    }));
  }

  function excludedFrom(what: keyof Exclusion): ReadonlySet<Param> {
    const selector = isExclusion(exclude) ? exclude[what] : exclude;
    if (selector === vectors && byName.size > 0 && [...byName.values()].every((param) => param.shape === undefined))
      noticeOnce(`${rule.name}: no parameter has a shape, so nothing is excluded by shape, and biases are treated as weights are. Give parameters their shape, or exclude by name ([] for none).`);
    return selector === undefined ? new Set() : select(rule.name, isExclusion(exclude) ? `exclude.${what}` : "exclude", selector, byName);
  }

  function scaleAt({ layer }: Planned<Options>, t: number): number {
    if (layerScale === undefined) return 1;
    const scale = layerScale(layer, t);
    checkRange(rule.name, "layerScale", scale, atLeastZero, ` for layer ${layer.name} at step ${t}`);
    return scale;
  }

  function set(changes: Partial<Options>, groupName: string | undefined, t: number): void {
    checkKeys(rule.name, changes, optionNames(rule));
    const chosen = groups.filter((group) => groupName === undefined || group.name === groupName);
    if (chosen.length === 0)
      throw new OptionError(rule.name, "group", `there is no group ${show(groupName)}. The groups are ${groups.map((group) => show(group.name)).join(", ")}.`);
    const changed = chosen.map((group) => completeOptions(rule, { ...group.options, ...givenOf(changes) }, t, group.name));
    for (const [i, group] of chosen.entries()) group.options = changed[i];
  }

  function summary(group: Group<Options>, t: number): GroupSummary {
    const values = evaluate(rule, group.options, t, group.name);
    const members = planned.filter((p) => p.group === group);
    const params = members.map((p) => ({ name: p.name, layer: p.layer.name, shape: shapeOf(p.param), lr: values.lr * scaleAt(p, t), excluded: p.excluded }));
    const hypers: Record<string, unknown> = { ...group.options, weightDecay: group.options.weightDecay.value, layerScale };
    const schedules = namesOfFunctions([...Object.keys(rule.ranges), "layerScale"].map((option) => [option, hypers[option]]));
    return { name: group.name, values, schedules, decayKind: group.options.weightDecay.kind, params };
  }

  return {
    params: planned,
    byName,
    maximize,
    nonFinite,
    evaluateAt(t) {
      for (const group of groups) group.values = evaluate(rule, group.options, t, group.name);
    },
    scaleAt,
    stateOf: ({ group, layerRate }) => ({
      arrays: [...rule.direction.state.arrays(group.options), ...layerRate.state.arrays(group.options)],
      numbers: [...rule.direction.state.numbers, ...layerRate.state.numbers],
      ranges: { ...rule.direction.state.ranges, ...layerRate.state.ranges },
    }),
    set,
    summaryAt: (t) => groups.map((group) => summary(group, t)),
  };
}
