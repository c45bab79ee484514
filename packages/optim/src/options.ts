import { OptionError } from "./errors.ts";
import { valueAt, type Hyper } from "./hyper.ts";
import { checkKeys, givenOf } from "./optionKeys.ts";
import { checkRange, show, type Range } from "./range.ts";
import type { AtStep, UpdateRule, Values } from "./updateRule.ts";
import type { WeightDecay } from "./weightDecay.ts";

/** Every optimizer has at least these two. */
export interface CommonOptions {
  readonly lr?: Hyper;
  readonly weightDecay?: Hyper | WeightDecay;
}

/** Options of one group with nothing left open: defaults filled in, the kind of weight decay named. */
export type CompleteOptions<Options> = Required<Options> & { readonly weightDecay: WeightDecay };

export type CompleteValues<Options> = Values<Options> & AtStep & { readonly lr: number; readonly weightDecay: number };

/** The options that a rule has. */
export function optionNames(rule: { readonly ranges: object; readonly defaults: object }): string[] {
  return [...new Set([...Object.keys(rule.ranges), ...Object.keys(rule.defaults)])];
}

/** Fills in the defaults and refuses what is unknown, missing, out of range at step `t`, or wrong in combination. */
export function completeOptions<Options extends CommonOptions>(rule: UpdateRule<Options>, given: Partial<Options>, t: number, group: string): CompleteOptions<Options> {
  checkKeys(rule.name, given, optionNames(rule));
  const options: Record<string, unknown> = { ...rule.defaults, ...givenOf(given) };
  for (const [option, value] of Object.entries(rule.defaults))
    if (typeof value === "boolean" && typeof options[option] !== "boolean") throw new OptionError(rule.name, option, `${option} is ${show(options[option])}${inGroup(group)}. It needs true or false.`);
  const { weightDecay } = options;
  options.weightDecay = isWeightDecay(weightDecay) ? weightDecay : { kind: rule.plainDecay, value: weightDecay };
  const complete = options as CompleteOptions<Options>;
  evaluate(rule, complete, t, group);
  const refusal = rule.refusal?.(complete);
  if (refusal) throw new OptionError(rule.name, refusal.option, `${refusal.problem}${inGroup(group)}`);
  return complete;
}

function isWeightDecay(value: unknown): value is WeightDecay {
  return typeof value === "object" && value !== null && "kind" in value && (value.kind === "l2" || value.kind === "decoupled");
}

/** The options as they are at step `t`: each schedule is called once, and what it returns is checked. */
export function evaluate<Options extends CommonOptions>(rule: UpdateRule<Options>, options: CompleteOptions<Options>, t: number, group: string): CompleteValues<Options> {
  const values: Record<string, unknown> = { ...options, t };
  for (const [option, range] of Object.entries(rule.ranges) as [keyof Options & string, Range][]) {
    const hyper: unknown = option === "weightDecay" ? options.weightDecay.value : options[option];
    const value = valueAt(hyper as Hyper, t);
    const when = typeof hyper === "function" ? ` at step ${t}` : "";
    checkRange(rule.name, option, value, range, when + inGroup(group));
    values[option] = value;
  }
  return values as CompleteValues<Options>;
}

/** Words that place a message; the only group of an optimizer needs none. */
function inGroup(group: string): string {
  return group === DEFAULT_GROUP ? "" : ` in group ${show(group)}`;
}

/** The group of the parameters that no other group names. */
export const DEFAULT_GROUP = "default";
