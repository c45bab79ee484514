/**
 * A hyper-parameter as a function of `t`, the number of completed steps: the first step reads `t = 0`.
 *
 * Pure and defined for every t >= 0. Nothing depends on the order of calls, so a schedule can be drawn, shared between
 * groups and picked up in the middle of a run; schedules that end hold their last value.
 */
export type Schedule = (t: number) => number;

/** A hyper-parameter: a fixed number, or a schedule that is read once before each step. */
export type Hyper = number | Schedule;

export function valueAt(hyper: Hyper, t: number): number {
  return typeof hyper === "function" ? hyper(t) : hyper;
}
