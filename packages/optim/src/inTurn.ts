import { OptionError, StateError } from "./errors.ts";
import type { Optimizer } from "./optimizer.ts";
import { checkKeys } from "./optionKeys.ts";
import { checkRange, show, wholeSteps } from "./range.ts";
import { checkHeader, type ParamStateDict, type StateDict } from "./stateDict.ts";
import { stateChecks } from "./stateChecks.ts";

export interface Turn {
  /** How many steps it takes before the next one's turn. The last one's turn does not end: leave it out. */
  readonly steps?: number;
  /** Not stepped yet, and in this list only. */
  readonly optimizer: Optimizer;
}

/**
 * Optimizers one after the other, as one: training phases that change the optimizer. Each takes the steps of its turn, on
 * its own clock: its schedules begin at t = 0 with its turn, and its state begins empty. Nothing is carried over from one to
 * the next but the parameters: a momentum buffer and a second moment have no common meaning. They need not have the same
 * parameters, so a body can join a head later.
 *
 * `groups` and `set` are those of the optimizer whose turn it is; state is saved and loaded for all.
 *
 * @throws OptionError  for no turns, steps that are no whole number >= 1, or an optimizer that was stepped before or is
 *                      listed twice
 * @see fastai 0.7, sgdr.py: TrainingPhase's opt_fn, which likewise begins with new state
 * @example
 * import { adamW, inTurn, linear, sgd } from "@llr/optim";
 * const w = { name: "w", data: Float64Array.of(1), grad: Float64Array.of(0.5) };
 * const optimizer = inTurn([
 *   { steps: 2, optimizer: adamW([w], { lr: 0.1, weightDecay: 0 }) },
 *   { optimizer: sgd([w], { lr: linear({ start: 0.4, end: 0, steps: 2 }) }) },
 * ]);
 * [1, 2, 3, 4].map(() => optimizer.step()[0].updateNorm) // => [0.1, 0.1, 0.2, 0.1]
 */
export function inTurn(turns: readonly Turn[]): Optimizer {
  if (!Array.isArray(turns as unknown)) throw new OptionError("inTurn", "turns", `the turns are ${show(turns)}. It needs a list of them.`);
  for (const [i, turn] of turns.entries()) {
    checkKeys("inTurn", turn, ["steps", "optimizer"], `those of turn ${i + 1}`);
    if (typeof turn.optimizer?.step !== "function") throw new OptionError("inTurn", "optimizer", `optimizer ${i + 1} is ${show(turn.optimizer)}. It needs one, such as sgd(params, { lr }).`);
  }
  const name = `inTurn(${turns.map(({ optimizer }) => optimizer.name).join(", ")})`;
  const begins: number[] = [0];
  for (const [i, { steps, optimizer }] of turns.entries()) {
    const isLast = i === turns.length - 1;
    if (!isLast || steps !== undefined) checkRange("inTurn", "steps", steps, wholeSteps, ` of optimizer ${i + 1}`);
    if (!isLast) begins.push(begins[i] + steps!);
    if (optimizer.stepCount !== 0) throw new OptionError("inTurn", "optimizer", `optimizer ${i + 1} has completed ${optimizer.stepCount} steps. It needs one that has not been stepped: its clock starts with its turn.`);
    if (turns.findIndex((turn) => turn.optimizer === optimizer) !== i) throw new OptionError("inTurn", "optimizer", `optimizer ${i + 1} is listed twice. Each turn needs an optimizer of its own.`);
  }
  if (turns.length === 0) throw new OptionError("inTurn", "turns", "the list of optimizers is empty. It needs at least one.");
  const optimizers = turns.map((turn) => turn.optimizer);
  let completed = 0;
  const current = (): Optimizer => optimizers[begins.findLastIndex((begin) => begin <= completed)];

  const whole: Optimizer = {
    name,
    get stepCount() {
      return completed;
    },
    get skippedCount() {
      return optimizers.reduce((count, optimizer) => count + optimizer.skippedCount, 0);
    },
    get nonFinite() {
      return current().nonFinite;
    },
    get groups() {
      return current().groups;
    },
    step(...gradients) {
      const records = current().step(...gradients);
      completed++;
      return records;
    },
    zeroGrad() {
      for (const optimizer of optimizers) optimizer.zeroGrad();
    },
    set: (options, group) => current().set(options, group),
    stateDict() {
      const params = optimizers.flatMap((optimizer, i) => Object.entries(optimizer.stateDict().params).map(([param, state]) => [`${i + 1}/${param}`, state] as const));
      return { version: 1, optimizer: name, step: completed, params: Object.fromEntries(params) };
    },
    loadStateDict(dict) {
      const parts = split(name, dict, optimizers, begins);
      for (const [i, part] of parts.entries()) stateChecks.get(optimizers[i])?.(part);
      const before = optimizers.map((optimizer) => optimizer.stateDict());
      try {
        for (const [i, part] of parts.entries()) optimizers[i].loadStateDict(part);
      } catch (error) {
        // One of another make that refuses: those before it have been written already.
        for (const [i, state] of before.entries()) optimizers[i].loadStateDict(state);
        throw error;
      }
      completed = dict.step;
    },
  };
  stateChecks.set(whole, (dict) => {
    for (const [i, part] of split(name, dict as StateDict, optimizers, begins).entries()) stateChecks.get(optimizers[i])?.(part);
  });
  return whole;
}

/** Each optimizer's own state. Its completed steps follow from the whole's. */
function split(name: string, dict: StateDict, optimizers: readonly Optimizer[], begins: readonly number[]): StateDict[] {
  checkHeader("inTurn", name, dict);
  const stranger = Object.keys(dict.params).find((param) => !optimizers.some((_, i) => param.startsWith(`${i + 1}/`)));
  if (stranger !== undefined) throw new StateError("inTurn", `the state has ${stranger}, which belongs to none of the ${optimizers.length} optimizers. It needs what stateDict() returned.`);
  return optimizers.map((optimizer, i) => {
    const prefix = `${i + 1}/`;
    const own = Object.entries<ParamStateDict>(dict.params).filter(([param]) => param.startsWith(prefix));
    const step = Math.min(Math.max(dict.step - begins[i], 0), (begins[i + 1] ?? Infinity) - begins[i]);
    return { ...dict, optimizer: optimizer.name, step, params: Object.fromEntries(own.map(([param, state]) => [param.slice(prefix.length), state])) };
  });
}
