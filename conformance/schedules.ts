// The conformance kit's vocabulary for schedules, in terms of @llr/optim. Null: not offered.
import type { PhaseValue, Piece, Schedule } from "@llr/optim";
import {
  constant, cosine, cosineAnnealing, cyclic, discriminative, exponential, flatCosine, join, linear, multiply, multiStep, oneCycle, oneCycleFastai, oneCycleOptax, oneCycleSmith, phases, piecewise,
  polynomial, reduceOnPlateau, slantedCycle, slantedTriangular, spread, stepDecay, warmRestarts, warmUp,
} from "@llr/optim";

type Options = Readonly<Record<string, unknown>>;
interface ScheduleSpec { readonly kind: string; readonly variant: string; readonly options: Options; readonly baseLr: number; readonly group: number; readonly steps: number; readonly metrics?: readonly number[] }
interface Curves { readonly lr: Schedule; readonly momentum?: Schedule }
type Make = (options: never, spec: ScheduleSpec) => Curves | Schedule | null;

/** What the kit did not set is left to our defaults. Whether momentum cycles shows in whether the kit asks for it. */
function given<T extends object>(options: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(options).filter(([key, value]) => value !== undefined && value !== null && key !== "cycleMomentum")) as never;
}

/** The kit's pair of momenta is [at the foot, at the top]; a third is where it ends. */
function momenta([foot, top, end = foot]: readonly number[] = [0.95, 0.85]): { baseMomentum: number; maxMomentum: number } {
  if (end !== foot) throw Object.assign(new Error("a cycle whose momentum ends where it did not begin"), { code: "NOT_OFFERED" });
  return { baseMomentum: top, maxMomentum: foot };
}

interface TorchOneCycle { readonly maxLr: number; readonly totalSteps: number; readonly threePhase?: boolean; readonly cycleMomentum?: boolean; readonly pctStart?: number; readonly anneal?: "cos" | "linear"; readonly divFactor?: number; readonly finalDivFactor?: number; readonly baseMomentum?: number; readonly maxMomentum?: number }
interface OptaxOneCycle extends TorchOneCycle { readonly pctFinal?: number }
interface FastaiOneCycle { readonly maxLr: number; readonly totalSteps: number; readonly divFactor?: number; readonly finalDivFactor?: number; readonly pctStart?: number; readonly momentums?: readonly number[] }
interface Fastai07Cycle { readonly lr: number; readonly totalSteps: number; readonly divFactor: number; readonly pct: number; readonly cutDivisor: number; readonly momentums?: readonly number[] }
interface TorchCyclic { readonly baseLr: number; readonly maxLr: number; readonly stepSizeUp?: number; readonly stepSizeDown?: number | null; readonly mode?: string; readonly cycleMomentum?: boolean; readonly gamma?: number; readonly baseMomentum?: number; readonly maxMomentum?: number }
interface Transition { readonly initValue: number; readonly endValue: number; readonly totalSteps: number; readonly transitionBegin?: number; readonly power: number }
interface OptaxExponential { readonly initValue: number; readonly totalSteps: number; readonly decayRate: number; readonly transitionBegin?: number; readonly staircase?: boolean; readonly endValue?: number }
interface WarmupCosine { readonly initValue: number; readonly maxLr: number; readonly warmupSteps: number; readonly decaySteps: number; readonly endValue?: number; readonly exponent?: number }
interface Stairs { readonly initValue: number; readonly boundariesAndScales?: Readonly<Record<string, number>> | null; readonly interpolate: "linear" | "cosine" }
interface Part { readonly kind: string; readonly options: Options }
interface FastaiPhase { readonly pct: number; readonly kind: "linear" | "const" | "cos"; readonly lr: readonly [number, number]; readonly momentum: readonly [number, number] }
interface Fastai07Phase { readonly batches: number; readonly lrDecay: string; readonly lr: readonly [number, number]; readonly momentumDecay: string; readonly momentum: readonly [number, number]; readonly power?: number }

function warmupCosine({ initValue, maxLr, warmupSteps, decaySteps, endValue = 0, exponent }: WarmupCosine): Schedule {
  return warmUp(cosine(given({ start: maxLr, end: endValue, steps: decaySteps - warmupSteps, exponent })), { start: initValue, steps: warmupSteps });
}

const optaxExponential = ({ initValue, totalSteps, decayRate, transitionBegin, staircase, endValue }: OptaxExponential): Schedule =>
  exponential(given({ start: initValue, gamma: decayRate, steps: totalSteps, begin: transitionBegin, staircase, end: endValue }));

/** optax lists boundaries as keys, which an object keeps in numerical order. */
const boundariesOf = ({ boundariesAndScales }: Stairs): { boundaries: number[]; scales: number[] } => ({
  boundaries: Object.keys(boundariesAndScales ?? {}).map(Number),
  scales: Object.values(boundariesAndScales ?? {}),
});

