import { OptionError } from "./errors.ts";
import { show } from "./show.ts";

/** Names that PyTorch, optax, Keras, timm and fastai have, in lower case without underscores, and ours: the first that the function takes. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  learningrate: "lr start peak", initiallearningrate: "start lr", initvalue: "start", baselr: "start base", startvalue: "start", lr: "start peak", value: "start",
  maxlr: "peak", maxlearningrate: "peak", peakvalue: "peak", peaklr: "peak", peaklearningrate: "peak",
  endvalue: "end", endlr: "end", finallr: "end", etamin: "end", minlr: "min end", endlearningrate: "end",
  totalsteps: "steps", tmax: "steps", stepsize: "steps stepsUp", stepsizeup: "stepsUp", stepsizedown: "stepsDown", totaliters: "steps", decaysteps: "steps", transitionsteps: "steps", warmupsteps: "steps", numsteps: "steps",
  t0: "period", firstdecaysteps: "period", tmult: "periodFactor", tmul: "periodFactor", transitionbegin: "begin", decayrate: "gamma", boundaries: "milestones",
  pct: "pctStart", cutfrac: "cutFraction", annealstrategy: "anneal", threephase: "phases", minmomentum: "baseMomentum",
  betas: "beta1", b1: "beta1", b2: "beta2", epsilon: "eps", rho: "alpha", decay: "weightDecay", wd: "weightDecay", trustcoeff: "trustCoefficient", eta: "trustCoefficient", coeff: "coefficient", trustclip: "mode", decoupleddecay: "decayOrder",
  paramgroups: "groups", clipnorm: "maxNorm", globalclipnorm: "maxNorm", maxgradnorm: "maxNorm", p: "normType", maximise: "maximize",
};

/**
 * Refuses options that are no object, and names that the function does not take: an option that is ignored in silence is a
 * default that nobody asked for. The message says the name here of what other libraries have, or the nearest one.
 */
export function checkKeys(where: string, options: unknown, known: readonly string[], what: string = "the options"): void {
  if (typeof options !== "object" || options === null || Array.isArray(options)) throw new OptionError(where, "options", `${what} are ${show(options)}. It needs an object with some of ${known.join(", ")}.`);
  for (const key of Object.keys(options))
    if (!known.includes(key)) throw new OptionError(where, key, `${key} is not an option.${hint(key, known)} It knows ${known.join(", ")}.`);
}

/** Words on which of the known names may be meant, with a space before them. */
export function hint(key: string, known: readonly string[]): string {
  const letters = plain(key);
  const meant = (Object.hasOwn(ELSEWHERE, letters) ? ELSEWHERE[letters].split(" ") : []).find((name) => known.includes(name));
  if (letters === "betas" && meant !== undefined) return " Here they are beta1 and beta2.";
  if (meant !== undefined) return ` Here it is ${meant}.`;
  const near = nearest(letters, known);
  return near === null ? "" : ` Did you mean ${near}?`;
}

function nearest(letters: string, known: readonly string[]): string | null {
  let best: string | null = null;
  let most = Math.min(2, Math.floor(letters.length / 3));
  for (const name of known) {
    const changes = distance(letters, plain(name));
    if (changes > most || (changes === most && best !== null)) continue;
    [best, most] = [name, changes];
  }
  return best;
}

const plain = (name: string): string => name.toLowerCase().replaceAll(/[_-]/g, "");

/** Letters that are inserted, left out, exchanged for another, or changed places with their neighbour. */
function distance(a: string, b: string): number {
  let [before, last] = [[] as number[], Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? before[j - 2] + 1 : Infinity;
      row.push(Math.min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1), swapped));
    }
    [before, last] = [last, row];
  }
  return last[b.length];
}

/** The entries that are given: `undefined` is not. */
export function givenOf<O extends object>(options: O): O {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as O;
}
