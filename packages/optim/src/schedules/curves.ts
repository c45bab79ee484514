import { cos } from "../elementary.ts";
import { OptionError } from "../errors.ts";
import { checkKeys } from "../optionKeys.ts";
import { pow } from "../pow.ts";
import { aboveZero, atLeastZero, checkRange, show } from "../range.ts";

/** From `start` to `end`, where `p` in [0, 1] says how much of the way is done. */
export type Curve = (start: number, end: number, p: number) => number;

export const linearCurve: Curve = (start, end, p) => start + (end - start) * p;
export const cosineCurve: Curve = (start, end, p) => end + ((start - end) / 2) * (1 + cos(Math.PI * p));
const exponentialCurve: Curve = (start, end, p) => start * pow(end / start, p);

/** A value that moves: along a straight line unless `curve` says otherwise. */
export interface Ramp {
  readonly start: number;
  /** Default 0. */
  readonly end?: number;
  /**
   * - `linear`        start + (end − start)·p
   * - `cosine`        end + (start − end)·(1 + cos πp)/2
   * - `exponential`   start·(end/start)^p, which needs both above 0
   * - `polynomial`    end + (start − end)·(1 − p)^power
   */
  readonly curve?: "linear" | "cosine" | "exponential" | "polynomial";
  /** Of the polynomial. Default 1. */
  readonly power?: number;
}

/** A ramp that was checked, with nothing left open. */
export interface CompleteRamp {
  readonly start: number;
  readonly end: number;
  readonly curve: Curve;
}

/**
 * @param context  follows a value in a message, such as ` in phase 2`
 * @param more     names that the object may have beside those of a ramp
 */
export function completeRamp(where: string, ramp: Ramp, context: string, more: readonly string[] = []): CompleteRamp {
  checkKeys(where, ramp, ["start", "end", "curve", "power", ...more], `the values${context}`);
  const { start, end = 0, curve = "linear", power = 1 } = ramp;
  const range = curve === "exponential" ? { ...aboveZero, needs: "a finite number > 0 for an exponential curve" } : atLeastZero;
  checkRange(where, "start", start, range, context);
  checkRange(where, "end", end, range, context);
  checkRange(where, "power", power, aboveZero, context);
  return { start, end, curve: curveOf(where, curve, power, context) };
}

function curveOf(where: string, kind: Ramp["curve"], power: number, context: string): Curve {
  switch (kind) {
    case "linear": return linearCurve;
    case "cosine": return cosineCurve;
    case "exponential": return exponentialCurve;
    case "polynomial": return (start, end, p) => end + (start - end) * pow(1 - p, power);
    default: throw new OptionError(where, "curve", `curve is ${show(kind)}${context}. It needs "linear", "cosine", "exponential" or "polynomial".`);
  }
}