function interpolated(stairs: Stairs): Schedule {
  const { boundaries, scales } = boundariesOf(stairs);
  let value = stairs.initValue;
  const pieces: Piece[] = boundaries.map((until, i) => ({ until, start: value, end: (value *= scales[i]), curve: stairs.interpolate }));
  return pieces.length === 0 ? constant(value) : piecewise(pieces);
}

/** fastai's shares of all steps, for one of the two hyper-parameters. */
function shared(phases: readonly FastaiPhase[], totalSteps: number, what: "lr" | "momentum"): Schedule {
  let share = 0;
  const curves = { linear: "linear", const: "linear", cos: "cosine" } as const;
  return piecewise(phases.map(({ pct, kind, [what]: [start, end] }) => ({ until: (share += pct) * totalSteps, start, end: kind === "const" ? start : end, curve: curves[kind] })));
}

function trainingPhases(list: readonly Fastai07Phase[]): Curves {
  const value = (decay: string, [start, end]: readonly [number, number], power?: number): PhaseValue =>
    decay === "no" ? start : given({ start, end, curve: decay as "linear" | "cosine" | "exponential" | "polynomial", power });
  return phases(list.map(({ batches, lrDecay, lr, momentumDecay, momentum, power }) => ({ steps: batches, lr: value(lrDecay, lr, power), momentum: value(momentumDecay, momentum, power) })));
}

/** Our plateau is told one metric after another; a function of t is made of it by keeping each value. */
function onPlateau(options: Options, { baseLr, metrics = [], steps }: ScheduleSpec): Schedule {
  const { minLr, ...rest } = options as { minLr?: number };
  const plateau = reduceOnPlateau(given({ start: baseLr, min: minLr, ...rest }));
  const values = Array.from({ length: steps }, (_, i) => {
    const value = plateau.value(i);
    if (i < metrics.length) plateau.observe(metrics[i]);
    return value;
  });
  return (t) => values[t];
}

