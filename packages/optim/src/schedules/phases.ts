import { OptionError } from "../errors.ts";
import type { Schedule } from "../hyper.ts";
import { named } from "../named.ts";
import { hint } from "../optionKeys.ts";
import { atLeastZero, checkRange, show, wholeSteps } from "../range.ts";
import { completeRamp, type Ramp } from "./curves.ts";
import { join } from "./join.ts";
import { alongPieces } from "./piecewise.ts";

/** What a hyper-parameter does in a phase: it stays, or moves in a straight line, or along a curve, or by the phase's own clock. */
export type PhaseValue = number | readonly [start: number, end: number] | Ramp | Schedule;

/** Its length, and any hyper-parameters of the optimizer that is used. */
export type Phase<Hypers extends string = string> = { readonly steps: number } & { readonly [Hyper in Hypers]?: PhaseValue | undefined };

/**
 * Training phases: a list of how long, and what the hyper-parameters do meanwhile. The result has one schedule for each
 * hyper-parameter named, ready to be spread into an optimizer's options.
 *
 *   0.1                                              stays
 *   [0.1, 1]                                         start + (end − start)·p
 *   { start: 1, end: 0.1, curve: "cosine" }          also exponential and polynomial (with power); end is 0 unless given
 *   oneCycle({ ... }).lr                             a schedule that counts from the beginning of the phase
 *
 * with p = (t − beginning)/steps. A phase owns its first step and not the one after its last: its first step uses its own
 * start value, and its end value is where it would have gone next. A hyper-parameter that a phase does not name stays where
 * the phase before left it, at its end value. After the last phase all end values hold.
 *
 * **Layer groups** have phases of their own: an optimizer's group takes any schedule. **Another optimizer** from some phase
 * on is `inTurn`.
 *
 * @throws OptionError  for no phases, steps that are no whole number >= 1, a hyper-parameter that the first phase does not
 *                      name, a negative value, an exponential to or from 0
 * @see fastai 0.7, sgdr.py: TrainingPhase, DecayScheduler. There a pair without a decay type stays at its start, and a
 *      momentum left out is 0.9
 * @example
 * import { describeGroups, phases, sgd } from "@llr/optim";
 * const plan = phases([
 *   { steps: 4, lr: [0.1, 0.5], momentum: [0.95, 0.85], weightDecay: 1e-4 },
 *   { steps: 2, lr: 0.5 },
 *   { steps: 4, lr: { start: 0.5, curve: "cosine" }, momentum: [0.85, 0.95], weightDecay: 1e-3 },
 * ]);
 * [0, 2, 4, 5, 6, 8, 10].map(plan.lr) // => [0.1, 0.3, 0.5, 0.5, 0.5, 0.25, 0]
 * [0, 4, 5, 6, 8].map(plan.momentum) // => [0.95, 0.85, 0.85, 0.85, 0.90]
 * // The body joins after four steps, at a tenth of the rate.
 * const body = phases([{ steps: 4, lr: 0 }, { steps: 2, lr: 0.05 }, { steps: 4, lr: [0.05, 0] }]);
 * const params = ["conv.weight", "head.weight"].map((name) => ({ name, data: new Float32Array(1), grad: new Float32Array(1) }));
 * const optimizer = sgd(params, { ...plan, groups: [{ params: "conv.*", ...body }] });
 * Array.from({ length: 5 }, () => optimizer.step().map((r) => r.lr)).at(-1) // => [0.05, 0.5]
 */
export function phases<Hypers extends string>(list: readonly Phase<Hypers>[]): { readonly [Hyper in Exclude<Hypers, "steps">]: Schedule } {
  if (!Array.isArray(list)) throw new OptionError("phases", "phases", `the phases are ${show(list)}. It needs a list of them.`);
  if (list.length === 0) throw new OptionError("phases", "phases", "the list of phases is empty. It needs at least one.");
  const ends: number[] = [];
  for (const [i, phase] of (list as readonly Phase[]).entries()) {
    if (typeof phase !== "object" || phase === null) throw new OptionError("phases", "phases", `phase ${i + 1} is ${show(phase)}. It needs an object with steps and hyper-parameters.`);
    for (const key of Object.keys(phase)) refuseMisspelt(key);
    const { steps } = phase;
    checkRange("phases", "steps", steps, wholeSteps, ` in phase ${i + 1}`);
    ends.push((ends.at(-1) ?? 0) + steps);
  }
  const hypers = [...new Set(list.flatMap((phase) => Object.keys(phase)))].filter((key) => key !== "steps");
  const schedules = hypers.map((hyper) => [hyper, scheduleOf(hyper, list as readonly Phase[], ends)]);
  return Object.fromEntries(schedules);
}

/** Hyper-parameters of the optimizers here. Those of an optimizer of your own may have any other name. */
const HYPERS = ["steps", "lr", "momentum", "dampening", "weightDecay", "beta1", "beta2", "eps", "alpha", "rho", "momentumDecay", "lrDecay", "trustCoefficient", "maxGradNorm", "coefficient", "baseLr"];

function refuseMisspelt(key: string): void {
  if (HYPERS.includes(key) || (key.length < 6 && !Object.hasOwn({ betas: 1, wd: 1, decay: 1 }, key))) return;
  const meant = hint(key, HYPERS);
  if (meant !== "") throw new OptionError("phases", key, `${key} is not a hyper-parameter of any optimizer here.${meant}`);
}

function scheduleOf(hyper: string, list: readonly Phase[], ends: readonly number[]): Schedule {
  const parts: Schedule[] = [];
  for (const [i, phase] of list.entries()) {
    const value = phase[hyper];
    if (value === undefined && i === 0) throw new OptionError("phases", hyper, `${hyper} is not given in phase 1. It needs a value there, from which it can stay or move on.`);
    const left = i === 0 ? 0 : parts[i - 1](list[i - 1].steps);
    parts.push(partOf(hyper, value ?? left, phase.steps, i));
  }
  const shown = list.map((phase) => ({ steps: phase.steps, [hyper]: phase[hyper] }));
  return named("phases", [shown], join(parts, ends.slice(0, -1)));
}

/** One phase of one hyper-parameter, on the phase's own clock. */
function partOf(hyper: string, value: PhaseValue, steps: number, index: number): Schedule {
  if (typeof value === "function") return value;
  const context = ` of ${hyper} in phase ${index + 1}`;
  if (typeof value === "number") {
    checkRange("phases", hyper, value, atLeastZero, ` in phase ${index + 1}`);
    return () => value;
  }
  if (typeof value !== "object" || value === null) throw new OptionError("phases", hyper, `${hyper} is ${show(value)} in phase ${index + 1}. It needs a number, a pair, a ramp or a schedule.`);
  const ramp: Ramp = Array.isArray(value) ? { start: value[0], end: value[1] } : (value as Ramp);
  return alongPieces([{ ...completeRamp("phases", ramp, context), until: steps }]);
}