const SCHEDULES: Readonly<Record<string, Make>> = {
  "oneCycle/torch": ({ maxLr, totalSteps, threePhase, ...rest }: TorchOneCycle) => oneCycle(given({ ...rest, peak: maxLr, steps: totalSteps, phases: threePhase ? 3 : 2 })),
  "oneCycle/optax": ({ maxLr, totalSteps, ...rest }: OptaxOneCycle) => oneCycleOptax(given({ ...rest, peak: maxLr, steps: totalSteps })),
  "oneCycle/fastai": ({ maxLr, totalSteps, momentums, ...rest }: FastaiOneCycle) => oneCycleFastai(given({ ...rest, ...momenta(momentums), peak: maxLr, steps: totalSteps })),
  "oneCycle/fastai07": ({ lr, totalSteps, divFactor, pct, momentums }: Fastai07Cycle) => oneCycleSmith({ ...momenta(momentums), peak: lr, steps: totalSteps, divFactor, pctFinal: pct / 100 }),
  "cyclic/torch": ({ baseLr, maxLr, stepSizeUp, stepSizeDown, mode, ...rest }: TorchCyclic) =>
    cyclic(given({ ...rest, base: baseLr, peak: maxLr, stepsUp: stepSizeUp, stepsDown: stepSizeDown, mode: (mode === "exp_range" ? "expRange" : mode) as "triangular" }) as never),
  "slantedTriangular/ulmfit": ({ totalSteps, cutFrac, ratio, maxLr }: { totalSteps: number; cutFrac?: number; ratio?: number; maxLr: number }) =>
    slantedTriangular(given({ peak: maxLr, steps: totalSteps, cutFraction: cutFrac, ratio })),
  "slantedTriangular/fastai07": ({ lr, totalSteps, divFactor, cutDivisor, momentums }: Fastai07Cycle) => slantedCycle({ ...momenta(momentums), peak: lr, steps: totalSteps, divFactor, cutDivisor }),
  "cosineAnnealing/torch": ({ tMax, etaMin }: { tMax: number; etaMin?: number }, { baseLr }) => cosineAnnealing(given({ start: baseLr, end: etaMin, steps: tMax })),
  "cosineWarmRestarts/torch": ({ t0, tMult, etaMin }: { t0: number; tMult?: number; etaMin?: number }, { baseLr }) => warmRestarts(given({ start: baseLr, end: etaMin, period: t0, periodFactor: tMult })),
  "step/torch": ({ stepSize, gamma }: { stepSize: number; gamma?: number }, { baseLr }) => stepDecay(given({ start: baseLr, gamma, steps: stepSize })),
  "multiStep/torch": ({ milestones, gamma }: { milestones: number[]; gamma?: number }, { baseLr }) => multiStep(given({ start: baseLr, milestones, gamma })),
  "exponential/torch": ({ gamma }: { gamma: number }, { baseLr }) => exponential({ start: baseLr, gamma }),
  "polynomial/torch": ({ totalIters = 5, power = 1 }: { totalIters?: number; power?: number }, { baseLr }) => polynomial({ start: baseLr, steps: totalIters, power }),
  "linear/torch": ({ startFactor = 1 / 3, endFactor = 1, totalIters = 5 }: { startFactor?: number; endFactor?: number; totalIters?: number }, { baseLr }) =>
    linear({ start: baseLr * startFactor, end: baseLr * endFactor, steps: totalIters }),
  "constant/torch": ({ factor = 1 / 3, totalIters = 5 }: { factor?: number; totalIters?: number }, { baseLr }) => join([baseLr * factor, baseLr], [totalIters]),
  // Any function of t is a schedule.
  "lambda/torch": ({ factor }: { factor: Schedule }, { baseLr }) => multiply(baseLr, factor),
  "sequential/torch": ({ parts, milestones }: { parts: readonly Part[]; milestones: number[] }, spec) => {
    const schedules = parts.map(({ kind, options }) => schedule({ ...spec, kind, options })?.lr);
    return schedules.every((lr) => lr !== undefined) ? join(schedules, milestones) : null;
  },
  "reduceOnPlateau/torch": onPlateau,
  "phases/fastai": ({ phases: list, totalSteps }: { phases: readonly FastaiPhase[]; totalSteps: number }) => ({ lr: shared(list, totalSteps, "lr"), momentum: shared(list, totalSteps, "momentum") }),
  "phases/fastai07": ({ phases: list }: { phases: readonly Fastai07Phase[] }) => trainingPhases(list),
  "flatCos/fastai": ({ lr, totalSteps, pctStart, finalDivFactor }: { lr: number; totalSteps: number; pctStart?: number; finalDivFactor?: number }) => flatCosine(given({ start: lr, steps: totalSteps, pctStart, finalDivFactor })),
  "sgdr/fastai": ({ cycles, cycleLength, cycleMult = 2, maxLr, totalSteps }: { cycles: number; cycleLength: number; cycleMult?: number; maxLr: number; totalSteps: number }) => {
    const epochs = Array.from({ length: cycles }, (_, i) => cycleLength * cycleMult ** i).reduce((a, b) => a + b, 0);
    return warmRestarts({ start: maxLr, period: (cycleLength * totalSteps) / epochs, periodFactor: cycleMult, cycles });
  },
  "linear/optax": ({ initValue, endValue, totalSteps, transitionBegin = 0 }: Transition) => polynomial({ start: initValue, end: endValue, steps: totalSteps, begin: transitionBegin }),
  "polynomial/optax": ({ initValue, endValue, power, totalSteps, transitionBegin = 0 }: Transition) => polynomial({ start: initValue, end: endValue, power, steps: totalSteps, begin: transitionBegin }),
  "exponential/optax": optaxExponential,
  "cosineDecay/optax": ({ initValue, decaySteps, alpha = 0, exponent }: { initValue: number; decaySteps: number; alpha?: number; exponent?: number }) =>
    cosine(given({ start: initValue, end: alpha * initValue, steps: decaySteps, exponent })),
  "warmupCosine/optax": warmupCosine,
  "warmupExponential/optax": ({ maxLr, warmupSteps, ...rest }: OptaxExponential & { maxLr: number; warmupSteps: number }) =>
    warmUp(optaxExponential({ ...rest, initValue: maxLr }), { start: rest.initValue, steps: warmupSteps }),
  "piecewiseConstant/optax": (stairs: Stairs) => multiStep({ start: stairs.initValue, milestones: boundariesOf(stairs).boundaries, gamma: boundariesOf(stairs).scales }),
  "piecewiseInterpolate/optax": interpolated,
  "sgdr/optax": ({ parts }: { parts: readonly WarmupCosine[] }) => {
    let end = 0;
    return join(parts.map(warmupCosine), parts.slice(0, -1).map(({ decaySteps }) => (end += decaySteps)));
  },
  "discriminative/geometric": ({ start, stop, n }: { start: number; stop: number; n: number }, { group }) => constant(spread(start, stop)({ name: `group ${group}`, index: group, count: n }, 0)),
  "discriminative/ulmfit": ({ lrLast, factor, n }: { lrLast: number; factor: number; n: number }, { group }) => constant(lrLast * discriminative(factor)({ name: `group ${group}`, index: group, count: n }, 0)),
};

export function schedule(spec: ScheduleSpec): Curves | null {
  const made = SCHEDULES[`${spec.kind}/${spec.variant}`]?.(spec.options as never, spec) ?? null;
  return typeof made === "function" ? { lr: made } : made;
}
